//! The context of a claim of `deliveries`: the rows of the ledger with their notifications, recipients
//! and devices, and the circuit breakers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::notify::{
    BreakerPolicy, BreakerState, DeliveryStatus, QuietHours, TimeOfDay,
    providers::{Channel, RegisteredDevice},
};

/// The context of one claim.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Context {
    pub(crate) settings: Settings,
    /// The rows that the messages name, as far as they exist.
    pub(crate) deliveries: BTreeMap<Uuid, ClaimedDelivery>,
    pub(crate) breakers: Vec<BreakerState>,
}

/// From `queues.notification_settings`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Settings {
    /// The most deliveries to one person within an hour.
    pub(crate) hourly_caps: HourlyCaps,
    /// An older delivery is dead-lettered.
    pub(crate) max_age_secs: u32,
    breaker_failures: u32,
    breaker_base_secs: u32,
    breaker_cap_secs: u32,
}

/// By channel.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct HourlyCaps {
    pub(crate) push: u32,
    pub(crate) email: u32,
}

impl Settings {
    /// When a circuit breaker opens, and for how long.
    pub(crate) fn breaker(&self) -> BreakerPolicy {
        BreakerPolicy {
            failures: self.breaker_failures,
            base_secs: self.breaker_base_secs,
            cap_secs: self.breaker_cap_secs,
        }
    }
}

/// A row of the ledger, claimed together with its message.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ClaimedDelivery {
    /// Its status before this claim.
    pub(crate) status: DeliveryStatus,
    /// Push or email.
    pub(crate) channel: Channel,
    /// Its age.
    pub(crate) age_secs: u32,
    /// The notification.
    pub(crate) notification: Notification,
    /// The recipient.
    pub(crate) recipient: Addressee,
    device: Option<RegisteredDevice>,
    /// What an email shows of the post and the comment.
    #[serde(default)]
    pub(crate) about: Option<About>,
    /// The push service of a browser, which has a circuit breaker of its own.
    #[serde(default)]
    pub(crate) service: String,
}

/// What an email shows beside the notification, as it is when the email is sent.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct About {
    /// The post, if it still exists.
    pub(crate) post_id: Option<Uuid>,
    /// The caption of the post.
    pub(crate) caption: Option<String>,
    /// Its published picture, if the recipient may see it.
    pub(crate) photo: Option<PublishedPhoto>,
    /// Whether the recipient may appeal against the decision about their comment.
    pub(crate) may_appeal: bool,
}

/// A variant of a picture in a public bucket.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PublishedPhoto {
    pub(crate) bucket: String,
    pub(crate) path: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Where a delivery goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'a> {
    /// To a device; `None` if it is no longer registered.
    Device(Option<&'a RegisteredDevice>),
    /// To the recipient's email address.
    Email,
}

impl ClaimedDelivery {
    pub(crate) fn target(&self) -> Target<'_> {
        match self.channel {
            Channel::Push => Target::Device(self.device.as_ref()),
            Channel::Email => Target::Email,
        }
    }
}

/// A notification in the app.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Notification {
    /// Its row.
    pub(crate) id: Uuid,
    /// Its type.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Its title, in the recipient's language.
    pub(crate) title: Option<String>,
    /// Its text, in the recipient's language.
    pub(crate) body: Option<String>,
    /// The path in the app that it is about.
    pub(crate) url: Option<String>,
    /// Further data, a JSON object.
    pub(crate) data: Box<RawValue>,
    /// Whether it has been read.
    pub(crate) is_read: bool,
    /// Whether it has been withdrawn.
    pub(crate) is_withdrawn: bool,
}

/// The recipient of a delivery.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Addressee {
    /// Their profile.
    pub(crate) id: Uuid,
    /// The language of the profile.
    pub(crate) language: Option<String>,
    /// Whether push notifications are on.
    pub(crate) push_notifications: bool,
    /// Whether email notifications are on.
    pub(crate) email_notifications: bool,
    /// Their confirmed address.
    pub(crate) email: Option<String>,
    /// The token in the links to unsubscribe.
    pub(crate) unsubscribe_token: Option<String>,
    /// Their quiet hours.
    pub(crate) quiet: Option<QuietHours>,
    /// The time of day in their time zone.
    pub(crate) local_time: TimeOfDay,
    /// Deliveries by this channel within the last hour.
    pub(crate) sent_last_hour: u32,
}
