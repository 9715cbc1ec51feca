//! A delivery leaves the database: one request to the provider of one target, unless there is a
//! reason not to make it, or not yet.

use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Delivery, Effect, GoneDevice, LedgerEntry, LedgerStatus, Scene, Work};
use crate::{
    channels::Skip,
    context::{Opened, OpenedStatus},
    email::{self, EmailContent},
    json::{Object, Problem},
    language::Language,
    message::DeliveryMessage,
    outcome::Failure,
    providers::{self, Answer, Channel, EmailTo, Provider, Push, Request},
    retry::Verdict,
};

pub(super) fn handle(message: DeliveryMessage, scene: &Scene<'_>) -> Work {
    let id = message.delivery_id;
    // Without a row the notification, or the person, is gone: there is nobody to tell.
    let Some(opened) = scene.context.deliveries.get(&id) else {
        return Work::default();
    };
    match opened.status {
        OpenedStatus::Sent | OpenedStatus::Skipped => return Work::default(),
        OpenedStatus::Pending | OpenedStatus::Sending | OpenedStatus::Failed => {}
    }
    match prepare(id, opened, scene) {
        Ok(request) => Work {
            effects: Vec::new(),
            deliveries: vec![Delivery {
                request,
                ledger: Some(id),
                gone_device: gone_device(opened),
            }],
            verdict: None,
        },
        Err(NotNow::Skip(skip)) => Work {
            effects: vec![record(id, LedgerStatus::Skipped, Some(skip.name().into()))],
            ..Work::default()
        },
        Err(NotNow::Quiet(delay_secs)) => Work {
            effects: vec![record(
                id,
                LedgerStatus::Pending,
                Some("quiet_hours".into()),
            )],
            verdict: Some(Verdict::Defer {
                delay_secs,
                failure: Failure::new("quiet_hours", "the recipient is not to be disturbed now"),
            }),
            ..Work::default()
        },
        Err(NotNow::Expired(age_secs)) => {
            let hours = age_secs / 3_600;
            let error = [
                "it is ",
                &hours.to_string(),
                " hours old: too late to be told",
            ]
            .concat();
            Work {
                effects: vec![record(
                    id,
                    LedgerStatus::Failed,
                    Some("delivery_expired".into()),
                )],
                verdict: Some(Verdict::DeadLetter(Failure::new("delivery_expired", error))),
                ..Work::default()
            }
        }
        // The device stays: whether it can be reached may be a matter of this worker's settings.
        Err(NotNow::Unusable(failure)) => Work {
            effects: vec![record(id, LedgerStatus::Skipped, Some(failure.code))],
            ..Work::default()
        },
    }
}

/// Why a delivery is not made now.
enum NotNow {
    Skip(Skip),
    Quiet(u32),
    Expired(u32),
    Unusable(Failure),
}

/// The request to make, if it is to be made: what was chosen when the notification was new is judged
/// again by what is known now.
fn prepare(id: Uuid, opened: &Opened, scene: &Scene<'_>) -> Result<Request, NotNow> {
    let (notification, recipient) = (&opened.notification, &opened.recipient);
    let settings = &scene.context.settings;
    if notification.is_withdrawn {
        return Err(NotNow::Skip(Skip::Withdrawn));
    }
    if notification.is_read {
        return Err(NotNow::Skip(Skip::Read));
    }
    let is_wanted = match opened.channel {
        Channel::Push => recipient.push_notifications,
        Channel::Email => recipient.email_notifications,
    };
    if !is_wanted {
        return Err(NotNow::Skip(Skip::PreferenceOff));
    }
    if opened.age_secs > settings.max_age_secs {
        return Err(NotNow::Expired(opened.age_secs));
    }
    let quiet_secs = recipient
        .quiet
        .map_or(0, |quiet| quiet.left_secs(recipient.local_time));
    if quiet_secs > 0 {
        return Err(NotNow::Quiet(quiet_secs));
    }
    if recipient.sent_last_hour >= settings.hourly_caps.of(opened.channel) {
        return Err(NotNow::Skip(Skip::OverHourlyCap));
    }
    match opened.channel {
        Channel::Push => push(id, opened, scene),
        Channel::Email => email(id, opened, scene),
    }
}

