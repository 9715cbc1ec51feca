//! The channels of a notification: push at once, email if it is still unread after a delay. The
//! notification in the app does not depend on them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Environment, QuietHours, Skip, TimeOfDay,
    providers::{Channel, PushProvider},
};

/// A delivery to record: to make after a delay, or skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlannedDelivery {
    channel: Channel,
    /// The device of a push; `None` for the token in the profile.
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

/// Whether and when to make a delivery.
enum Plan {
    /// After this many seconds.
    After(u32),
    /// Never.
    Skip(Skip),
}

/// Plans the deliveries of a new notification: one for each device, then one for the email address after
/// the delay. Quiet hours delay both.
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

/// A recipient of notifications.
#[derive(Debug, Clone, Deserialize)]
pub struct Recipient {
    /// The language of the profile.
    pub language: Option<String>,
    /// Whether push notifications are on.
    pub push_notifications: bool,
    /// Whether email notifications are on.
    pub email_notifications: bool,
    /// Whether they have a confirmed address.
    pub has_email: bool,
    /// The devices for pushes.
    #[serde(default)]
    pub devices: Vec<DeviceRef>,
    /// Their quiet hours.
    pub quiet: Option<QuietHours>,
    /// The time of day in their time zone.
    pub local_time: TimeOfDay,
}

/// A device without its token.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct DeviceRef {
    /// `None` is the token in the profile itself.
    pub id: Option<Uuid>,
    /// The provider that reaches it.
    pub provider: PushProvider,
}
