//! The messages of `image_processing`.

use uuid::Uuid;

use crate::work::{Fields, Reject};

/// Work with the pictures of a post. Everything else about it comes with the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageMessage {
    /// An upload is to be processed.
    Process {
        /// Its row in `post_images`.
        image_id: Uuid,
        /// Counts the uploads to the same place. A message about an earlier one has nothing to do.
        revision: u32,
    },
    /// Objects in Storage are to be removed.
    Remove {
        /// Its row in `queues.image_removals`.
        removal_id: Uuid,
    },
}

impl ImageMessage {
    /// Parses a body.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str) -> Result<Self, Reject> {
        let mut fields = Fields::parse(body)?;
        fields.version_1()?;
        if let Some(removal_id) = fields.optional_uuid("removal_id")? {
            return Ok(Self::Remove { removal_id });
        }
        let image_id = fields.uuid("image_id")?;
        let revision = fields.integer("revision", 1..=i64::from(i32::MAX))?;
        Ok(Self::Process {
            image_id,
            revision: u32::try_from(revision).unwrap_or(u32::MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-4000-8000-000000000001";

    #[test]
    fn a_message_names_an_upload_or_a_removal() {
        let id = Uuid::try_parse(ID).unwrap();
        for (body, message) in [
            (
                format!(r#"{{"v":1,"image_id":"{ID}","revision":3}}"#),
                ImageMessage::Process {
                    image_id: id,
                    revision: 3,
                },
            ),
            (
                format!(r#"{{"removal_id":"{ID}"}}"#),
                ImageMessage::Remove { removal_id: id },
            ),
        ] {
            assert_eq!(ImageMessage::parse(&body), Ok(message));
        }
    }

    #[test]
    fn rejects_a_message_that_names_neither() {
        for (body, reject) in [
            ("{}".to_owned(), Reject::MissingField { field: "image_id" }),
            (
                format!(r#"{{"image_id":"{ID}"}}"#),
                Reject::MissingField { field: "revision" },
            ),
            (
                format!(r#"{{"image_id":"{ID}","revision":0}}"#),
                Reject::InvalidField {
                    field: "revision",
                    problem: "is out of range",
                },
            ),
        ] {
            assert_eq!(ImageMessage::parse(&body), Err(reject));
        }
    }
}