fn push(id: Uuid, opened: &Opened, scene: &Scene<'_>) -> Result<Request, NotNow> {
    let notification = &opened.notification;
    let Some(target) = &opened.device else {
        return Err(NotNow::Skip(Skip::DeviceGone));
    };
    if !scene.environment.has(target.device.provider) {
        return Err(NotNow::Skip(Skip::NotConfigured));
    }
    let link = scene.environment.link(notification.url.as_deref());
    let push = Push {
        key: id,
        notification_id: notification.id,
        kind: &notification.kind,
        title: notification.title.as_deref().unwrap_or_default(),
        body: notification.body.as_deref().unwrap_or_default(),
        link: link.as_deref(),
        ttl_secs: scene.context.settings.max_age_secs - opened.age_secs,
        now: scene.now,
    };
    providers::push(&push, &target.device, &scene.environment.web_push_hosts)
        .map_err(NotNow::Unusable)
}

fn email(id: Uuid, opened: &Opened, scene: &Scene<'_>) -> Result<Request, NotNow> {
    let (notification, recipient) = (&opened.notification, &opened.recipient);
    let environment = scene.environment;
    let Some(to) = recipient.email.as_deref() else {
        return Err(NotNow::Skip(Skip::NoAddress));
    };
    let Some(provider) = environment.email_provider() else {
        return Err(NotNow::Skip(Skip::NotConfigured));
    };
    let quote = quote(&notification.data).unwrap_or_default();
    let link = environment.link(notification.url.as_deref());
    let unsubscribe = environment.unsubscribe_link(recipient.unsubscribe_token.as_deref());
    let email = email::render(&EmailContent {
        language: Language::of(recipient.language.as_deref()),
        title: notification.title.as_deref().unwrap_or_default(),
        body: notification.body.as_deref().unwrap_or_default(),
        quote: quote.as_deref(),
        link: link.as_deref(),
        unsubscribe: unsubscribe.as_deref(),
    });
    let to = EmailTo {
        key: id,
        // The host sends none without.
        from: environment.email_from.as_deref().unwrap_or_default(),
        to,
        email: &email,
        unsubscribe: unsubscribe.as_deref(),
    };
    Ok(providers::email(provider, &to))
}

/// What an email quotes.
fn quote(data: &RawValue) -> Result<Option<String>, Problem> {
    let mut fields = Object::parse(data.get())?;
    let comment: Option<String> = fields.get("comment")?;
    Ok(comment.or(fields.get("post_caption")?))
}

fn gone_device(opened: &Opened) -> Option<GoneDevice> {
    opened.device.as_ref().map(|target| GoneDevice {
        recipient_id: opened.recipient.id,
        device_id: target.id,
        token: target.device.token.clone(),
    })
}

fn record(
    id: Uuid,
    status: LedgerStatus,
    reason: Option<std::borrow::Cow<'static, str>>,
) -> Effect {
    Effect::RecordDelivery(LedgerEntry {
        id,
        status,
        reason,
        provider: None,
        message_id: None,
        is_uncertain: false,
    })
}

impl Delivery {
    /// What is to be written down about it, whatever becomes of its message: `verdict` is `None` if the
    /// answer settled it.
    #[must_use]
    pub fn records(&self, answer: &Answer, verdict: Option<&Verdict>) -> Vec<Effect> {
        let Some(id) = self.ledger else {
            return Vec::new();
        };
        let is_uncertain = matches!(
            answer,
            Answer::Transient {
                is_uncertain: true,
                ..
            }
        );
        let (status, failure, message_id) = match (answer, verdict) {
            (Answer::Accepted { message_id }, _) => (LedgerStatus::Sent, None, message_id.clone()),
            (Answer::Gone(failure), _) => (LedgerStatus::Skipped, Some(failure), None),
            (_, Some(Verdict::DeadLetter(failure))) => (LedgerStatus::Failed, Some(failure), None),
            // It may have arrived: until it is settled otherwise, its fate is unknown.
            (Answer::Transient { failure, .. }, _) if is_uncertain => {
                (LedgerStatus::Sending, Some(failure), None)
            }
            (
                Answer::Transient { failure, .. }
                | Answer::Throttled { failure, .. }
                | Answer::Busy { failure, .. }
                | Answer::Rejected(failure)
                | Answer::Misconfigured(failure),
                _,
            ) => (LedgerStatus::Pending, Some(failure), None),
        };
        let mut effects = vec![Effect::RecordDelivery(LedgerEntry {
            id,
            status,
            reason: failure.map(|failure| failure.code.clone()),
            provider: Some(self.provider()),
            message_id,
            is_uncertain,
        })];
        if let (Answer::Gone(_), Some(device)) = (answer, &self.gone_device) {
            effects.push(Effect::RemoveDevice(device.clone()));
        }
        effects
    }

    /// What is to be written down if it is not begun after all.
    #[must_use]
    pub fn not_begun(&self, why: &Failure) -> Option<Effect> {
        self.ledger
            .map(|id| record(id, LedgerStatus::Pending, Some(why.code.clone())))
    }

    /// Who is asked.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.request.provider
    }
}
