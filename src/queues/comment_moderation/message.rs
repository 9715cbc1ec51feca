//! The message of `comment_moderation`: one comment is to be judged.

use uuid::Uuid;

use crate::work::{Fields, Reject};

/// One comment, new or edited. Everything else about it comes with the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CommentMessage {
    /// The comment.
    pub(crate) comment_id: Uuid,
}

impl CommentMessage {
    /// Parses a body.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str) -> Result<Self, Reject> {
        let mut fields = Fields::parse(body)?;
        fields.version_1()?;
        Ok(Self {
            comment_id: fields.uuid("comment_id")?,
        })
    }
}
