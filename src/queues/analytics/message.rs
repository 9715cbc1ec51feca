//! The message of `analytics`: something happened.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    base::Timestamp,
    queues::MAX_SESSION_ID_CHARS,
    work::{Fields, Metadata, Reject},
};

/// Longest name of an event, in characters.
const MAX_EVENT_CHARS: usize = 64;

/// One event. Its name can be any in `snake_case`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AnalyticsMessage {
    /// What happened.
    pub(crate) event: String,
    /// The post it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) post_id: Option<Uuid>,
    /// The session it happened in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_id: Option<String>,
    /// The signed-in user behind the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile_id: Option<Uuid>,
    /// The count after the event, if it changed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) new_count: Option<i64>,
    /// When it happened.
    pub(crate) timestamp: Timestamp,
    /// Unknown fields.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub(crate) metadata: Metadata,
}

impl AnalyticsMessage {
    /// Parses a body; `now` bounds its timestamp.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str, now: Timestamp) -> Result<Self, Reject> {
        let mut fields = Fields::parse(body)?;
        fields.version_1()?;
        let event = fields.text("event", MAX_EVENT_CHARS)?;
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !event.starts_with(|c: char| c.is_ascii_lowercase()) || !event.chars().all(is_name) {
            return Err(Reject::InvalidField {
                field: "event",
                problem: "is not a snake_case name",
            });
        }
        Ok(Self {
            event,
            post_id: fields.optional_uuid("post_id")?,
            session_id: fields.optional_text("session_id", MAX_SESSION_ID_CHARS)?,
            profile_id: fields.optional_uuid("profile_id")?,
            new_count: fields.optional_integer("new_count", 0..=i64::MAX)?,
            timestamp: fields.timestamp("timestamp", now)?,
            metadata: fields.metadata()?,
        })
    }
}
