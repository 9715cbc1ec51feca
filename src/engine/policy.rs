//! The policy of a queue.

use serde::Deserialize;

use crate::work::DELIVERY_TIMEOUT_SECS;

/// How long the host waits for the database, which cancels a statement after 8 s.
pub const DATABASE_TIMEOUT_SECS: u32 = 10;

/// How often a run tells the database that it is alive. Another worker takes its place after three
/// missed heartbeats (`queues.silent_since`).
pub const HEARTBEAT_SECS: u32 = 5;

/// The settings of a queue that matter to a worker. They come with every claim, so that a change takes
/// effect with the next batch; the constraints of `queues.settings` bound them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Policy {
    /// How long a claim leases its messages.
    pub visibility_timeout_secs: u32,
    /// The messages of a claim.
    pub batch_size: u32,
    /// Retries after the first try; the next failure dead-letters the message.
    pub max_retries: u32,
    /// Upper bound of the first retry's delay.
    pub backoff_base_secs: u32,
    /// Upper bound of every retry's delay.
    pub backoff_cap_secs: u32,
    /// Size of the largest message, as JSON text.
    pub max_message_bytes: u64,
    /// Concurrent deliveries of a run.
    pub delivery_concurrency: u32,
}

impl Policy {
    /// How long after a claim a delivery may begin, so that it is answered and settled before the lease
    /// expires.
    #[must_use]
    pub fn delivery_window_secs(&self) -> u32 {
        let lease_secs = self.visibility_timeout_secs;
        let needed_secs = DELIVERY_TIMEOUT_SECS + DATABASE_TIMEOUT_SECS;
        lease_secs - needed_secs.min(lease_secs / 2)
    }
}
