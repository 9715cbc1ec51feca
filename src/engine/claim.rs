//! What the database answers to a claim.

use serde_json::value::RawValue;

use super::{DatabaseError, Policy};
use crate::base::Timestamp;

/// The messages that a claim asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Up to this many messages; `None` means the queue's batch size.
    Messages(Option<u32>),
    /// One message, also without its context if the claim hook fails.
    OneAlone,
}

impl Ask {
    /// The maximum number of messages, if it names one.
    #[must_use]
    pub fn limit(self) -> Option<u32> {
        match self {
            Self::Messages(limit) => limit,
            Self::OneAlone => Some(1),
        }
    }
}

/// The database's answer to a claim.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The database's clock.
    pub now: Timestamp,
    /// The queue's policy.
    pub policy: Policy,
    /// Visible messages left in the queue, counted up to a bound.
    pub backlog: u32,
    /// The claimed messages, each leased for the visibility timeout.
    pub messages: Vec<ClaimedMessage>,
    /// What the queue's decisions need beyond the messages, in a format of its own.
    pub context: Option<Box<RawValue>>,
    /// Why a message that was claimed alone has no context.
    pub context_error: Option<DatabaseError>,
}

/// A message and its lease.
#[derive(Debug, Clone)]
pub struct ClaimedMessage {
    /// The fencing token.
    pub lease: Lease,
    /// Recorded failures. Crashes of workers do not count.
    pub failures: u32,
    /// Keys of the deliveries that earlier tries made: a retry makes only the others. Messages of
    /// `deliveries` make one each, which the ledger records as well; the list is for messages that make
    /// several, such as the uploads of an image.
    pub delivered: Vec<String>,
    /// Size of the body as JSON text.
    pub size_bytes: u64,
    /// The body; `None` if it exceeds the limit, so that the database withheld it.
    pub body: Option<Box<RawValue>>,
}

/// The fencing token of a claimed message. A later claim increments `read_ct`, so that the settlement of
/// an earlier claim is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease {
    /// The message.
    pub msg_id: i64,
    /// The number of its claims, including this one.
    pub read_ct: u32,
}
