//! `notifications`: somebody is to be told something.

use serde::Serialize;
use uuid::Uuid;

use super::{Fields, Metadata, Reject};
use crate::{
    outcome::excerpt,
    policy::{CAPTION_EXCERPT_CHARS, MAX_SESSION_ID_CHARS},
    timestamp::Timestamp,
};

/// What the recipient is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationType {
    /// Somebody liked the recipient's post.
    NewLike,
    /// Somebody commented on it.
    NewComment,
    /// Somebody follows the recipient.
    NewFollower,
    /// The recipient's own comment was looked at by moderation.
    CommentModerated,
}

/// What moderation decided about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is published.
    Approved,
    /// It waits for a person to look at it.
    Flagged,
    /// It is not published.
    Rejected,
}

impl Decision {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Flagged => "flagged",
            Self::Rejected => "rejected",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Approved, Self::Flagged, Self::Rejected]
            .into_iter()
            .find(|decision| decision.name() == name)
    }
}

impl NotificationType {
    /// Its name in messages and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NewLike => "new_like",
            Self::NewComment => "new_comment",
            Self::NewFollower => "new_follower",
            Self::CommentModerated => "comment_moderated",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [
            Self::NewLike,
            Self::NewComment,
            Self::NewFollower,
            Self::CommentModerated,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }

    /// Whether it is about a post, which it must then name.
    fn is_about_a_post(self) -> bool {
        match self {
            Self::NewLike | Self::NewComment => true,
            Self::NewFollower | Self::CommentModerated => false,
        }
    }
}

/// One notification for one recipient.
#[derive(Debug, Clone, Serialize)]
pub struct NotificationMessage {
    /// What the recipient is told.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// Who is told.
    pub recipient_id: Uuid,
    /// The post it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_id: Option<Uuid>,
    /// The beginning of the post's caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_caption: Option<String>,
    /// The comment it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment_id: Option<Uuid>,
    /// The beginning of the comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What moderation decided about the comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The session that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The signed-in user that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_profile_id: Option<Uuid>,
    /// The post's likes at that moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_like_count: Option<i64>,
    /// Whether it did not last: the like was taken back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// When it happened.
    pub timestamp: Timestamp,
    /// All else.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

impl NotificationMessage {
    /// Parses a body; `now` bounds its timestamp.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub fn parse(body: &str, now: Timestamp) -> Result<Self, Reject> {
        let mut fields = Fields::parse(body)?;
        fields.version_1()?;
        let name = fields.text("type", usize::MAX)?;
        let kind = NotificationType::parse(&name).ok_or_else(|| Reject::Unknown {
            field: "type",
            what: "type",
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
            Some(name) => Some(Decision::parse(&name).ok_or(Reject::InvalidField {
                field: "decision",
                problem: "is neither approved, flagged nor rejected",
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
            session_id: fields.optional_text("session_id", MAX_SESSION_ID_CHARS)?,
            actor_profile_id: fields.optional_uuid("actor_profile_id")?,
            new_like_count: fields.optional_integer("new_like_count", 0..=i64::MAX)?,
            withdrawn: fields.flag("withdrawn")?,
            timestamp: fields.timestamp("timestamp", now)?,
            metadata: fields.metadata()?,
        })
    }
}
