//! What becomes of a picture's row.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    base::{Code, Failure},
    work::Row,
};

/// What became of one upload.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ImageRecord {
    image_id: Uuid,
    revision: u32,
    /// Its variants and what is known of it; `None` if it has none.
    picture: Option<Box<RawValue>>,
    /// Why it has none: for programs, and in words for the person who uploaded it.
    reason: Option<String>,
    error: Option<String>,
}

impl Row for ImageRecord {
    const EFFECT: &'static str = "post_images";
}

impl ImageRecord {
    pub(super) fn processed(image_id: Uuid, revision: u32, picture: Box<RawValue>) -> Self {
        Self {
            image_id,
            revision,
            picture: Some(picture),
            reason: None,
            error: None,
        }
    }

    /// What a person is told about a failure. How Storage failed is for operators, in the dead letter.
    pub(super) fn failed(image_id: Uuid, revision: u32, failure: &Failure) -> Self {
        let refused = (failure.code == Code::ImageRefused)
            .then(|| failure.error.split_once(": "))
            .flatten();
        let (reason, error) = match refused {
            Some((reason, error)) => (reason.to_owned(), error.to_owned()),
            None => (failure.code.to_string(), in_words(failure.code).to_owned()),
        };
        Self {
            image_id,
            revision,
            picture: None,
            reason: Some(reason),
            error: Some(error),
        }
    }
}

fn in_words(code: Code) -> &'static str {
    if code == Code::UploadGone {
        "the upload is no longer there; please upload the picture again"
    } else {
        "the picture could not be processed; please upload it again later"
    }
}
