//! `deliveries`: sends notifications. One message is one request to a provider for one device or address,
//! unless the delivery is skipped or has to wait.

mod context;
mod message;

pub(crate) use context::Context;
pub(crate) use message::DeliveryMessage;

use std::str::FromStr as _;

use serde_json::value::RawValue;
use uuid::Uuid;

use self::context::{ClaimedDelivery, Target};
use super::{Definition, Input};
use crate::{
    base::{
        Code, Failure, Timestamp,
        object::{Malformed, Object},
    },
    notify::{
        Breakers, Delivery, DeliveryStatus, GoneDevice, LedgerEntry, NotificationType, Reason,
        Skip,
        email::{self, EmailContent, Photo, address::deliverable},
        i18n::Language,
        providers::{self, Conversation, Device, EmailTo, Push, RegisteredDevice},
    },
    work::{Effect, Reject, Verdict, Work},
};

/// Where an app has its settings of notifications.
const SETTINGS_PATH: &str = "/settings";

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct Deliveries;

impl Definition for Deliveries {
    type Message = DeliveryMessage;
    type Context = Context;
    type Delivery = Delivery;
    // It counts what was sent within the hour, and reads the breakers.
    const READS_ITS_SETTLEMENT: bool = true;
    const NEEDS_PROVIDERS: bool = true;

    fn parse(body: &str, _: Timestamp) -> Result<DeliveryMessage, Reject> {
        DeliveryMessage::parse(body)
    }

    fn handle(message: DeliveryMessage, input: &Input<'_, Context>) -> Work<Delivery> {
        let id = message.delivery_id;
        // Without a row the notification or the recipient no longer exists.
        let Some(claimed) = input.context.deliveries.get(&id) else {
            let error = "its notification or its recipient no longer exists";
            return Work::dropped(Code::DeliveryGone, error);
        };
        match claimed.status {
            DeliveryStatus::Sent | DeliveryStatus::Skipped => Work::effects(Vec::new()),
            DeliveryStatus::Pending | DeliveryStatus::Sending | DeliveryStatus::Failed => {
                match prepare(id, claimed, input) {
                    Ok(delivery) => Work {
                        effects: Vec::new(),
                        deliveries: vec![delivery],
                        verdict: None,
                    },
                    Err(not_sent) => not_sent.work(id),
                }
            }
        }
    }

    fn breakers(context: &Context) -> Breakers {
        Breakers::new(context.settings.breaker(), &context.breakers)
    }
}

/// Why a delivery is not sent now.
enum NotSent {
    Skip(Skip),
    Quiet { secs: u32 },
    Expired { age_secs: u32 },
    Unusable(Failure),
}

impl NotSent {
    fn work(self, id: Uuid) -> Work<Delivery> {
        let (status, reason, verdict) = match self {
            Self::Skip(skip) => (DeliveryStatus::Skipped, Reason::Skip(skip), None),
            Self::Quiet { secs } => {
                let error = "the quiet hours of the recipient have begun";
                let verdict = Verdict::Defer {
                    delay_secs: secs,
                    failure: Failure::new(Code::QuietHours, error),
                };
                let reason = Reason::Failure(Code::QuietHours);
                (DeliveryStatus::Pending, reason, Some(verdict))
            }
            Self::Expired { age_secs } => {
                let hours = (age_secs / 3_600).to_string();
                let error = ["the delivery is too old: ", &hours, " hours"].concat();
                let verdict = Verdict::DeadLetter(Failure::new(Code::DeliveryExpired, error));
                let reason = Reason::Failure(Code::DeliveryExpired);
                (DeliveryStatus::Failed, reason, Some(verdict))
            }
            // The device is kept, because the settings of this worker may be wrong instead.
            Self::Unusable(failure) => {
                (DeliveryStatus::Skipped, Reason::Failure(failure.code), None)
            }
        };
        Work {
            effects: vec![Effect::from(&LedgerEntry::without_request(
                id, status, reason,
            ))],
            deliveries: Vec::new(),
            verdict,
        }
    }
}

