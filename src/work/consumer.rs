//! What the engine asks of the queue that it drains.

use serde_json::value::RawValue;

use super::{Answer, Delivery, Effect, Reject, Work};
use crate::base::{Failure, Timestamp};

/// A queue whose messages are decided here.
pub trait Consumer {
    /// What its messages send out of the database.
    type Delivery: Delivery;

    /// The queue's name in the database.
    fn queue(&self) -> &str;

    /// Reads the context of a claim that holds messages and was made at `now`: what the database adds to
    /// the messages.
    ///
    /// # Errors
    /// A failure `invalid_claim` if the context is not what the queue needs.
    fn open<'a>(
        &'a self,
        now: Timestamp,
        context: Option<&RawValue>,
    ) -> Result<Box<dyn Handler<Self::Delivery> + 'a>, Failure>;
}

/// The decisions about the messages of one claim.
pub trait Handler<D> {
    /// Parses one body and decides what it causes.
    ///
    /// # Errors
    /// A [`Reject`] that says why the body is not a message of this queue.
    fn handle(&self, body: &str) -> Result<Work<D>, Reject>;

    /// Whether a delivery may be begun.
    fn permit(&mut self, delivery: &D) -> Permit;

    /// Takes note of an answer. Returns for how long nothing may be asked of the same provider, if its
    /// circuit breaker is open.
    fn note(&mut self, delivery: &D, answer: &Answer) -> Option<u32>;

    /// What to record about providers, whatever becomes of the messages.
    fn effects(&self) -> Vec<Effect>;

    /// Whether the context of the next claim depends on what this claim's settlement writes, so that
    /// the two must not overlap.
    fn reads_its_settlement(&self) -> bool;
}

/// Whether a delivery may be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permit {
    /// Now.
    Go,
    /// Not yet.
    Wait {
        /// For this long.
        secs: u32,
        /// Why.
        why: Failure,
    },
}
