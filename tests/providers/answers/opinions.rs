//! What the services answer that judge comments.

use suplatzigram_queues::base::Reply;

use super::{classified, expect, reply};
use crate::{HTTP, OPENAI};

/// An error of OpenAI.
fn openai(message: &str, kind: &str, code: &str) -> String {
    format!(
        r#"{{"error": {{"message": "{message}", "type": "{kind}", "param": null, "code": {code}}}}}"#
    )
}

#[test]
fn openai_errors() {
    let rate = "Rate limit reached for omni-moderation-latest in organization org-PSK6CE5O8Jd on requests per min. Limit: 3 / min.";
    expect(
        OPENAI,
        &[
            (
                401,
                &openai(
                    "Incorrect API key provided: sk-proj-abc***xyz.",
                    "invalid_request_error",
                    r#""invalid_api_key""#,
                ),
                "misconfigured",
                "provider_misconfigured",
                "HTTP 401: invalid_api_key: Incorrect API key provided: …",
            ),
            (
                403,
                &openai(
                    "Country, region, or territory not supported",
                    "request_forbidden",
                    r#""unsupported_country_region_territory""#,
                ),
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: unsupported_country_region_territory: Country, region, or territory not supported",
            ),
            (
                404,
                &openai(
                    "The model does not exist",
                    "invalid_request_error",
                    r#""model_not_found""#,
                ),
                "misconfigured",
                "provider_misconfigured",
                "HTTP 404: model_not_found: The model does not exist",
            ),
            (
                429,
                &openai(rate, "requests", r#""rate_limit_exceeded""#),
                "throttled",
                "provider_throttled",
                "HTTP 429: rate_limit_exceeded: Rate limit reached for omni-moderation-latest in organization … on requests per min. Limit: … min.",
            ),
            // What keys of accounts without credit were seen to get.
            (
                429,
                &openai("Too Many Requests", "invalid_request_error", "null"),
                "throttled",
                "provider_throttled",
                "HTTP 429: invalid_request_error: Too Many Requests",
            ),
            (
                429,
                &openai(
                    "You exceeded your current quota",
                    "insufficient_quota",
                    r#""insufficient_quota""#,
                ),
                "misconfigured",
                "provider_misconfigured",
                "HTTP 429: insufficient_quota: You exceeded your current quota",
            ),
            (
                400,
                &openai("Invalid value for input", "invalid_request_error", "null"),
                "rejected",
                "message_rejected",
                "HTTP 400: invalid_request_error: Invalid value for input",
            ),
            (
                500,
                &openai("The server had an error", "server_error", "null"),
                "uncertain",
                "provider_unavailable",
                "HTTP 500: server_error: The server had an error",
            ),
            (
                503,
                &openai("The engine is currently overloaded", "server_error", "null"),
                "transient",
                "provider_unavailable",
                "HTTP 503: server_error: The engine is currently overloaded",
            ),
            (
                502,
                "<html><h1>502 Bad Gateway</h1></html>",
                "uncertain",
                "provider_unavailable",
                "HTTP 502",
            ),
            (
                308,
                "",
                "misconfigured",
                "provider_misconfigured",
                "HTTP 308: redirects are not followed",
            ),
        ],
    );
    let wait = Reply {
        retry_after: Some("20".into()),
        ..reply(429, "")
    };
    assert_eq!(classified(OPENAI, &wait).1, "provider_throttled 20");
}

#[test]
fn errors_of_a_service_of_the_app() {
    for (status, word, code) in [
        (401, "misconfigured", "provider_misconfigured"),
        (404, "misconfigured", "provider_misconfigured"),
        (405, "misconfigured", "provider_misconfigured"),
        (302, "misconfigured", "provider_misconfigured"),
        (422, "rejected", "message_rejected"),
        (429, "throttled", "provider_throttled"),
        (500, "uncertain", "provider_unavailable"),
        (503, "transient", "provider_unavailable"),
        (200, "uncertain", "provider_unavailable"),
        (204, "uncertain", "provider_unavailable"),
        (0, "uncertain", "network_error"),
    ] {
        let (told, failure, _) = classified(HTTP, &reply(status, ""));
        assert_eq!((told, failure.as_str()), (word, code), "{status}");
    }
}
