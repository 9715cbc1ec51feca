//! The message of `like_events`: someone liked a post, or took the like back.

use uuid::Uuid;

use crate::{
    base::{Timestamp, excerpt},
    queues::{CAPTION_EXCERPT_CHARS, MAX_SESSION_ID_CHARS},
    work::{Fields, Metadata, Reject},
};

/// What happened to the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LikeEventType {
    /// A like was added.
    Like,
    /// A like was removed.
    Unlike,
}

impl LikeEventType {
    /// Its name in messages and in analytics.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Like => "like",
            Self::Unlike => "unlike",
        }
    }

    /// The change of the post's likes.
    #[must_use]
    pub(crate) fn value(self) -> i64 {
        match self {
            Self::Like => 1,
            Self::Unlike => -1,
        }
    }
}

/// One toggle of a like.
#[derive(Debug, Clone)]
pub(crate) struct LikeEvent {
    /// Like or unlike.
    pub(crate) event_type: LikeEventType,
    /// The post.
    pub(crate) post_id: Uuid,
    /// The owner of the post, if it has one.
    pub(crate) post_owner_id: Option<Uuid>,
    /// The start of the post's caption.
    pub(crate) post_caption: Option<String>,
    /// The session that toggled.
    pub(crate) liker_session_id: String,
    /// The signed-in user behind the session.
    pub(crate) liker_profile_id: Option<Uuid>,
    /// The post's likes after the toggle.
    pub(crate) new_like_count: i64,
    /// When it was toggled.
    pub(crate) timestamp: Timestamp,
    /// Unknown fields.
    pub(crate) metadata: Metadata,
}

impl LikeEvent {
    /// Parses a body; `now` bounds its timestamp.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str, now: Timestamp) -> Result<Self, Reject> {
        let mut fields = Fields::parse_passed_on(body)?;
        fields.version_1()?;
        let name = fields.text("event_type", usize::MAX)?;
        let event_type = match name.as_str() {
            "like" => LikeEventType::Like,
            "unlike" => LikeEventType::Unlike,
            other => {
                return Err(Reject::UnknownType {
                    field: "event_type",
                    found: excerpt(other, 32),
                });
            }
        };
        if fields.integer("event_value", -1..=1)? != event_type.value() {
            return Err(Reject::InvalidField {
                field: "event_value",
                problem: "does not belong to the event type",
            });
        }
        Ok(Self {
            event_type,
            post_id: fields.uuid("post_id")?,
            post_owner_id: fields.optional_uuid("post_owner_id")?,
            post_caption: fields.optional_excerpt("post_caption", CAPTION_EXCERPT_CHARS)?,
            liker_session_id: fields.text("liker_session_id", MAX_SESSION_ID_CHARS)?,
            liker_profile_id: fields.optional_uuid("liker_profile_id")?,
            new_like_count: fields.integer("new_like_count", 0..=i64::MAX)?,
            timestamp: fields.timestamp("timestamp", now)?,
            metadata: fields.metadata()?,
        })
    }
}