/// The delivery to make. Checks again what was planned when the notification was new.
fn prepare(
    id: Uuid,
    claimed: &ClaimedDelivery,
    input: &Input<'_, Context>,
) -> Result<Delivery, NotSent> {
    let (notification, recipient) = (&claimed.notification, &claimed.recipient);
    let settings = &input.context.settings;
    if notification.is_withdrawn {
        return Err(NotSent::Skip(Skip::Withdrawn));
    }
    if notification.is_read {
        return Err(NotSent::Skip(Skip::Read));
    }
    let target = claimed.target();
    let (is_wanted, hourly_cap) = match target {
        Target::Device(_) => (recipient.push_notifications, settings.hourly_caps.push),
        Target::Email => (recipient.email_notifications, settings.hourly_caps.email),
    };
    if !is_wanted {
        return Err(NotSent::Skip(Skip::PreferenceOff));
    }
    if claimed.age_secs > settings.max_age_secs {
        return Err(NotSent::Expired {
            age_secs: claimed.age_secs,
        });
    }
    let quiet_secs = recipient
        .quiet
        .map_or(0, |quiet| quiet.left_secs(recipient.local_time));
    if quiet_secs > 0 {
        return Err(NotSent::Quiet { secs: quiet_secs });
    }
    if recipient.sent_last_hour >= hourly_cap {
        return Err(NotSent::Skip(Skip::OverHourlyCap));
    }
    match target {
        Target::Device(device) => push(id, claimed, device, input),
        Target::Email => email(id, claimed, input),
    }
}

fn push(
    id: Uuid,
    claimed: &ClaimedDelivery,
    device: Option<&RegisteredDevice>,
    input: &Input<'_, Context>,
) -> Result<Delivery, NotSent> {
    let notification = &claimed.notification;
    let Some(registered) = device else {
        return Err(NotSent::Skip(Skip::DeviceGone));
    };
    if !input.environment.has(registered.provider) {
        return Err(NotSent::Skip(Skip::NotConfigured));
    }
    let device =
        Device::parse(registered, &input.environment.web_push_hosts).map_err(NotSent::Unusable)?;
    let link = input.environment.link(notification.url.as_deref());
    let push = Push {
        key: id,
        notification_id: notification.id,
        kind: &notification.kind,
        title: notification.title.as_deref().unwrap_or_default(),
        body: notification.body.as_deref().unwrap_or_default(),
        link: link.as_deref(),
        ttl_secs: input.context.settings.max_age_secs - claimed.age_secs,
        now: input.now,
    };
    Ok(Delivery {
        request: providers::push(&push, device).map_err(NotSent::Unusable)?,
        id,
        service: claimed.service.clone(),
        device: Some(GoneDevice {
            recipient_id: claimed.recipient.id,
            device_id: registered.id,
            token: registered.token.clone(),
        }),
    })
}

fn email(
    id: Uuid,
    claimed: &ClaimedDelivery,
    input: &Input<'_, Context>,
) -> Result<Delivery, NotSent> {
    let (notification, recipient) = (&claimed.notification, &claimed.recipient);
    let environment = input.environment;
    let Some(to) = recipient.email.as_deref().and_then(deliverable) else {
        return Err(NotSent::Skip(Skip::NoAddress));
    };
    let Some(provider) = environment.email_provider() else {
        return Err(NotSent::Skip(Skip::NotConfigured));
    };
    let comment = comment(&notification.data).unwrap_or_default();
    let about = claimed.about.as_ref();
    let url = about
        .and_then(|about| about.photo.as_ref())
        .and_then(|photo| environment.object_link(&photo.bucket, &photo.path));
    let photo = about
        .and_then(|about| about.photo.as_ref())
        .zip(url.as_deref());
    let link = environment.link(notification.url.as_deref());
    let settings = environment.link(Some(SETTINGS_PATH));
    let unsubscribe = environment.unsubscribe_link(recipient.unsubscribe_token.as_deref());
    let email = email::render(&EmailContent {
        language: Language::of(recipient.language.as_deref()),
        kind: NotificationType::from_str(&notification.kind).ok(),
        title: notification.title.as_deref().unwrap_or_default(),
        body: notification.body.as_deref().unwrap_or_default(),
        comment: comment.as_deref(),
        caption: about.and_then(|about| about.caption.as_deref()),
        photo: photo.map(|(photo, url)| Photo {
            url,
            width: photo.width,
            height: photo.height,
        }),
        may_appeal: about.is_some_and(|about| about.may_appeal),
        link: link.as_deref(),
        settings: settings.as_deref(),
        unsubscribe: unsubscribe.as_deref(),
    });
    let to = EmailTo {
        key: id,
        // Without a sender there is no access to the provider, and nothing is sent.
        from: environment.email_from.as_deref().unwrap_or_default(),
        to: &to,
        email: &email,
        unsubscribe: unsubscribe.as_deref(),
        conversation: about
            .and_then(|about| about.post_id)
            .map(|post| Conversation {
                post,
                recipient: recipient.id,
            }),
    };
    Ok(Delivery {
        request: providers::email(provider, &to),
        id,
        service: String::new(),
        device: None,
    })
}

/// The comment that a notification is about.
fn comment(data: &RawValue) -> Result<Option<String>, Malformed> {
    Object::parse(data.get())?.text("comment")
}
