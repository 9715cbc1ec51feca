//! What Resend and SendGrid answer.

use suplatzigram_queues::base::Reply;

use super::{classified, expect, reply};
use crate::{RESEND, SENDGRID, now};

#[test]
fn resend_errors() {
    expect(
        RESEND,
        &[
            (
                200,
                r#"{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}"#,
                "accepted",
                "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794",
                "",
            ),
            (
                422,
                r#"{"statusCode":422,"name":"validation_error","message":"Invalid `to` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format."}"#,
                "rejected",
                "message_rejected",
                "HTTP 422: validation_error: Invalid `to` field. The email address needs to follow the … or `Name … format.",
            ),
            (
                422,
                r#"{"statusCode":422,"name":"validation_error","message":"Invalid `from` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format."}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 422: validation_error: Invalid `from` field. The email address needs to follow the … or `Name … format.",
            ),
            (
                422,
                r#"{"statusCode":422,"name":"invalid_from_address","message":"Invalid from address."}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 422: invalid_from_address: Invalid from address.",
            ),
            (
                422,
                r#"{"statusCode":422,"name":"invalid_to_address","message":"The address `from`@example.com is invalid"}"#,
                "rejected",
                "message_rejected",
                "HTTP 422: invalid_to_address: The address … is invalid",
            ),
            (
                422,
                r#"{"statusCode":422,"name":"missing_required_field","message":"Missing `subject` field."}"#,
                "rejected",
                "message_rejected",
                "HTTP 422: missing_required_field: Missing `subject` field.",
            ),
            (
                400,
                r#"{"statusCode":400,"name":"validation_error","message":"We found an error with one or more fields in the request."}"#,
                "rejected",
                "message_rejected",
                "HTTP 400: validation_error: We found an error with one or more fields in the request.",
            ),
            (
                401,
                r#"{"statusCode":401,"name":"missing_api_key","message":"Missing API key in the authorization header."}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 401: missing_api_key: Missing API key in the authorization header.",
            ),
            (
                401,
                r#"{"statusCode":401,"name":"restricted_api_key","message":"This API key is restricted to only send emails"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 401: restricted_api_key: This API key is restricted to only send emails",
            ),
            (
                403,
                r#"{"statusCode":403,"name":"invalid_api_key","message":"API key is invalid"}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: invalid_api_key: API key is invalid",
            ),
            (
                403,
                r#"{"statusCode":403,"name":"validation_error","message":"The example.com domain is not verified. Please, add and verify your domain."}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: validation_error: The example.com domain is not verified. Please, add and verify your domain.",
            ),
            (
                403,
                r#"{"statusCode":403,"name":"validation_error","message":"You can only send testing emails to your own email address (owner@example.com)."}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: validation_error: You can only send testing emails to your own email address …",
            ),
            (
                409,
                r#"{"statusCode":409,"name":"invalid_idempotent_request","message":"Same idempotency key used with a different request payload."}"#,
                "accepted",
                "",
                "",
            ),
            (
                409,
                r#"{"statusCode":409,"name":"concurrent_idempotent_requests","message":"Same idempotency key used while original request is still in progress."}"#,
                "transient",
                "provider_unavailable",
                "HTTP 409: concurrent_idempotent_requests: Same idempotency key used while original request is still in progress.",
            ),
            (
                429,
                r#"{"statusCode":429,"name":"rate_limit_exceeded","message":"Too many requests. You can only make 2 requests per second. See rate limit response headers for more information."}"#,
                "throttled",
                "provider_throttled",
                "HTTP 429: rate_limit_exceeded: Too many requests. You can only make … requests per second. See rate limit response headers for more information.",
            ),
            (
                429,
                r#"{"statusCode":429,"name":"daily_quota_exceeded","message":"You have reached your daily email sending quota."}"#,
                "throttled",
                "provider_throttled 3600",
                "HTTP 429: daily_quota_exceeded: You have reached your daily email sending quota.",
            ),
            (
                429,
                r#"{"statusCode":429,"name":"monthly_quota_exceeded","message":"You have reached your monthly email sending quota."}"#,
                "throttled",
                "provider_throttled 3600",
                "HTTP 429: monthly_quota_exceeded: You have reached your monthly email sending quota.",
            ),
            (
                451,
                r#"{"statusCode":451,"name":"security_error","message":"We may have found a security issue with the request."}"#,
                "rejected",
                "message_rejected",
                "HTTP 451: security_error: We may have found a security issue with the request.",
            ),
            (
                500,
                r#"{"statusCode":500,"name":"application_error","message":"An unexpected error occurred."}"#,
                "uncertain",
                "provider_unavailable",
                "HTTP 500: application_error: An unexpected error occurred.",
            ),
        ],
    );
    let limited = |name: &str, retry_after: Option<&str>, reset: Option<&str>| {
        let reply = Reply {
            retry_after: retry_after.map(str::to_owned),
            rate_limit_reset: reset.map(str::to_owned),
            ..reply(429, &format!(r#"{{"statusCode":429,"name":"{name}"}}"#))
        };
        classified(RESEND, &reply).1
    };
    assert_eq!(
        limited("rate_limit_exceeded", Some("1"), Some("5")),
        "provider_throttled 1"
    );
    assert_eq!(
        limited("rate_limit_exceeded", None, Some("5")),
        "provider_throttled 5"
    );
    assert_eq!(
        limited("daily_quota_exceeded", Some("1"), None),
        "provider_throttled 3600"
    );
    assert_eq!(
        limited("daily_quota_exceeded", Some("7200"), None),
        "provider_throttled 7200"
    );
}

#[test]
fn sendgrid_errors() {
    expect(
        SENDGRID,
        &[
            (
                400,
                r#"{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to.0.email","help":"http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message.personalizations.to"}]}"#,
                "rejected",
                "message_rejected",
                "HTTP 400: personalizations: Does not contain a valid address.",
            ),
            (
                400,
                r#"{"errors":[{"message":"The from email does not contain a valid address.","field":"from.email","help":"http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message.from"}]}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 400: from: The from email does not contain a valid address.",
            ),
            (
                400,
                r#"{"errors":[{"message":"Bad Request","field":null,"help":null}]}"#,
                "rejected",
                "message_rejected",
                "HTTP 400: Bad Request",
            ),
            (
                401,
                r#"{"errors":[{"message":"The provided authorization grant is invalid, expired, or revoked","field":null,"help":null}]}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 401: The provided authorization grant is invalid, expired, or revoked",
            ),
            (
                401,
                r#"{"errors":[{"message":"Maximum credits exceeded","field":null,"help":null}]}"#,
                "throttled",
                "provider_throttled 3600",
                "HTTP 401: Maximum credits exceeded",
            ),
            (
                403,
                r#"{"errors":[{"message":"The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.","field":"from","help":null}]}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: from: The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.",
            ),
            (413, "", "rejected", "message_rejected", "HTTP 413"),
            (
                429,
                r#"{"errors":[{"field":null,"message":"too many requests"}]}"#,
                "throttled",
                "provider_throttled",
                "HTTP 429: too many requests",
            ),
            (
                500,
                r#"{"errors":[{"message":"Internal Server Error","field":null,"help":null}]}"#,
                "uncertain",
                "provider_unavailable",
                "HTTP 500: Internal Server Error",
            ),
            (503, "", "transient", "provider_unavailable", "HTTP 503"),
        ],
    );
    let accepted = Reply {
        message_id: Some("14c5d75ce93.dfd.64b469".into()),
        ..reply(202, "")
    };
    assert_eq!(classified(SENDGRID, &accepted).1, "14c5d75ce93.dfd.64b469");
    for (reset, code) in [
        (now().unix_secs() + 42, "provider_throttled 42"),
        (now().unix_secs() - 42, "provider_throttled 0"),
        (i64::MAX, "provider_throttled 21600"),
        (i64::MIN, "provider_throttled 0"),
    ] {
        let limited = Reply {
            rate_limit_reset: Some(reset.to_string()),
            ..reply(429, "")
        };
        assert_eq!(classified(SENDGRID, &limited).1, code);
    }
}
