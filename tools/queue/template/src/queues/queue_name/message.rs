//! `queue_name`: something happened to a post.

use uuid::Uuid;

use crate::{
    base::Timestamp,
    work::{Fields, Metadata, Reject},
};

/// One message of the queue.
#[derive(Debug, Clone)]
pub(crate) struct QueueNameMessage {
    /// The post it happened to.
    pub(crate) post_id: Uuid,
    /// When it happened.
    pub(crate) timestamp: Timestamp,
    /// Unknown fields.
    pub(crate) metadata: Metadata,
}

impl QueueNameMessage {
    /// Parses a body; `now` bounds its timestamp.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str, now: Timestamp) -> Result<Self, Reject> {
        let mut fields = Fields::parse_passed_on(body)?;
        fields.version_1()?;
        Ok(Self {
            post_id: fields.uuid("post_id")?,
            timestamp: fields.timestamp("timestamp", now)?,
            metadata: fields.metadata()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POST: &str = "00000000-0000-4000-8000-000000000001";
    const AT: &str = "2026-11-23T12:00:00Z";

    #[test]
    fn a_message_names_its_post_and_time() {
        let at = Timestamp::parse(AT).unwrap();
        let body = format!(r#"{{"post_id":"{POST}","timestamp":"{AT}","source":"web"}}"#);
        let message = QueueNameMessage::parse(&body, at).unwrap();
        assert_eq!(message.post_id.to_string(), POST);
        assert_eq!(message.timestamp, at);
        assert!(!message.metadata.is_empty());
    }

    #[test]
    fn rejects_a_message_without_its_post_or_time() {
        let at = Timestamp::parse(AT).unwrap();
        for (body, field) in [
            (format!(r#"{{"timestamp":"{AT}"}}"#), "post_id"),
            (format!(r#"{{"post_id":"{POST}"}}"#), "timestamp"),
        ] {
            let parsed = QueueNameMessage::parse(&body, at);
            assert_eq!(parsed.unwrap_err(), Reject::MissingField { field });
        }
    }
}
