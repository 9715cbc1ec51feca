//! What becomes of a message that is not acknowledged.

use crate::base::Failure;

/// What becomes of a message that is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It failed and becomes visible again after the delay.
    Retry {
        /// Counted from the settlement.
        delay_secs: u32,
        /// What went wrong.
        failure: Failure,
    },
    /// It becomes visible again after the delay and has not failed: it is too early, or what it needs is
    /// unavailable.
    Defer {
        /// Counted from the settlement.
        delay_secs: u32,
        /// What it waits for.
        failure: Failure,
    },
    /// No try can succeed, and there is nothing to keep for a redrive: it is acknowledged, and its reason is
    /// kept in the archive.
    Drop(Failure),
    /// It moves to the dead-letter queue.
    DeadLetter(Failure),
}
