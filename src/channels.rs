//! Which ways a notification takes to its recipient: in the app always, by push at once, by email if
//! it is still unread after a while.

use uuid::Uuid;

use crate::{
    context::{Recipient, Settings},
    environment::Environment,
    providers::Channel,
};

/// Why a channel is not used, or a delivery not made. Kept in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Skip {
    /// Its name in the ledger.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreferenceOff => "preference_off",
            Self::NoDevice => "no_device",
            Self::DeviceGone => "device_gone",
            Self::NoAddress => "no_address",
            Self::NotConfigured => "not_configured",
            Self::OverHourlyCap => "over_hourly_cap",
            Self::Read => "read",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A delivery to be recorded: to be made after a while, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
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
pub fn plan(recipient: &Recipient, settings: &Settings, environment: &Environment) -> Vec<Planned> {
    let quiet_secs = recipient
        .quiet
        .map_or(0, |quiet| quiet.left_secs(recipient.local_time));
    let planned = |channel, device_id, delay_secs: u32, skipped| Planned {
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
