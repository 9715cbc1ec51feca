//! What the engine asks of a delivery.

use super::{Answer, Effect, Verdict};
use crate::base::Failure;

/// The longest that a delivery takes to be answered, or given up by the host.
pub const DELIVERY_TIMEOUT_SECS: u32 = 15;

/// One request that leaves the database.
pub trait Delivery: Clone {
    /// The idempotency key, the same for every try.
    fn key(&self) -> &str;

    /// What to record once it is answered, whatever becomes of its message. `verdict` is `None` if the
    /// answer settles it.
    fn answered(&self, answer: &Answer, verdict: Option<&Verdict>) -> Vec<Effect>;

    /// What to record if it is put off before it is begun.
    fn put_off(&self, why: &Failure) -> Vec<Effect>;
}
