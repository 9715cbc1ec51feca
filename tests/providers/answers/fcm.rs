//! What FCM answers.

use suplatzigram_queues::base::Reply;

use super::{classified, expect, reply};
use crate::FCM;

/// An error of FCM with its own code in the details.
fn fcm(code: u16, status: &str, message: &str, error_code: &str) -> String {
    format!(
        r#"{{"error": {{"code": {code}, "message": "{message}", "status": "{status}",
            "details": [{{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "{error_code}"}}]}}}}"#
    )
}

#[test]
fn fcm_returns_the_message_id() {
    let body = r#"{"name": "projects/suplatzigram/messages/0:1500415314455276%31bd1c9631bd1c96"}"#;
    let (word, id, _) = classified(FCM, &reply(200, body));
    assert_eq!(
        (word, id.as_str()),
        (
            "accepted",
            "projects/suplatzigram/messages/0:1500415314455276%31bd1c9631bd1c96"
        )
    );
}

#[test]
fn fcm_errors() {
    let body_of_the_token = r#"{"error": {"code": 400, "message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "INVALID_ARGUMENT"},
        {"@type": "type.googleapis.com/google.rpc.BadRequest",
         "fieldViolations": [{"field": "message.token", "description": "Invalid registration token"}]}]}}"#;
    let body_of_the_message = r#"{"error": {"code": 400, "message": "Invalid value at 'message.data[0].value' (TYPE_STRING), 12",
        "status": "INVALID_ARGUMENT", "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "message.data[0].value", "description": "Invalid value at 'message.data[0].value' (TYPE_STRING), 12"}]}]}}"#;
    let too_large = r#"{"error": {"code": 400, "message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT"}}"#;
    expect(
        FCM,
        &[
            (
                404,
                &fcm(
                    404,
                    "NOT_FOUND",
                    "Requested entity was not found.",
                    "UNREGISTERED",
                ),
                "gone",
                "device_gone",
                "HTTP 404: UNREGISTERED: Requested entity was not found.",
            ),
            (
                404,
                r#"{"error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}}"#,
                "gone",
                "device_gone",
                "HTTP 404: NOT_FOUND: Requested entity was not found.",
            ),
            (
                404,
                "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>",
                "misconfigured",
                "provider_misconfigured",
                "HTTP 404",
            ),
            (
                400,
                &fcm(
                    400,
                    "INVALID_ARGUMENT",
                    "The registration token is not a valid FCM registration token",
                    "INVALID_ARGUMENT",
                ),
                "gone",
                "invalid_token",
                "HTTP 400: INVALID_ARGUMENT: The registration token is not a valid FCM registration token",
            ),
            (
                400,
                body_of_the_token,
                "gone",
                "invalid_token",
                "HTTP 400: INVALID_ARGUMENT: Request contains an invalid argument.",
            ),
            (
                400,
                body_of_the_message,
                "rejected",
                "message_rejected",
                "HTTP 400: INVALID_ARGUMENT: Invalid value at … (TYPE_STRING), …",
            ),
            (
                400,
                too_large,
                "rejected",
                "message_rejected",
                "HTTP 400: INVALID_ARGUMENT: Request contains an invalid argument.",
            ),
            (
                403,
                &fcm(
                    403,
                    "PERMISSION_DENIED",
                    "SenderId mismatch",
                    "SENDER_ID_MISMATCH",
                ),
                "rejected",
                "device_mismatch",
                "HTTP 403: SENDER_ID_MISMATCH: SenderId mismatch",
            ),
            (
                401,
                &fcm(
                    401,
                    "UNAUTHENTICATED",
                    "Auth error from APNS or Web Push Service",
                    "THIRD_PARTY_AUTH_ERROR",
                ),
                "rejected",
                "provider_misconfigured",
                "HTTP 401: THIRD_PARTY_AUTH_ERROR: Auth error from APNS or Web Push Service",
            ),
            (
                401,
                r#"{"error": {"code": 401, "message": "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.", "status": "UNAUTHENTICATED"}}"#,
                "transient",
                "provider_token_expired",
                "HTTP 401: UNAUTHENTICATED: Request had invalid authentication credentials. Expected OAuth … access token, login cookie or other valid authentication credential.",
            ),
            (
                403,
                r#"{"error": {"code": 403, "message": "Permission 'cloudmessaging.messages.create' denied on resource '//cloudresourcemanager.googleapis.com/projects/x' (or it may not exist).", "status": "PERMISSION_DENIED"}}"#,
                "misconfigured",
                "provider_misconfigured",
                "HTTP 403: PERMISSION_DENIED: Permission 'cloudmessaging.messages.create' denied on resource … (or it may not exist).",
            ),
            (
                500,
                &fcm(500, "INTERNAL", "Internal error encountered.", "INTERNAL"),
                "uncertain",
                "provider_unavailable",
                "HTTP 500: INTERNAL: Internal error encountered.",
            ),
            (
                502,
                "<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>",
                "uncertain",
                "provider_unavailable",
                "HTTP 502",
            ),
            (
                503,
                &fcm(
                    503,
                    "UNAVAILABLE",
                    "The service is currently unavailable.",
                    "UNAVAILABLE",
                ),
                "transient",
                "provider_unavailable",
                "HTTP 503: UNAVAILABLE: The service is currently unavailable.",
            ),
            (
                429,
                &fcm(
                    429,
                    "RESOURCE_EXHAUSTED",
                    "Message rate exceeded.",
                    "QUOTA_EXCEEDED",
                ),
                "throttled",
                "provider_throttled 60",
                "HTTP 429: QUOTA_EXCEEDED: Message rate exceeded.",
            ),
            (
                429,
                r#"{"error": {"code": 429, "message": "Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute' of service 'fcm.googleapis.com' for consumer 'project_number:123'.",
            "status": "RESOURCE_EXHAUSTED", "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com", "metadata": {"quota_limit": "SendsPerMinutePerProject"}}]}}"#,
                "throttled",
                "provider_throttled 60",
                "HTTP 429: RESOURCE_EXHAUSTED: Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute' of service 'fcm.googleapis.com' for consumer …",
            ),
            (
                429,
                r#"{"error": {"code": 429, "message": "Resource has been exhausted (e.g. check quota).", "status": "RESOURCE_EXHAUSTED",
            "details": [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "QUOTA_EXCEEDED"},
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"subject": "device", "description": "Device message rate exceeded"}]}]}}"#,
                "busy",
                "recipient_throttled 60",
                "HTTP 429: QUOTA_EXCEEDED: Resource has been exhausted (e.g. check quota).",
            ),
        ],
    );
}

#[test]
fn waits_as_long_as_fcm_says() {
    let quota = Reply {
        retry_after: Some("120".into()),
        ..reply(
            429,
            &fcm(
                429,
                "RESOURCE_EXHAUSTED",
                "Message rate exceeded.",
                "QUOTA_EXCEEDED",
            ),
        )
    };
    assert_eq!(classified(FCM, &quota).1, "provider_throttled 120");
    let unavailable = Reply {
        retry_after: Some("Mon, 23 Nov 2026 12:00:30 GMT".into()),
        ..reply(503, "")
    };
    let (word, code, _) = classified(FCM, &unavailable);
    assert_eq!(
        (word, code.as_str()),
        ("throttled", "provider_unavailable 30")
    );
}
