//! What the engine asks of the queue that it drains.

use serde_json::value::RawValue;

use super::{Answer, Delivery, Effect, Reject, Work};
use crate::base::{Failure, Timestamp};

/// A queue as the engine sees it.
pub trait Consumer {
    /// The deliveries that its messages cause.
    type Delivery: Delivery;

    /// The queue's name in the database.
    fn queue(&self) -> &str;

    /// Reads the context of a claim that was made at `now` and holds messages: what the database adds to
    /// them.
    ///
    /// # Errors
    /// `invalid_claim` if the context lacks what the queue needs.
    fn open<'a>(
        &'a self,
        now: Timestamp,
        context: Option<&RawValue>,
    ) -> Result<Box<dyn Handler<Self::Delivery> + 'a>, Failure>;

    /// What to record once per run, whatever it claims.
    fn run_effects(&self) -> Vec<Effect>;
}

/// The decisions about the messages of one claim.
pub trait Handler<D> {
    /// Parses one body and decides what it causes.
    ///
    /// # Errors
    /// Why the body is not a message of this queue.
    fn handle(&self, body: &str) -> Result<Work<D>, Reject>;

    /// Whether a delivery may begin.
    fn permit(&mut self, delivery: &D) -> Permit;

    /// Takes note of an answer. Returns how long the provider's circuit breaker stays open, if it is.
    fn note(&mut self, delivery: &D, answer: &Answer) -> Option<u32>;

    /// What to record about providers, whether or not messages are acknowledged.
    fn effects(&self) -> Vec<Effect>;

    /// Whether the context of the next claim depends on this claim's settlement, so that the two must not
    /// overlap.
    fn reads_its_settlement(&self) -> bool;
}

/// Whether a delivery may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permit {
    /// Now.
    Go,
    /// Not yet.
    Wait {
        /// How long.
        secs: u32,
        /// Why.
        why: Failure,
    },
}
