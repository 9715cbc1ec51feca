//! Limits: the ones a queue sets for itself, and the ones that hold for every message.

/// Longest session id, in characters. The producer enforces the same bound on the way in.
pub const MAX_SESSION_ID_CHARS: usize = 128;
/// Longest name of an event or of a notification type, in characters.
pub const MAX_TYPE_CHARS: usize = 64;
/// Characters of a caption that a notification carries along.
pub const CAPTION_EXCERPT_CHARS: usize = 140;
/// Deepest nesting of a message; far below what any parser on the way gives up at.
pub const MAX_DEPTH: usize = 32;
/// Most top-level fields of a message.
pub const MAX_FIELDS: usize = 64;
/// Events older than the app are a producer's mistake: the first second of 2010, Unix time.
pub const EARLIEST_TIMESTAMP_SECS: i64 = 1_262_304_000;
/// How far a producer's clock may run ahead of the database's.
pub const MAX_CLOCK_SKEW_SECS: i64 = 24 * 60 * 60;
/// Longest text of an error that is stored or answered, in characters.
pub const MAX_ERROR_CHARS: usize = 500;
/// The longest that a provider's `Retry-After` can hold a message back.
pub const MAX_RETRY_AFTER_SECS: u32 = 6 * 60 * 60;
/// Most messages in one claim.
pub const MAX_BATCH_SIZE: u32 = 1_000;
/// Most deliveries that a run makes at a time.
pub const MAX_DELIVERY_CONCURRENCY: u32 = 100;
/// The longest that a delivery takes to be answered, or given up by the host.
pub const DELIVERY_TIMEOUT_SECS: u32 = 15;
/// What is left of a lease after its last delivery, for the settlement.
pub const SETTLEMENT_SECS: u32 = 10;

/// What an event adds to the score of its post, in fresh likes. An unlike takes back what the like
/// gave; events of other names do not move a post.
#[must_use]
pub fn trending_weight(event: &str) -> i64 {
    match event {
        "like" => 1,
        "unlike" => -1,
        "comment" => 2,
        "share" => 3,
        _ => 0,
    }
}

/// What one queue allows. The database sends it along with every claim, so that a change of a
/// setting takes effect with the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let needed_secs = DELIVERY_TIMEOUT_SECS + SETTLEMENT_SECS;
        lease_secs - needed_secs.min(lease_secs / 2)
    }
}
