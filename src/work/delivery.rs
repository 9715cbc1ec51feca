//! What the engine asks of a delivery.

use super::{Answer, Effect, Verdict};
use crate::base::Failure;

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
