//! What a message means: one file per queue, each a pure function from a message to effects and
//! deliveries.

use std::borrow::Cow;

use serde_json::value::RawValue;
use time::Date;
use uuid::Uuid;

use crate::{
    channels::Planned,
    context::Context,
    environment::Environment,
    message::{
        AnalyticsMessage, DeliveryMessage, LikeEvent, Metadata, NotificationMessage,
        NotificationType, Reject,
    },
    providers::{Provider, Request},
    retry::Verdict,
    timestamp::Timestamp,
    words::Words,
};

mod analytics;
mod deliveries;
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
    /// Notifications on their way out of the database.
    Deliveries,
}

/// What a message is seen in the light of.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The database's clock.
    pub now: Timestamp,
    /// What the claim says beyond its messages.
    pub context: &'a Context,
    /// What the worker's environment offers.
    pub environment: &'a Environment,
}

impl Queue {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LikeEvents => "like_events",
            Self::Analytics => "analytics",
            Self::Notifications => "notifications",
            Self::Deliveries => "deliveries",
        }
    }

    /// The queue of that name, if it has a handler.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::LikeEvents,
            Self::Analytics,
            Self::Notifications,
            Self::Deliveries,
        ]
        .into_iter()
        .find(|queue| queue.name() == name)
    }

    /// Parses one body and decides what it causes.
    ///
    /// # Errors
    /// A [`Reject`] that says why the body is not a message of this queue.
    pub fn handle(self, body: &str, scene: &Scene<'_>) -> Result<Work, Reject> {
        let now = scene.now;
        let effects = match self {
            Self::LikeEvents => like_events::handle(LikeEvent::parse(body, now)?),
            Self::Analytics => analytics::handle(AnalyticsMessage::parse(body, now)?),
            Self::Notifications => {
                notifications::handle(NotificationMessage::parse(body, now)?, scene)
            }
            Self::Deliveries => {
                return Ok(deliveries::handle(DeliveryMessage::parse(body)?, scene));
            }
        };
        Ok(Work {
            effects,
            ..Work::default()
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
    /// Set where it is not to be done now, or never: the effects then tell of that.
    pub verdict: Option<Verdict>,
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
    /// Put a notification where its recipient sees it, and deliveries of it on their way.
    Notify(InAppNotification),
    /// Write down what became of a delivery.
    RecordDelivery(LedgerEntry),
    /// Forget a device that its provider knows no more.
    RemoveDevice(GoneDevice),
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

/// An event that a person is told of in `notifications`, together with others of its group.
#[derive(Debug, Clone)]
pub struct InAppNotification {
    /// Who sees it.
    pub recipient_id: Uuid,
    /// What it tells.
    pub kind: NotificationType,
    /// What is told together.
    pub group: String,
    /// A notification of the group that is older than this is not joined.
    pub since: Timestamp,
    /// Who did it, so that they count once.
    pub actor: Option<String>,
    /// Whose name the words mention.
    pub actor_profile_id: Option<Uuid>,
    /// When it happened.
    pub at: Timestamp,
    /// Whether it takes back what the actor did.
    pub is_withdrawn: bool,
    /// In the recipient's language.
    pub words: Words,
    /// Where the app shows what it is about.
    pub url: Option<String>,
    /// What else the app may want to know, a JSON object.
    pub data: Box<RawValue>,
    /// If it becomes a new notification: how it leaves the database.
    pub deliveries: Vec<Planned>,
}

/// What becomes of a row of the ledger of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The row.
    pub id: Uuid,
    /// Where it stands.
    pub status: LedgerStatus,
    /// Why, where it was not sent.
    pub reason: Option<Cow<'static, str>>,
    /// Who was asked.
    pub provider: Option<Provider>,
    /// What they call it.
    pub message_id: Option<String>,
    /// Whether it may have been sent nevertheless: should it be tried again, that may be a repeat.
    pub is_uncertain: bool,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerStatus {
    /// To be tried again.
    Pending,
    /// No answer came: it may have been sent.
    Sending,
    /// The provider has it.
    Sent,
    /// Not to be sent.
    Skipped,
    /// Given up.
    Failed,
}

impl LedgerStatus {
    /// Its name in the ledger.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// A device to be forgotten, if it still is what its provider refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneDevice {
    /// Whose.
    pub recipient_id: Uuid,
    /// `None` is the token in the profile itself.
    pub device_id: Option<Uuid>,
    /// What the provider refused.
    pub token: String,
}

/// One HTTP request to a provider outside.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What is asked of whom, under an idempotency key that is the same for every try.
    pub request: Request,
    /// Its row in the ledger, where it has one.
    pub ledger: Option<Uuid>,
    /// The device that it goes to.
    pub gone_device: Option<GoneDevice>,
}
