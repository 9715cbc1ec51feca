//! A notification as the database keeps it for the app.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    base::Timestamp,
    notify::{NotificationType, channels::PlannedDelivery},
    work::Row,
};

/// An event that a person is told of in `notifications`, together with others of its group.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct InAppNotification {
    /// Who sees it.
    pub(crate) recipient_id: Uuid,
    /// What it tells.
    #[serde(rename = "type")]
    pub(crate) kind: NotificationType,
    /// What is told together.
    pub(crate) group: String,
    /// Events do not join a notification of the group that is older than this.
    pub(crate) since: Timestamp,
    /// Who did it, so that they count once.
    pub(crate) actor: Option<String>,
    /// The person whose name the text mentions.
    pub(crate) actor_profile_id: Option<Uuid>,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Whether it takes back what the actor did.
    #[serde(rename = "withdrawn")]
    pub(crate) is_withdrawn: bool,
    /// In the recipient's language, like the texts that follow.
    pub(crate) title: &'static str,
    /// The sentence, by the number of people it is about.
    pub(crate) bodies: &'static [&'static str],
    /// Stands for a name that is not known.
    pub(crate) someone: &'static str,
    /// Where the app shows what it is about.
    pub(crate) url: Option<String>,
    /// What else the app may want to know, a JSON object.
    pub(crate) data: Box<RawValue>,
    /// How it leaves the database, if it becomes a new notification.
    pub(crate) deliveries: Vec<PlannedDelivery>,
}

impl Row for InAppNotification {
    const EFFECT: &'static str = "notifications";
}
