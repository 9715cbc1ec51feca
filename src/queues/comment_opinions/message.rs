//! The message of `comment_opinions`: another service is to be asked about one revision of a comment.

use uuid::Uuid;

use crate::work::{Fields, Reject};

/// One revision of a comment. Everything else about it comes with the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpinionMessage {
    /// The comment.
    pub(crate) comment_id: Uuid,
    /// The revision that was flagged.
    pub(crate) revision: i64,
}

impl OpinionMessage {
    /// Parses a body.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str) -> Result<Self, Reject> {
        let mut fields = Fields::parse(body)?;
        fields.version_1()?;
        Ok(Self {
            comment_id: fields.uuid("comment_id")?,
            revision: fields.integer("revision", 1..=i64::from(i32::MAX))?,
        })
    }
}
