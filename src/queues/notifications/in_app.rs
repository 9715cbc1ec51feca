//! The notification in the app.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    base::{Code, Timestamp},
    notify::{NotificationType, channels::PlannedDelivery},
    work::{Needed, Row},
};

/// Why a message to an account that is gone is dropped, whether it was gone before the claim or not.
pub(crate) const RECIPIENT_GONE: &str = "its recipient no longer exists";

/// An event for `notifications`, where it joins the notification of its group.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct InAppNotification {
    /// The recipient.
    pub(crate) recipient_id: Uuid,
    /// Its type.
    #[serde(rename = "type")]
    pub(crate) kind: NotificationType,
    /// The key of events that are one notification.
    pub(crate) group: String,
    /// The event does not join an older notification of its group.
    pub(crate) since: Timestamp,
    /// Who did it; each actor counts once.
    pub(crate) actor: Option<String>,
    /// The name of the actor as the text shows it.
    pub(crate) actor_name: Option<String>,
    /// When the event happened.
    pub(crate) at: Timestamp,
    /// Whether it withdraws what the actor did.
    #[serde(rename = "withdrawn")]
    pub(crate) is_withdrawn: bool,
    /// The title, in the recipient's language like the following texts.
    pub(crate) title: &'static str,
    /// A sentence for each number of people.
    pub(crate) bodies: &'static [&'static str],
    /// Replaces a name that is unknown.
    pub(crate) someone: &'static str,
    /// The path in the app that it is about.
    pub(crate) url: Option<String>,
    /// Further data for the app, a JSON object.
    pub(crate) data: Box<RawValue>,
    /// The deliveries to plan if it becomes a new notification.
    pub(crate) deliveries: Vec<PlannedDelivery>,
}

impl Row for InAppNotification {
    const EFFECT: &'static str = "notifications";

    fn needs(&self) -> Option<Needed> {
        Some(Needed {
            id: self.recipient_id,
            code: Code::RecipientGone,
            error: RECIPIENT_GONE,
        })
    }
}
