//! What a message means: one file per queue, each a pure function from a message to effects and
//! deliveries.

use serde_json::value::RawValue;
use time::Date;
use uuid::Uuid;

use crate::message::{
    AnalyticsMessage, LikeEvent, Metadata, NotificationMessage, NotificationType, Reject,
};
use crate::timestamp::Timestamp;

mod analytics;
mod like_events;
mod notifications;

/// The queues that this core has a handler for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Likes and unlikes, as the app's transactions record them.
    LikeEvents,
    /// Events to be kept and counted.
    Analytics,
    /// People to be told something.
    Notifications,
}

impl Queue {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LikeEvents => "like_events",
            Self::Analytics => "analytics",
            Self::Notifications => "notifications",
        }
    }

    /// The queue of that name, if it has a handler.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::LikeEvents, Self::Analytics, Self::Notifications]
            .into_iter()
            .find(|queue| queue.name() == name)
    }

    /// Parses one body and decides what it causes.
    ///
    /// # Errors
    /// A [`Reject`] that says why the body is not a message of this queue.
    pub fn handle(self, body: &str, now: Timestamp) -> Result<Work, Reject> {
        let effects = match self {
            Self::LikeEvents => like_events::handle(LikeEvent::parse(body, now)?),
            Self::Analytics => analytics::handle(AnalyticsMessage::parse(body, now)?),
            Self::Notifications => notifications::handle(NotificationMessage::parse(body, now)?),
        };
        Ok(Work {
            effects,
            deliveries: Vec::new(),
        })
    }
}

/// All that a message causes.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// What the settlement writes, exactly once.
    pub effects: Vec<Effect>,
    /// What leaves the database before the settlement, at least once.
    pub deliveries: Vec<Delivery>,
}

/// A change inside the database, applied in the transaction that settles its message.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Send to the queue `analytics`.
    EnqueueAnalytics(AnalyticsMessage),
    /// Send to the queue `notifications`.
    EnqueueNotification(NotificationMessage),
    /// Keep an event.
    RecordEvent(AnalyticsEvent),
    /// Add one to a daily counter.
    CountEvent(DailyCounter),
    /// Add to what moves a post up or down among the trending ones.
    Trend(TrendingHour, Trend),
    /// Put a notification where its recipient sees it.
    NotifyInApp(InAppNotification),
}

/// A row of `analytics_events`.
#[derive(Debug, Clone)]
pub struct AnalyticsEvent {
    /// What happened.
    pub event_type: String,
    /// The post it happened to.
    pub post_id: Option<Uuid>,
    /// The session it happened in.
    pub session_id: Option<String>,
    /// The signed-in user behind the session.
    pub profile_id: Option<Uuid>,
    /// All else.
    pub metadata: Metadata,
    /// When it happened.
    pub created_at: Timestamp,
}

/// The key of one row of `analytics_daily`. Ordered as the settlement writes them: two settlements
/// that share counters lock them in the same order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DailyCounter {
    /// The day in UTC.
    pub day: Date,
    /// What is counted.
    pub event_type: String,
    /// The post it is counted for.
    pub post_id: Option<Uuid>,
}

/// The key of what happened to a post in one hour, ordered as the settlement writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrendingHour {
    /// The post.
    pub post_id: Uuid,
    /// The beginning of the hour.
    pub hour: Timestamp,
}

/// What events add to the score of their post. How it decays is the database's matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trend {
    /// The sum of their weights.
    pub weight: i64,
    /// The sum of their positive weights alone: no score is higher.
    pub gain: i64,
    /// Likes, less the ones taken back.
    pub likes: i64,
}

/// A row of `notifications`.
#[derive(Debug, Clone)]
pub struct InAppNotification {
    /// Who sees it.
    pub recipient_id: Uuid,
    /// What it tells.
    pub kind: NotificationType,
    /// What the app needs to show it, a JSON object.
    pub data: Box<RawValue>,
    /// When it happened.
    pub created_at: Timestamp,
}

/// One HTTP request to a provider outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The same for every try of the same delivery; sent as the `Idempotency-Key` header.
    pub key: String,
    /// Where to.
    pub url: String,
    /// The body, JSON.
    pub body: String,
}
