//! What a claim of `deliveries` knows beyond its messages: their rows in the ledger with what is to be
//! told, to whom and where, and the providers' circuit breakers.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    base::json::{FromJson, Object, Problem},
    notify::{
        BreakerState, DeliveryStatus, QuietHours, Settings, TimeOfDay,
        providers::{Channel, Device},
    },
};

/// The context of one claim.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    pub(crate) settings: Settings,
    /// The rows that the claimed messages name; those that do not exist are missing.
    pub(crate) deliveries: BTreeMap<Uuid, ClaimedDelivery>,
    pub(crate) breakers: Vec<BreakerState>,
}

/// One row of the ledger of deliveries, claimed together with its message.
#[derive(Debug, Clone)]
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
    /// Where to, for a push; `None` if the device is gone.
    pub(crate) device: Option<ClaimedDevice>,
}

/// A device with its secrets.
#[derive(Debug, Clone)]
pub(crate) struct ClaimedDevice {
    /// `None` is the token in the profile itself.
    pub(crate) id: Option<Uuid>,
    /// What its provider needs to know.
    pub(crate) device: Device,
}

/// A notification as its recipient sees it in the app.
#[derive(Debug, Clone)]
pub(crate) struct Notification {
    /// Its row.
    pub(crate) id: Uuid,
    /// What it tells.
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
#[derive(Debug, Clone)]
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

impl FromJson for Context {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            settings: fields.get_or("settings", Settings::default())?,
            deliveries: fields.get_or("deliveries", BTreeMap::new())?,
            breakers: fields.get_or("breakers", Vec::new())?,
        })
    }
}

impl FromJson for ClaimedDelivery {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            status: fields.get("status")?,
            channel: fields.get("channel")?,
            age_secs: fields.get("age_secs")?,
            notification: fields.get("notification")?,
            recipient: fields.get("recipient")?,
            device: fields.get("device")?,
        })
    }
}

impl FromJson for ClaimedDevice {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            id: fields.get("id")?,
            device: Device {
                provider: fields.get("provider")?,
                token: fields.get("token")?,
                p256dh: fields.get("p256dh")?,
                auth: fields.get("auth")?,
            },
        })
    }
}

impl FromJson for Notification {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            id: fields.get("id")?,
            kind: fields.get("type")?,
            title: fields.get("title")?,
            body: fields.get("body")?,
            url: fields.get("url")?,
            data: fields.get("data")?,
            is_read: fields.get("is_read")?,
            is_withdrawn: fields.get("is_withdrawn")?,
        })
    }
}

impl FromJson for Addressee {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            id: fields.get("id")?,
            language: fields.get("language")?,
            push_notifications: fields.get("push_notifications")?,
            email_notifications: fields.get("email_notifications")?,
            email: fields.get("email")?,
            unsubscribe_token: fields.get("unsubscribe_token")?,
            quiet: fields.get("quiet")?,
            local_time: fields.get("local_time")?,
            sent_last_hour: fields.get("sent_last_hour")?,
        })
    }
}
