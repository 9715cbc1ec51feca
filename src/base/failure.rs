//! Why something did not succeed.

use strum::{Display, IntoStaticStr, VariantArray};

use super::{excerpt, json};

/// Longest text of an error that is stored or answered, in characters.
pub const MAX_ERROR_CHARS: usize = 500;

/// Why something did not succeed: a stable code for programs and a text for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub code: Code,
    /// What happened, at most [`MAX_ERROR_CHARS`] characters.
    pub error: String,
}

impl Failure {
    /// A failure with its text cut to the length that is stored.
    pub fn new(code: Code, error: impl AsRef<str>) -> Self {
        Self {
            code,
            error: excerpt(error.as_ref(), MAX_ERROR_CHARS),
        }
    }
}

/// What kind of failure it is. The database stores the names of codes and callers compare them: a name,
/// in `snake_case`, never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Code {
    /// The database did not answer, or not with an answer of its own.
    DatabaseUnavailable,
    /// Other transactions were in the way: a deadlock or a lock.
    DatabaseBusy,
    /// A statement took too long.
    DatabaseTooSlow,
    /// The database reported an exception or an internal error.
    DatabaseFailed,
    /// The database refused the data.
    DatabaseRejected,
    /// No answer came.
    NetworkError,
    /// A key, a permission, a queue or a function is missing.
    Misconfigured,

    /// The worker was asked for a queue without a handler.
    UnknownQueue,
    /// The run's id is not a UUID.
    InvalidRunId,
    /// The function does not support the request's method.
    MethodNotAllowed,
    /// The database's answer to a claim cannot be read.
    InvalidClaim,
    /// The database's answer to a settlement cannot be read.
    InvalidSettlementAnswer,
    /// The database's metrics cannot be read.
    InvalidMetrics,

    /// The message is not a JSON object.
    NotAnObject,
    /// The message is larger than its queue allows.
    MessageTooLarge,
    /// The message nests too deep or has too many fields.
    MessageTooComplex,
    /// The message lacks a required field.
    MissingField,
    /// A field of the message has the wrong JSON type.
    WrongType,
    /// A field of the message has a value that it cannot have.
    InvalidField,
    /// The message names a type that this version does not know.
    UnknownType,
    /// The message names a version that this version does not know.
    UnknownVersion,

    /// The message failed after its last retry.
    RetriesExhausted,
    /// The worker is shutting down.
    Interrupted,
    /// The lease or the run is about to end.
    OutOfTime,
    /// The provider's circuit breaker is open.
    BreakerOpen,
    /// The recipient's quiet hours have begun.
    QuietHours,
    /// The delivery is too old.
    DeliveryExpired,
    /// The recipient's account no longer exists.
    RecipientGone,
    /// The delivery's row no longer exists, because its notification or recipient does not.
    DeliveryGone,
    /// The comment no longer exists.
    CommentGone,

    /// The picture's row no longer exists, or is about another upload by now.
    ImageGone,
    /// The upload is no picture that can be shown.
    ImageRefused,
    /// The upload is not where it was stored.
    UploadGone,
    /// The Storage API cannot answer now.
    StorageUnavailable,
    /// The Storage API would refuse every picture until an operator changes a bucket, a key or a policy.
    StorageMisconfigured,
    /// The worker has no memory left for this picture; a new one may have.
    WorkerExhausted,

    /// The provider asks to wait.
    ProviderThrottled,
    /// The provider cannot answer now.
    ProviderUnavailable,
    /// The provider would refuse every message until an operator changes something.
    ProviderMisconfigured,
    /// The provider no longer accepts the access token; the host gets a new one.
    ProviderTokenExpired,
    /// The provider asks to wait before sending more to this recipient.
    RecipientThrottled,
    /// The device is no longer reachable.
    DeviceGone,
    /// The device belongs to another app or key than ours.
    DeviceMismatch,
    /// The device's token or keys are malformed.
    InvalidToken,
    /// The device's endpoint is not one of a known push service.
    InvalidEndpoint,
    /// The notification is too long for its provider even without its text.
    PayloadTooLarge,
    /// The provider refuses this message.
    MessageRejected,
}

json::written_by_name!(Code);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_their_names() {
        let names: Vec<String> = Code::VARIANTS.iter().map(ToString::to_string).collect();
        assert_eq!(
            names.join(" "),
            "database_unavailable database_busy database_too_slow database_failed database_rejected \
             network_error misconfigured unknown_queue invalid_run_id method_not_allowed invalid_claim \
             invalid_settlement_answer invalid_metrics not_an_object message_too_large \
             message_too_complex missing_field wrong_type invalid_field unknown_type unknown_version \
             retries_exhausted interrupted out_of_time breaker_open quiet_hours delivery_expired \
             recipient_gone delivery_gone comment_gone \
             image_gone image_refused upload_gone storage_unavailable storage_misconfigured worker_exhausted \
             provider_throttled provider_unavailable provider_misconfigured provider_token_expired \
             recipient_throttled device_gone device_mismatch invalid_token invalid_endpoint \
             payload_too_large message_rejected"
        );
    }
}
