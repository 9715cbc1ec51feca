//! A notification becomes a row that its recipient sees in the app.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use super::{Effect, InAppNotification};
use crate::message::{Metadata, NotificationMessage};

/// What the app shows a notification from.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    post_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_profile_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_like_count: Option<i64>,
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    metadata: &'a Metadata,
}

pub(super) fn handle(message: NotificationMessage) -> Vec<Effect> {
    let data = Data {
        post_id: message.post_id,
        post_caption: message.post_caption.as_deref(),
        session_id: message.session_id.as_deref(),
        actor_profile_id: message.actor_profile_id,
        new_like_count: message.new_like_count,
        metadata: &message.metadata,
    };
    vec![Effect::NotifyInApp(InAppNotification {
        recipient_id: message.recipient_id,
        kind: message.kind,
        // Only a map with keys that are not text could fail, and there is none in it.
        data: to_raw_value(&data).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        created_at: message.timestamp,
    })]
}
