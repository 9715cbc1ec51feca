//! `image_processing`: makes of each upload what the feed shows, and removes what belongs to posts that are gone.

mod context;
mod job;
mod message;
mod record;
mod report;

pub(crate) use context::Context;
pub use job::Job;
pub(crate) use message::ImageMessage;
pub use report::Report;

use serde::Serialize;
use uuid::Uuid;

use self::{
    context::{ClaimedImage, Status},
    job::MAX_UPLOAD_BYTES,
    record::ImageRecord,
};
use super::{Definition, Input};
use crate::{
    base::{Code, Failure, Timestamp},
    notify::Breakers,
    work::{Effect, Reject, Row, Verdict, Work},
};

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct ImageProcessing;

impl Definition for ImageProcessing {
    type Message = ImageMessage;
    type Context = Context;
    type Delivery = Job;
    const READS_ITS_SETTLEMENT: bool = true;
    const NEEDS_PROVIDERS: bool = false;

    fn parse(body: &str, _: Timestamp) -> Result<ImageMessage, Reject> {
        ImageMessage::parse(body)
    }

    fn handle(message: ImageMessage, input: &Input<'_, Context>) -> Work<Job> {
        match message {
            ImageMessage::Process { image_id, revision } => {
                process(image_id, revision, input.context)
            }
            ImageMessage::Remove { removal_id } => remove(removal_id, input.context),
        }
    }

    fn breakers(_: &Context) -> Breakers {
        Breakers::default()
    }
}

/// An upload is processed once. A dead letter that is sent back is processed again.
fn process(image_id: Uuid, revision: u32, context: &Context) -> Work<Job> {
    let Some(image) = context.images.get(&image_id) else {
        return Work::dropped(Code::ImageGone, "its picture no longer exists");
    };
    if image.revision != revision {
        return Work::dropped(Code::ImageGone, "another upload has taken its place");
    }
    match image.status {
        Status::Held | Status::Ready => Work::effects(Vec::new()),
        Status::Pending | Status::Failed => match reason_against(image) {
            Some(failure) => Work {
                effects: vec![Effect::from(&ImageRecord::failed(
                    image_id, revision, &failure,
                ))],
                deliveries: Vec::new(),
                verdict: Some(Verdict::DeadLetter(failure)),
            },
            None => Work {
                effects: Vec::new(),
                deliveries: vec![Job::process(image_id, image, &context.settings)],
                verdict: None,
            },
        },
    }
}

/// Why an upload is not even downloaded.
fn reason_against(image: &ClaimedImage) -> Option<Failure> {
    if image.is_stored == Some(false) {
        let error = "Storage has no such object";
        return Some(Failure::new(Code::UploadGone, error));
    }
    let size_bytes = image.size_bytes.filter(|size| *size > MAX_UPLOAD_BYTES)?;
    let error = format!(
        "too_many_bytes: the file has {size_bytes} bytes; at most {MAX_UPLOAD_BYTES} are allowed"
    );
    Some(Failure::new(Code::ImageRefused, error))
}

fn remove(removal_id: Uuid, context: &Context) -> Work<Job> {
    // It was done before.
    let Some(buckets) = context.removals.get(&removal_id) else {
        return Work::effects(Vec::new());
    };
    Work {
        effects: vec![Effect::from(&Removal { removal_id })],
        deliveries: buckets
            .iter()
            .filter(|(_, paths)| !paths.is_empty())
            .map(|(bucket, paths)| Job::remove(removal_id, bucket, paths))
            .collect(),
        verdict: None,
    }
}

/// Objects that have been removed.
#[derive(Serialize)]
struct Removal {
    removal_id: Uuid,
}

impl Row for Removal {
    const EFFECT: &'static str = "image_removals";
}
