//! What the engine asks of a delivery.

use super::{Answer, Effect, Verdict};
use crate::base::Failure;

/// How long the host waits for the answer to a delivery.
pub const DELIVERY_TIMEOUT_SECS: u32 = 15;

/// One request that leaves the database.
pub trait Delivery: Clone {
    /// The idempotency key, the same for every try.
    fn key(&self) -> &str;

    /// What to record about an answer. `verdict` is what becomes of the message; `None` if the delivery
    /// succeeded.
    fn answered(&self, answer: &Answer, verdict: Option<&Verdict>) -> Vec<Effect>;

    /// What to record if its message is deferred before it begins.
    fn put_off(&self, why: &Failure) -> Vec<Effect>;
}

/// The delivery of a queue whose work stays in the database. It has no values.
#[derive(Debug, Clone)]
pub enum NoDelivery {}

impl Delivery for NoDelivery {
    fn key(&self) -> &str {
        match *self {}
    }

    fn answered(&self, _: &Answer, _: Option<&Verdict>) -> Vec<Effect> {
        match *self {}
    }

    fn put_off(&self, _: &Failure) -> Vec<Effect> {
        match *self {}
    }
}
