//! The message of `notifications`: someone is to be notified.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    base::{Timestamp, excerpt},
    notify::{Decision, NotificationType},
    queues::{CAPTION_EXCERPT_CHARS, MAX_SESSION_ID_CHARS},
    work::{Fields, Metadata, Reject},
};

/// One notification for one recipient.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NotificationMessage {
    /// What it is about.
    #[serde(rename = "type")]
    pub(crate) kind: NotificationType,
    /// The recipient.
    pub(crate) recipient_id: Uuid,
    /// The post it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) post_id: Option<Uuid>,
    /// The start of the post's caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) post_caption: Option<String>,
    /// The comment it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comment_id: Option<Uuid>,
    /// The start of the comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comment: Option<String>,
    /// The decision of moderation about the comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<Decision>,
    /// The revision of the comment that was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<i64>,
    /// The session that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_id: Option<String>,
    /// The signed-in user that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) actor_profile_id: Option<Uuid>,
    /// The post's likes after the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) new_like_count: Option<i64>,
    /// Whether it withdraws an earlier notification: the like was taken back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) withdrawn: bool,
    /// When it happened.
    pub(crate) timestamp: Timestamp,
    /// Unknown fields.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub(crate) metadata: Metadata,
}

impl NotificationMessage {
    /// Parses a body; `now` bounds its timestamp.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str, now: Timestamp) -> Result<Self, Reject> {
        let mut fields = Fields::parse(body)?;
        fields.version_1()?;
        let name = fields.text("type", usize::MAX)?;
        let kind: NotificationType = name.parse().map_err(|_| Reject::UnknownType {
            field: "type",
            found: excerpt(&name, 32),
        })?;
        let recipient_id = fields.uuid("recipient_id")?;
        let post_id = fields.optional_uuid("post_id")?;
        if kind.is_about_a_post() && post_id.is_none() {
            return Err(Reject::MissingField { field: "post_id" });
        }
        let comment_id = fields.optional_uuid("comment_id")?;
        if kind == NotificationType::CommentModerated && comment_id.is_none() {
            return Err(Reject::MissingField {
                field: "comment_id",
            });
        }
        let decision = match fields.optional_text("decision", usize::MAX)? {
            None if kind == NotificationType::CommentModerated => {
                return Err(Reject::MissingField { field: "decision" });
            }
            None => None,
            Some(name) => Some(name.parse().map_err(|_| Reject::InvalidField {
                field: "decision",
                problem: "is not approved, flagged or rejected",
            })?),
        };
        Ok(Self {
            kind,
            recipient_id,
            post_id,
            post_caption: fields.optional_excerpt("post_caption", CAPTION_EXCERPT_CHARS)?,
            comment_id,
            comment: fields.optional_excerpt("comment", CAPTION_EXCERPT_CHARS)?,
            decision,
            revision: fields.optional_integer("revision", 1..=i64::MAX)?,
            session_id: fields.optional_text("session_id", MAX_SESSION_ID_CHARS)?,
            actor_profile_id: fields.optional_uuid("actor_profile_id")?,
            new_like_count: fields.optional_integer("new_like_count", 0..=i64::MAX)?,
            withdrawn: fields.flag("withdrawn")?,
            timestamp: fields.timestamp("timestamp", now)?,
            metadata: fields.metadata()?,
        })
    }
}
