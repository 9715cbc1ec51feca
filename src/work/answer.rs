//! The answer to a delivery.

use crate::base::Failure;

/// What a provider's answer means for a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The provider has accepted it.
    Accepted {
        /// The provider's id for it.
        message_id: Option<String>,
        /// What it says, as JSON, if the delivery asks for something.
        content: Option<String>,
    },
    /// The provider as a whole asks to wait.
    Throttled {
        /// At least this long, if the provider says so.
        after_secs: Option<u32>,
        /// What it said.
        failure: Failure,
    },
    /// One recipient, or one of several push services, asks to wait. Others are not affected.
    Busy {
        /// At least this long, if the provider says so.
        after_secs: Option<u32>,
        /// What it said.
        failure: Failure,
    },
    /// A retry may succeed.
    Transient {
        /// What happened.
        failure: Failure,
        /// Whether it may have been accepted, so that a retry may repeat it.
        is_uncertain: bool,
    },
    /// The provider will not accept this message; others are not affected.
    Rejected(Failure),
    /// The device is no longer reachable, or its token was never valid.
    Gone(Failure),
    /// The provider will refuse every message until an operator changes a key, a permission or a sender.
    Misconfigured(Failure),
}
