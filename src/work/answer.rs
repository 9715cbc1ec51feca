//! What came of a delivery.

use crate::base::Failure;

/// What a provider's answer means for a delivery.
///
/// The codes of the failures: `provider_throttled`, `provider_unavailable`, `provider_misconfigured`,
/// `provider_token_expired`, `recipient_throttled`, `device_gone`, `device_mismatch`, `invalid_token`,
/// `message_rejected`, `network_error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The provider has accepted it.
    Accepted {
        /// The provider's id for it.
        message_id: Option<String>,
    },
    /// The provider as a whole asks to wait.
    Throttled {
        /// At least this long, if the provider says so.
        after_secs: Option<u32>,
        /// What it said.
        failure: Failure,
    },
    /// Only this recipient, or this one of several push services, asks to wait. Others go on.
    Busy {
        /// At least this long, if the provider says so.
        after_secs: Option<u32>,
        /// What it said.
        failure: Failure,
    },
    /// It may work later.
    Transient {
        /// What happened.
        failure: Failure,
        /// Whether it may have been accepted all the same, so that the next try may repeat it.
        is_uncertain: bool,
    },
    /// This message will not be accepted. Nothing is known about any other.
    Rejected(Failure),
    /// The device is no longer reachable, or its token was never valid.
    Gone(Failure),
    /// Every message would be refused until an operator changes a key, a permission or a sender.
    Misconfigured(Failure),
}
