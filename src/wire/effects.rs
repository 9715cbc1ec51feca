//! The effects of a settlement, as the database reads them.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    channels::Skip,
    handlers::InAppNotification,
    message::{AnalyticsMessage, Metadata, NotificationMessage},
    providers::Provider,
    settlement::Effects,
    timestamp::Timestamp,
};

#[derive(Serialize)]
pub(super) struct EffectsWire<'a> {
    #[serde(skip_serializing_if = "EnqueueWire::is_empty")]
    enqueue: EnqueueWire<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    analytics_events: Vec<AnalyticsEventWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    analytics_daily: Vec<DailyCounterWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trending: Vec<TrendingHourWire>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notifications: Vec<NotificationWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deliveries: Vec<LedgerWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gone_devices: Vec<GoneDeviceWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    breakers: Vec<BreakerWire<'a>>,
}

impl EffectsWire<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.enqueue.is_empty()
            && self.analytics_events.is_empty()
            && self.analytics_daily.is_empty()
            && self.trending.is_empty()
            && self.notifications.is_empty()
            && self.deliveries.is_empty()
            && self.gone_devices.is_empty()
            && self.breakers.is_empty()
    }
}

#[derive(Serialize)]
struct EnqueueWire<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    analytics: &'a [&'a AnalyticsMessage],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notifications: &'a [&'a NotificationMessage],
}

impl EnqueueWire<'_> {
    fn is_empty(&self) -> bool {
        self.analytics.is_empty() && self.notifications.is_empty()
    }
}

#[derive(Serialize)]
struct AnalyticsEventWire<'a> {
    event_type: &'a str,
    post_id: Option<Uuid>,
    session_id: Option<&'a str>,
    profile_id: Option<Uuid>,
    metadata: &'a Metadata,
    created_at: Timestamp,
}

#[derive(Serialize)]
struct DailyCounterWire<'a> {
    day: String,
    event_type: &'a str,
    post_id: Option<Uuid>,
    count: u64,
}

#[derive(Serialize)]
struct TrendingHourWire {
    post_id: Uuid,
    hour: Timestamp,
    weight: i64,
    gain: i64,
    likes: i64,
}

#[derive(Serialize)]
struct NotificationWire<'a> {
    recipient_id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    group: &'a str,
    since: Timestamp,
    actor: Option<&'a str>,
    actor_profile_id: Option<Uuid>,
    at: Timestamp,
    withdrawn: bool,
    title: &'a str,
    bodies: &'a [&'a str],
    someone: &'a str,
    url: Option<&'a str>,
    data: &'a RawValue,
    deliveries: Vec<PlannedWire>,
}

#[derive(Serialize)]
struct PlannedWire {
    channel: &'static str,
    device_id: Option<Uuid>,
    delay_secs: u32,
    skipped: Option<&'static str>,
}

#[derive(Serialize)]
struct LedgerWire<'a> {
    id: Uuid,
    status: &'static str,
    reason: Option<&'a str>,
    provider: Option<&'static str>,
    provider_message_id: Option<&'a str>,
    is_uncertain: bool,
}

#[derive(Serialize)]
struct GoneDeviceWire<'a> {
    recipient_id: Uuid,
    device_id: Option<Uuid>,
    token: &'a str,
}

#[derive(Serialize)]
struct BreakerWire<'a> {
    provider: &'static str,
    version: i64,
    failures: u32,
    trips: u32,
    open_secs: Option<u32>,
    reason: Option<&'a str>,
}

impl<'a> From<&'a InAppNotification> for NotificationWire<'a> {
    fn from(notification: &'a InAppNotification) -> Self {
        let deliveries = notification.deliveries.iter();
        Self {
            recipient_id: notification.recipient_id,
            kind: notification.kind.name(),
            group: &notification.group,
            since: notification.since,
            actor: notification.actor.as_deref(),
            actor_profile_id: notification.actor_profile_id,
            at: notification.at,
            withdrawn: notification.is_withdrawn,
            title: notification.words.title,
            bodies: notification.words.bodies,
            someone: notification.words.someone,
            url: notification.url.as_deref(),
            data: &notification.data,
            deliveries: deliveries
                .map(|planned| PlannedWire {
                    channel: planned.channel.name(),
                    device_id: planned.device_id,
                    delay_secs: planned.delay_secs,
                    skipped: planned.skipped.map(Skip::name),
                })
                .collect(),
        }
    }
}

impl<'a> From<&'a Effects<'a>> for EffectsWire<'a> {
    fn from(effects: &'a Effects<'a>) -> Self {
        Self {
            enqueue: EnqueueWire {
                analytics: &effects.enqueue_analytics,
                notifications: &effects.enqueue_notifications,
            },
            analytics_events: effects
                .analytics_events
                .iter()
                .map(|event| AnalyticsEventWire {
                    event_type: &event.event_type,
                    post_id: event.post_id,
                    session_id: event.session_id.as_deref(),
                    profile_id: event.profile_id,
                    metadata: &event.metadata,
                    created_at: event.created_at,
                })
                .collect(),
            analytics_daily: effects
                .analytics_daily
                .iter()
                .map(|(counter, count)| DailyCounterWire {
                    day: counter.day.to_string(),
                    event_type: &counter.event_type,
                    post_id: counter.post_id,
                    count: *count,
                })
                .collect(),
            trending: effects
                .trending
                .iter()
                .map(|(hour, trend)| TrendingHourWire {
                    post_id: hour.post_id,
                    hour: hour.hour,
                    weight: trend.weight,
                    gain: trend.gain,
                    likes: trend.likes,
                })
                .collect(),
            notifications: effects.notifications.iter().map(|n| (*n).into()).collect(),
            deliveries: effects
                .deliveries
                .iter()
                .map(|entry| LedgerWire {
                    id: entry.id,
                    status: entry.status.name(),
                    reason: entry.reason.as_deref(),
                    provider: entry.provider.map(Provider::name),
                    provider_message_id: entry.message_id.as_deref(),
                    is_uncertain: entry.is_uncertain,
                })
                .collect(),
            gone_devices: effects
                .gone_devices
                .iter()
                .map(|device| GoneDeviceWire {
                    recipient_id: device.recipient_id,
                    device_id: device.device_id,
                    token: &device.token,
                })
                .collect(),
            breakers: effects
                .breakers
                .iter()
                .map(|change| BreakerWire {
                    provider: change.provider.name(),
                    version: change.version,
                    failures: change.failures,
                    trips: change.trips,
                    open_secs: change.open_secs,
                    reason: change.reason.as_deref(),
                })
                .collect(),
        }
    }
}
