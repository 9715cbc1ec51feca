//! What a queue allows.

use serde::Deserialize;

use crate::work::DELIVERY_TIMEOUT_SECS;

/// Most messages in one claim.
pub(super) const MAX_BATCH_SIZE: u32 = 1_000;
/// Most deliveries that a run makes at a time.
pub(super) const MAX_DELIVERY_CONCURRENCY: u32 = 100;
/// The longest that the host waits for the database, which ends a statement after 8 s itself.
pub const DATABASE_TIMEOUT_SECS: u32 = 10;

/// What one queue allows. The database sends it along with every claim, so that a change of a
/// setting takes effect with the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Policy {
    /// How long a claim holds its messages.
    pub visibility_timeout_secs: u32,
    /// How many messages a claim asks for.
    pub batch_size: u32,
    /// Retries after the first try; one more failure is a dead letter.
    pub max_retries: u32,
    /// Upper end of the first retry's delay.
    pub backoff_base_secs: u32,
    /// Upper end of any retry's delay.
    pub backoff_cap_secs: u32,
    /// Largest message, as JSON text.
    pub max_message_bytes: u64,
    /// Deliveries that a run makes at a time.
    #[serde(default = "one")]
    pub delivery_concurrency: u32,
}

impl Policy {
    /// The same policy with every number inside the range that the core can honour.
    #[must_use]
    pub fn clamped(self) -> Self {
        let backoff_base_secs = self.backoff_base_secs.clamp(1, 24 * 60 * 60);
        Self {
            visibility_timeout_secs: self.visibility_timeout_secs.max(1),
            batch_size: self.batch_size.clamp(1, MAX_BATCH_SIZE),
            max_retries: self.max_retries.min(100),
            backoff_base_secs,
            backoff_cap_secs: self
                .backoff_cap_secs
                .clamp(backoff_base_secs, 7 * 24 * 60 * 60),
            max_message_bytes: self.max_message_bytes,
            delivery_concurrency: self.delivery_concurrency.clamp(1, MAX_DELIVERY_CONCURRENCY),
        }
    }

    /// How long after a claim another delivery may be begun, so that it is answered and settled
    /// while the lease lasts.
    #[must_use]
    pub fn delivery_window_secs(&self) -> u32 {
        let lease_secs = self.visibility_timeout_secs;
        let needed_secs = DELIVERY_TIMEOUT_SECS + DATABASE_TIMEOUT_SECS;
        lease_secs - needed_secs.min(lease_secs / 2)
    }
}

/// A database without the setting allows one at a time.
fn one() -> u32 {
    1
}
