//! What the database is told about a batch: one settlement, one transaction.

use std::collections::BTreeMap;

use crate::{
    breaker::BreakerChange,
    handlers::{
        AnalyticsEvent, DailyCounter, Effect, GoneDevice, InAppNotification, LedgerEntry, Trend,
        TrendingHour,
    },
    message::{AnalyticsMessage, NotificationMessage},
    outcome::Failure,
};

/// The fencing token of a claimed message. Whoever claims it again raises `read_ct`, and the
/// settlement of the earlier claim is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease {
    /// The message.
    pub msg_id: i64,
    /// How often it had been claimed, this claim included.
    pub read_ct: u32,
}

/// A message that is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// The message.
    pub lease: Lease,
    /// Invisible for so long, from the settlement on.
    pub delay_secs: u32,
    /// What went wrong.
    pub failure: Failure,
    /// Keys of the deliveries that succeeded and are not to be repeated.
    pub delivered: Vec<String>,
}

/// A message that waits for its time; it has not failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    /// The message.
    pub lease: Lease,
    /// Invisible for so long, from the settlement on.
    pub delay_secs: u32,
    /// What it waits for.
    pub failure: Failure,
    /// Keys of the deliveries that succeeded and are not to be repeated.
    pub delivered: Vec<String>,
}

/// A message that is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message.
    pub lease: Lease,
    /// Why.
    pub failure: Failure,
    /// Keys of the deliveries that succeeded: a redrive does not repeat them.
    pub delivered: Vec<String>,
}

/// The effects of a batch, each kind together, so that the database writes each in one statement.
#[derive(Debug, Clone, Default)]
pub struct Effects<'a> {
    /// Messages for the queue `analytics`.
    pub enqueue_analytics: Vec<&'a AnalyticsMessage>,
    /// Messages for the queue `notifications`.
    pub enqueue_notifications: Vec<&'a NotificationMessage>,
    /// Rows of `analytics_events`.
    pub analytics_events: Vec<&'a AnalyticsEvent>,
    /// What to add to `analytics_daily`, in the order of its keys.
    pub analytics_daily: BTreeMap<&'a DailyCounter, u64>,
    /// What to add to the hours of posts, in the order of their keys.
    pub trending: BTreeMap<&'a TrendingHour, Trend>,
    /// What people are told.
    pub notifications: Vec<&'a InAppNotification>,
    /// What became of deliveries.
    pub deliveries: Vec<&'a LedgerEntry>,
    /// Devices to forget.
    pub gone_devices: Vec<&'a GoneDevice>,
    /// What was learnt about providers.
    pub breakers: Vec<BreakerChange>,
}

impl<'a> Effects<'a> {
    /// Adds one message's effects.
    pub fn extend(&mut self, effects: &'a [Effect]) {
        for effect in effects {
            match effect {
                Effect::EnqueueAnalytics(message) => self.enqueue_analytics.push(message),
                Effect::EnqueueNotification(message) => self.enqueue_notifications.push(message),
                Effect::RecordEvent(event) => self.analytics_events.push(event),
                Effect::CountEvent(counter) => {
                    *self.analytics_daily.entry(counter).or_default() += 1;
                }
                Effect::Trend(hour, trend) => {
                    let sum = self.trending.entry(hour).or_default();
                    sum.weight += trend.weight;
                    sum.gain += trend.gain;
                    sum.likes += trend.likes;
                }
                Effect::Notify(notification) => self.notifications.push(notification),
                Effect::RecordDelivery(entry) => self.deliveries.push(entry),
                Effect::RemoveDevice(device) => self.gone_devices.push(device),
            }
        }
    }
}

/// What becomes of a claim's messages. Each is named once.
#[derive(Debug, Clone, Default)]
pub struct Settlement<'a> {
    /// Its number within the run, from 1. A repetition of the last one is answered, not applied.
    pub seq: u32,
    /// Set on the run's last settlement.
    pub stopped_because: Option<&'static str>,
    /// Done.
    pub acks: Vec<Lease>,
    /// Given back untouched; not a failure.
    pub releases: Vec<Lease>,
    /// To be tried again.
    pub retries: Vec<Retry>,
    /// To wait.
    pub deferrals: Vec<Deferral>,
    /// Given up.
    pub dead_letters: Vec<DeadLetter>,
    /// What the acknowledged messages cause, and what is to be written down about the others.
    pub effects: Effects<'a>,
}

/// The database's answer to a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// All of it is committed.
    Applied {
        /// Visible messages left in the queue, counted up to a bound.
        backlog: u32,
    },
    /// None of it is: these messages belong to another worker by now, or are gone.
    Lost(Vec<i64>),
}
