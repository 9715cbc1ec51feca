//! What APNs answers.

use suplatzigram_queues::base::Reply;

use super::{classified, expect, reply};
use crate::APNS;

#[test]
fn apns_errors() {
    expect(
        APNS,
        &[
            (
                410,
                r#"{"reason":"Unregistered","timestamp":1574290800000}"#,
                "gone",
                "device_gone",
                "HTTP 410: Unregistered",
            ),
            (
                410,
                r#"{"reason":"ExpiredToken","timestamp":1574290800000}"#,
                "gone",
                "device_gone",
                "HTTP 410: ExpiredToken",
            ),
            (
                400,
                r#"{"reason":"BadDeviceToken"}"#,
                "rejected",
                "device_mismatch",
                "HTTP 400: BadDeviceToken",
            ),
            (
                400,
                r#"{"reason":"DeviceTokenNotForTopic"}"#,
                "rejected",
                "device_mismatch",
                "HTTP 400: DeviceTokenNotForTopic",
            ),
            (
                400,
                r#"{"reason":"BadTopic"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 400: BadTopic",
            ),
            (
                400,
                r#"{"reason":"MissingTopic"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 400: MissingTopic",
            ),
            (
                400,
                r#"{"reason":"TopicDisallowed"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 400: TopicDisallowed",
            ),
            (
                400,
                r#"{"reason":"BadExpirationDate"}"#,
                "rejected",
                "message_rejected",
                "HTTP 400: BadExpirationDate",
            ),
            (
                400,
                r#"{"reason":"PayloadEmpty"}"#,
                "rejected",
                "message_rejected",
                "HTTP 400: PayloadEmpty",
            ),
            (
                400,
                r#"{"reason":"IdleTimeout"}"#,
                "transient",
                "provider_unavailable",
                "HTTP 400: IdleTimeout",
            ),
            (
                403,
                r#"{"reason":"ExpiredProviderToken"}"#,
                "transient",
                "provider_token_expired",
                "HTTP 403: ExpiredProviderToken",
            ),
            (
                403,
                r#"{"reason":"InvalidProviderToken"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: InvalidProviderToken",
            ),
            (
                403,
                r#"{"reason":"BadCertificate"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: BadCertificate",
            ),
            (
                403,
                r#"{"reason":"BadEnvironmentKeyIdInToken"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: BadEnvironmentKeyIdInToken",
            ),
            (
                405,
                r#"{"reason":"MethodNotAllowed"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 405: MethodNotAllowed",
            ),
            (
                413,
                r#"{"reason":"PayloadTooLarge"}"#,
                "rejected",
                "message_rejected",
                "HTTP 413: PayloadTooLarge",
            ),
            (
                429,
                r#"{"reason":"TooManyRequests"}"#,
                "busy",
                "recipient_throttled",
                "HTTP 429: TooManyRequests",
            ),
            (
                429,
                r#"{"reason":"TooManyProviderTokenUpdates"}"#,
                "throttled",
                "provider_throttled",
                "HTTP 429: TooManyProviderTokenUpdates",
            ),
            (
                500,
                r#"{"reason":"InternalServerError"}"#,
                "uncertain",
                "provider_unavailable",
                "HTTP 500: InternalServerError",
            ),
            (
                503,
                r#"{"reason":"ServiceUnavailable"}"#,
                "transient",
                "provider_unavailable",
                "HTTP 503: ServiceUnavailable",
            ),
            (
                503,
                r#"{"reason":"Shutdown"}"#,
                "transient",
                "provider_unavailable",
                "HTTP 503: Shutdown",
            ),
        ],
    );
    let shutdown = Reply {
        retry_after: Some("900".into()),
        ..reply(503, r#"{"reason":"Shutdown"}"#)
    };
    assert_eq!(classified(APNS, &shutdown).1, "provider_unavailable 900");
    let accepted = Reply {
        message_id: Some("EEC1BE8A".into()),
        ..reply(200, "")
    };
    assert_eq!(classified(APNS, &accepted).1, "EEC1BE8A");
}
