//! What a queue allows.

use serde::Deserialize;

use crate::work::DELIVERY_TIMEOUT_SECS;

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
    pub delivery_concurrency: u32,
}

impl Policy {
    /// How long after a claim another delivery may be begun, so that it is answered and settled
    /// while the lease lasts.
    #[must_use]
    pub fn delivery_window_secs(&self) -> u32 {
        let lease_secs = self.visibility_timeout_secs;
        let needed_secs = DELIVERY_TIMEOUT_SECS + DATABASE_TIMEOUT_SECS;
        lease_secs - needed_secs.min(lease_secs / 2)
    }
}
