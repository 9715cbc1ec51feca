//! What the database hands out.

use serde_json::value::RawValue;

use super::Policy;
use crate::base::Timestamp;

/// The database's answer to a claim.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The database's clock.
    pub now: Timestamp,
    /// The queue's policy.
    pub policy: Policy,
    /// Visible messages left in the queue, counted up to a bound.
    pub backlog: u32,
    /// The claimed messages, each held until its visibility timeout.
    pub messages: Vec<ClaimedMessage>,
    /// What the decisions need to know beyond the messages, in the queue's own format.
    pub context: Option<Box<RawValue>>,
}

/// A message and its lease.
#[derive(Debug, Clone)]
pub struct ClaimedMessage {
    /// The fencing token.
    pub lease: Lease,
    /// Failures recorded so far; crashes of workers are not among them.
    pub failures: u32,
    /// Keys of the deliveries that succeeded in earlier tries: a retry makes those that are missing. The
    /// queues of today make one delivery a message and have the ledger; a message that uploads several
    /// objects has nothing else that remembers them.
    pub delivered: Vec<String>,
    /// Size of the body as JSON text.
    pub size_bytes: u64,
    /// The body; `None` if it is over the limit and the database withheld it.
    pub body: Option<Box<RawValue>>,
}

/// The fencing token of a claimed message. A later claim raises `read_ct`, and the settlement of the
/// earlier one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease {
    /// The message.
    pub msg_id: i64,
    /// How often it has been claimed, this claim included.
    pub read_ct: u32,
}
