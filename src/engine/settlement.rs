//! What the database is told about a batch: one settlement, one transaction.

use uuid::Uuid;

use super::Lease;
use crate::{base::Failure, work::Effects};

/// A message that becomes visible again after a delay: one to retry or one to defer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delayed {
    /// The message.
    pub lease: Lease,
    /// Counted from the settlement.
    pub delay_secs: u32,
    /// What went wrong, or what it waits for.
    pub failure: Failure,
    /// Keys of the deliveries that succeeded: the next try does not repeat them.
    pub delivered: Vec<String>,
}

/// A message that moves to the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message.
    pub lease: Lease,
    /// Why.
    pub failure: Failure,
    /// Keys of the deliveries that succeeded: a redrive does not repeat them.
    pub delivered: Vec<String>,
}

/// A message that is acknowledged although nothing was done, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The message.
    pub lease: Lease,
    /// Why.
    pub failure: Failure,
}

/// What becomes of a claim's messages, each named once.
#[derive(Debug, Clone, Default)]
pub struct Settlement<'a> {
    /// Its number within the run, from 1. The database does not apply a number again.
    pub seq: u32,
    /// Why the run ended; set on its last settlement.
    pub stopped_because: Option<&'static str>,
    /// The error that ended the run, if any.
    pub error: Option<Failure>,
    /// Messages to acknowledge.
    pub acks: Vec<Lease>,
    /// Messages to acknowledge with a reason.
    pub drops: Vec<Dropped>,
    /// Messages to release unchanged.
    pub releases: Vec<Lease>,
    /// Messages that failed and are retried.
    pub retries: Vec<Delayed>,
    /// Messages that wait and have not failed.
    pub deferrals: Vec<Delayed>,
    /// Messages to dead-letter.
    pub dead_letters: Vec<DeadLetter>,
    /// The effects of the acknowledged messages, and what to record about the others.
    pub effects: Effects<'a>,
}

/// The database's answer to a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is committed.
    Applied {
        /// Visible messages left in the queue, counted up to a bound.
        backlog: u32,
    },
    /// Nothing is committed: these messages belong to another worker by now, or are gone.
    Lost(Vec<i64>),
    /// Nothing is committed: what effects need was deleted after the claim.
    Gone(Vec<Uuid>),
}
