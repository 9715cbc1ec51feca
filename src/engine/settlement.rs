//! What the database is told about a batch: one settlement, one transaction.

use super::Lease;
use crate::{base::Failure, work::Effects};

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
