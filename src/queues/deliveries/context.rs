//! What a claim of `deliveries` knows beyond its messages: their rows in the ledger with what is to be
//! told, to whom and where, and the providers' circuit breakers.

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
    /// The rows that the claimed messages name; those that do not exist are missing.
    pub(crate) deliveries: BTreeMap<Uuid, ClaimedDelivery>,
    pub(crate) breakers: Vec<BreakerState>,
}

/// What `queues.notification_settings` says.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Settings {
    /// The most deliveries to one person within an hour.
    pub(crate) hourly_caps: HourlyCaps,
    /// A delivery that is older than this is given up.
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

/// One row of the ledger of deliveries, claimed together with its message.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ClaimedDelivery {
    /// As it was before this claim.
    pub(crate) status: DeliveryStatus,
    /// Push or email.
    pub(crate) channel: Channel,
    /// How old it is.
    pub(crate) age_secs: u32,
    /// What is to be told.
    pub(crate) notification: Notification,
    /// Whom.
    pub(crate) recipient: Addressee,
    device: Option<RegisteredDevice>,
}

/// Where a delivery goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'a> {
    /// To a device; `None` if it is gone.
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

/// A notification as its recipient sees it in the app.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Notification {
    /// Its row.
    pub(crate) id: Uuid,
    /// What it tells.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Its words, in the recipient's language.
    pub(crate) title: Option<String>,
    /// More of them.
    pub(crate) body: Option<String>,
    /// The place in the app that it is about.
    pub(crate) url: Option<String>,
    /// What else is known.
    pub(crate) data: Box<RawValue>,
    /// Whether it has been read.
    pub(crate) is_read: bool,
    /// Whether what it tells has been taken back.
    pub(crate) is_withdrawn: bool,
}

/// The person a delivery goes to.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Addressee {
    /// Their profile.
    pub(crate) id: Uuid,
    /// As the profile says it.
    pub(crate) language: Option<String>,
    /// Whether they still want pushes.
    pub(crate) push_notifications: bool,
    /// Whether they still want emails.
    pub(crate) email_notifications: bool,
    /// Their address, if it is confirmed.
    pub(crate) email: Option<String>,
    /// What proves that an unsubscription comes from an email of theirs.
    pub(crate) unsubscribe_token: Option<String>,
    /// When they want to be left alone.
    pub(crate) quiet: Option<QuietHours>,
    /// The time of day where they are.
    pub(crate) local_time: TimeOfDay,
    /// What was sent to them by this channel within the last hour.
    pub(crate) sent_last_hour: u32,
}
