//! Which ways a notification takes to its recipient: in the app always, by push at once, by email if
//! it is still unread after a while.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Environment, QuietHours, Skip, TimeOfDay,
    providers::{Channel, PushProvider},
};

/// A delivery to record: to be made after a delay, or skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlannedDelivery {
    channel: Channel,
    /// The device of a push, unless it is the token in the profile.
    device_id: Option<Uuid>,
    delay_secs: u32,
    skipped: Option<Skip>,
}

impl PlannedDelivery {
    fn push(device_id: Option<Uuid>, plan: Plan) -> Self {
        Self::new(Channel::Push, device_id, plan)
    }

    fn email(plan: Plan) -> Self {
        Self::new(Channel::Email, None, plan)
    }

    fn new(channel: Channel, device_id: Option<Uuid>, plan: Plan) -> Self {
        let (delay_secs, skipped) = match plan {
            Plan::After(secs) => (secs, None),
            Plan::Skip(skip) => (0, Some(skip)),
        };
        Self {
            channel,
            device_id,
            delay_secs,
            skipped,
        }
    }
}

/// Whether and when a delivery is to be made.
enum Plan {
    /// After so many seconds.
    After(u32),
    /// Not at all.
    Skip(Skip),
}

/// Chooses the channels of a new notification, in their order: each device that a configured provider
/// reaches, then the address, after the delay. Quiet hours put off both.
#[must_use]
pub fn plan(
    recipient: &Recipient,
    email_delay_secs: u32,
    environment: &Environment,
) -> Vec<PlannedDelivery> {
    let quiet_secs = recipient
        .quiet
        .map_or(0, |quiet| quiet.left_secs(recipient.local_time));
    let mut plan = Vec::with_capacity(recipient.devices.len() + 1);
    if !recipient.push_notifications {
        plan.push(PlannedDelivery::push(None, Plan::Skip(Skip::PreferenceOff)));
    } else if recipient.devices.is_empty() {
        plan.push(PlannedDelivery::push(None, Plan::Skip(Skip::NoDevice)));
    }
    if recipient.push_notifications {
        plan.extend(recipient.devices.iter().map(|device| {
            let plan = match environment.has(device.provider) {
                true => Plan::After(quiet_secs),
                false => Plan::Skip(Skip::NotConfigured),
            };
            PlannedDelivery::push(device.id, plan)
        }));
    }
    plan.push(PlannedDelivery::email(if !recipient.email_notifications {
        Plan::Skip(Skip::PreferenceOff)
    } else if !recipient.has_email {
        Plan::Skip(Skip::NoAddress)
    } else if environment.email_provider().is_none() {
        Plan::Skip(Skip::NotConfigured)
    } else {
        Plan::After(email_delay_secs.max(quiet_secs))
    }));
    plan
}

/// A person who is to be told something.
#[derive(Debug, Clone, Deserialize)]
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
    #[serde(default)]
    pub devices: Vec<DeviceRef>,
    /// When they want to be left alone.
    pub quiet: Option<QuietHours>,
    /// The time of day where they are.
    pub local_time: TimeOfDay,
}

/// A device, without its secrets.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct DeviceRef {
    /// `None` is the token in the profile itself.
    pub id: Option<Uuid>,
    /// Who delivers to it.
    pub provider: PushProvider,
}
