//! What a worker does outside of the database: it processes one upload, or removes objects from Storage.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::{
    context::{ClaimedImage, Settings},
    record::ImageRecord,
};
use crate::{
    base::{Failure, json},
    work::{self, Answer, Effect, Verdict},
};

/// The largest upload. The module of images has the same limit (`src/images/limits.rs`).
pub(super) const MAX_UPLOAD_BYTES: u64 = 20_000_000;
/// How long one request to Storage may take. The lease outlasts a download and the uploads after it
/// (`tests/limits.rs`).
const STORAGE_TIMEOUT: Duration = Duration::from_secs(25);
/// A variant's path has the hash of the upload, so what it holds never changes.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// One job.
#[derive(Debug, Clone)]
pub struct Job {
    key: String,
    task: Task,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "task", rename_all = "snake_case")]
enum Task {
    /// Download an upload, process it, and publish its variants.
    Process {
        #[serde(skip)]
        image_id: Uuid,
        #[serde(skip)]
        revision: u32,
        bucket: String,
        path: String,
        max_bytes: u64,
        options: Options,
        publish: Publish,
        timeout_ms: u64,
    },
    /// Remove objects. Those that are gone already are no error.
    Remove {
        bucket: String,
        paths: Vec<String>,
        timeout_ms: u64,
    },
}

/// What the module of images is asked for.
#[derive(Debug, Clone, Copy, Serialize)]
struct Options {
    location: bool,
    serial_number: bool,
    heic: bool,
}

/// Where variants go.
#[derive(Debug, Clone, Serialize)]
struct Publish {
    bucket: String,
    /// Holds `{sha256}` for the hash of the upload.
    folder: String,
    cache_control: &'static str,
}

impl Job {
    /// Processes an upload. Every try writes the same objects, and nothing else writes them: not another
    /// picture with the same content, nor a later upload to the same place.
    pub(super) fn process(image_id: Uuid, image: &ClaimedImage, settings: &Settings) -> Self {
        let ClaimedImage {
            revision,
            owner_id,
            post_id,
            bucket,
            path,
            ..
        } = image;
        Self {
            key: format!("{image_id}/{revision}"),
            task: Task::Process {
                image_id,
                revision: *revision,
                bucket: bucket.clone(),
                path: path.clone(),
                max_bytes: MAX_UPLOAD_BYTES,
                options: Options {
                    location: settings.keeps_location,
                    serial_number: settings.keeps_serial_number,
                    heic: settings.reads_heic,
                },
                publish: Publish {
                    bucket: settings.images_bucket.clone(),
                    folder: format!("{owner_id}/{post_id}/{{sha256}}/{image_id}.{revision}"),
                    cache_control: CACHE_CONTROL,
                },
                timeout_ms: timeout_ms(),
            },
        }
    }

    /// Removes objects of one bucket.
    pub(super) fn remove(removal_id: Uuid, bucket: &str, paths: &[String]) -> Self {
        Self {
            key: format!("{removal_id}/{bucket}"),
            task: Task::Remove {
                bucket: bucket.to_owned(),
                paths: paths.to_vec(),
                timeout_ms: timeout_ms(),
            },
        }
    }

    /// The job as the host reads it.
    #[must_use]
    pub fn json(&self) -> String {
        json::write(&self.task)
    }

    /// What to record about a picture that has variants.
    fn done(&self, picture: Option<&str>) -> Vec<Effect> {
        match (
            &self.task,
            picture.map(|picture| json::parse(picture.as_bytes())),
        ) {
            (
                Task::Process {
                    image_id, revision, ..
                },
                Some(Ok(picture)),
            ) => vec![Effect::from(&ImageRecord::processed(
                *image_id, *revision, picture,
            ))],
            (Task::Process { .. } | Task::Remove { .. }, _) => Vec::new(),
        }
    }
}

impl work::Delivery for Job {
    fn key(&self) -> &str {
        &self.key
    }

    fn answered(&self, answer: &Answer, verdict: Option<&Verdict>) -> Vec<Effect> {
        let failure = match answer {
            Answer::Accepted { content, .. } => return self.done(content.as_deref()),
            Answer::Throttled { failure, .. }
            | Answer::Busy { failure, .. }
            | Answer::Transient { failure, .. }
            | Answer::Rejected(failure)
            | Answer::Gone(failure)
            | Answer::Misconfigured(failure) => failure,
        };
        match (&self.task, verdict) {
            (
                Task::Process {
                    image_id, revision, ..
                },
                Some(Verdict::DeadLetter(_)),
            ) => vec![Effect::from(&ImageRecord::failed(
                *image_id, *revision, failure,
            ))],
            // Until then it may still succeed.
            (Task::Process { .. } | Task::Remove { .. }, _) => Vec::new(),
        }
    }

    fn put_off(&self, _: &Failure) -> Vec<Effect> {
        Vec::new()
    }
}

fn timeout_ms() -> u64 {
    u64::try_from(STORAGE_TIMEOUT.as_millis()).unwrap_or(u64::MAX)
}
