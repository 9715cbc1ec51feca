//! Which ways a notification takes to its recipient: in the app always, by push at once, by email if
//! it is still unread after a while.

use serde::Serialize;
use serde_json::value::RawValue;
use strum::IntoStaticStr;
use uuid::Uuid;

use super::{
    Environment, QuietHours, Settings, TimeOfDay,
    providers::{Channel, Provider},
};
use crate::base::json::{FromJson, Object, Problem};

/// Why a channel is not used, or a delivery not made. Kept in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Skip {
    /// The person does not want it.
    PreferenceOff,
    /// They have no device.
    NoDevice,
    /// The device is gone.
    DeviceGone,
    /// They have no confirmed address.
    NoAddress,
    /// No secrets are set for a provider of this channel.
    NotConfigured,
    /// They were told enough within this hour.
    OverHourlyCap,
    /// They have seen it in the app.
    Read,
    /// What it told has been taken back.
    Withdrawn,
}

/// A delivery to be recorded: to be made after a while, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlannedDelivery {
    /// By which channel.
    pub channel: Channel,
    /// To which device, where it is not the token in the profile.
    pub device_id: Option<Uuid>,
    /// Not before so long.
    pub delay_secs: u32,
    /// Why not at all.
    pub skipped: Option<Skip>,
}

/// Chooses the channels of a new notification, in their order: each device that a configured provider
/// reaches, then the address. Quiet hours put off both.
#[must_use]
pub fn plan(
    recipient: &Recipient,
    settings: &Settings,
    environment: &Environment,
) -> Vec<PlannedDelivery> {
    let quiet_secs = recipient
        .quiet
        .map_or(0, |quiet| quiet.left_secs(recipient.local_time));
    let planned = |channel, device_id, delay_secs: u32, skipped| PlannedDelivery {
        channel,
        device_id,
        delay_secs: match skipped {
            Some(_) => 0,
            None => delay_secs.max(quiet_secs),
        },
        skipped,
    };
    let mut plan = Vec::with_capacity(recipient.devices.len() + 1);
    if !recipient.push_notifications {
        plan.push(planned(Channel::Push, None, 0, Some(Skip::PreferenceOff)));
    } else if recipient.devices.is_empty() {
        plan.push(planned(Channel::Push, None, 0, Some(Skip::NoDevice)));
    } else {
        plan.extend(recipient.devices.iter().map(|device| {
            let is_configured = environment.has(device.provider);
            let skipped = (!is_configured).then_some(Skip::NotConfigured);
            planned(Channel::Push, device.id, 0, skipped)
        }));
    }
    let skipped = if !recipient.email_notifications {
        Some(Skip::PreferenceOff)
    } else if !recipient.has_email {
        Some(Skip::NoAddress)
    } else if environment.email_provider().is_none() {
        Some(Skip::NotConfigured)
    } else {
        None
    };
    plan.push(planned(
        Channel::Email,
        None,
        settings.email_delay_secs,
        skipped,
    ));
    plan
}

/// A person who is to be told something.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// As the profile says it.
    pub language: Option<String>,
    /// Whether they want pushes.
    pub push_notifications: bool,
    /// Whether they want emails.
    pub email_notifications: bool,
    /// Whether they have an address that is confirmed.
    pub has_email: bool,
    /// Where pushes go.
    pub devices: Vec<DeviceRef>,
    /// When they want to be left alone.
    pub quiet: Option<QuietHours>,
    /// The time of day where they are.
    pub local_time: TimeOfDay,
}

/// A device, without its secrets.
#[derive(Debug, Clone, Copy)]
pub struct DeviceRef {
    /// `None` is the token in the profile itself.
    pub id: Option<Uuid>,
    /// Who delivers to it.
    pub provider: Provider,
}

impl FromJson for Recipient {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            language: fields.get("language")?,
            push_notifications: fields.get("push_notifications")?,
            email_notifications: fields.get("email_notifications")?,
            has_email: fields.get("has_email")?,
            devices: fields.get_or("devices", Vec::new())?,
            quiet: fields.get("quiet")?,
            local_time: fields.get("local_time")?,
        })
    }
}

impl FromJson for DeviceRef {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            id: fields.get("id")?,
            provider: fields.get("provider")?,
        })
    }
}
