//! What the answers mean that the providers document or were seen to give.

use suplatzigram_queues::{
    base::{Reply, Stage},
    notify::providers::{self, Provider},
    work::Answer,
};

use crate::{APNS, FCM, HTTP, OPENAI, RESEND, SENDGRID, WEB_PUSH, now};

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        body: body.as_bytes().to_vec(),
        ..Reply::default()
    }
}

/// The meaning of an answer in one word, its code and its text.
fn classified(provider: Provider, reply: &Reply) -> (&'static str, String, String) {
    let wait = |after: Option<u32>| after.map_or_else(String::new, |secs| format!(" {secs}"));
    let (word, failure, after) = match providers::classify(provider, reply, now()) {
        Answer::Accepted {
            message_id,
            content,
        } => {
            return (
                "accepted",
                message_id.unwrap_or_default(),
                content.unwrap_or_default(),
            );
        }
        Answer::Throttled {
            after_secs,
            failure,
        } => ("throttled", failure, wait(after_secs)),
        Answer::Busy {
            after_secs,
            failure,
        } => ("busy", failure, wait(after_secs)),
        Answer::Transient {
            failure,
            is_uncertain: true,
        } => ("uncertain", failure, String::new()),
        Answer::Transient {
            failure,
            is_uncertain: false,
        } => ("transient", failure, String::new()),
        Answer::Rejected(failure) => ("rejected", failure, String::new()),
        Answer::Gone(failure) => ("gone", failure, String::new()),
        Answer::Misconfigured(failure) => ("misconfigured", failure, String::new()),
    };
    (word, format!("{}{after}", failure.code), failure.error)
}

fn expect(provider: Provider, cases: &[(u16, &str, &str, &str, &str)]) {
    for (status, body, word, code, error) in cases {
        let told = classified(provider, &reply(*status, body));
        let expected = (*word, (*code).to_owned(), (*error).to_owned());
        assert_eq!(told, expected, "HTTP {status} {body}");
    }
}

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

#[test]
fn what_a_push_service_answers_concerns_its_own_subscriptions() {
    let google = "the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.\n";
    expect(
        WEB_PUSH,
        &[
            (201, "", "accepted", "", ""),
            (
                410,
                "push subscription has unsubscribed or expired.\n",
                "gone",
                "device_gone",
                "HTTP 410",
            ),
            (
                410,
                r#"{"reason":"Unregistered"}"#,
                "gone",
                "device_gone",
                "HTTP 410: Unregistered",
            ),
            (
                404,
                r#"{"code":404,"errno":102,"error":"Not Found","message":"Request did not validate invalid token","more_info":"http://autopush.readthedocs.io/en/latest/http.html#error-codes"}"#,
                "gone",
                "device_gone",
                "HTTP 404: Request did not validate invalid token",
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
            (406, "", "busy", "recipient_throttled", "HTTP 406"),
            (
                400,
                r#"{"reason":"BadWebPushTopic"}"#,
                "rejected",
                "message_rejected",
                "HTTP 400: BadWebPushTopic",
            ),
            (
                400,
                "<HTML>\n<HEAD>\n<TITLE>UnauthorizedRegistration</TITLE>\n</HEAD>\n<BODY BGCOLOR=\"#FFFFFF\" TEXT=\"#000000\">\n<H1>UnauthorizedRegistration</H1>\n<H2>Error 400</H2>\n</BODY>\n</HTML>\n",
                "rejected",
                "device_mismatch",
                "HTTP 400",
            ),
            (403, google, "rejected", "device_mismatch", "HTTP 403"),
            (
                403,
                "the key in the authorization header does not correspond to the sender ID used to subscribe this user. Please ensure you are using the correct sender ID and server Key from the Firebase console.\n",
                "rejected",
                "device_mismatch",
                "HTTP 403",
            ),
            (
                400,
                r#"{"reason":"VapidPkHashMismatch"}"#,
                "rejected",
                "device_mismatch",
                "HTTP 400: VapidPkHashMismatch",
            ),
            (
                403,
                r#"{"reason":"VapidPkHashMismatch"}"#,
                "rejected",
                "device_mismatch",
                "HTTP 403: VapidPkHashMismatch",
            ),
            (
                401,
                r#"{"code":401,"errno":109,"error":"Unauthorized","message":"VAPID public key mismatch","more_info":"http://autopush.readthedocs.io/en/latest/http.html#error-codes"}"#,
                "rejected",
                "device_mismatch",
                "HTTP 401: VAPID public key mismatch",
            ),
            (403, "", "rejected", "device_mismatch", "HTTP 403"),
            (
                401,
                r#"{"error": {"code": 401, "message": "Request had invalid authentication credentials.", "status": "UNAUTHENTICATED"}}"#,
                "rejected",
                "device_mismatch",
                "HTTP 401",
            ),
            (
                403,
                r#"{"reason":"BadJwtToken"}"#,
                "transient",
                "provider_misconfigured",
                "HTTP 403: BadJwtToken",
            ),
            (
                403,
                "invalid JWT provided\n",
                "transient",
                "provider_misconfigured",
                "HTTP 403",
            ),
            (
                401,
                r#"{"code":401,"errno":109,"error":"Unauthorized","message":"Request did not validate Invalid Authorization Header"}"#,
                "transient",
                "provider_misconfigured",
                "HTTP 401: Request did not validate Invalid Authorization Header",
            ),
            (
                401,
                r#"{"code":401,"errno":109,"error":"Unauthorized","message":"Request did not validate missing authorization header","more_info":"http://autopush.readthedocs.io/en/latest/http.html#error-codes"}"#,
                "transient",
                "provider_misconfigured",
                "HTTP 401: Request did not validate missing authorization header",
            ),
            (
                301,
                "",
                "transient",
                "provider_unavailable",
                "HTTP 301: redirects are not followed",
            ),
            (
                307,
                "<html>sign in to the network</html>",
                "transient",
                "provider_unavailable",
                "HTTP 307: redirects are not followed",
            ),
            (500, "", "uncertain", "provider_unavailable", "HTTP 500"),
            (503, "", "transient", "provider_unavailable", "HTTP 503"),
        ],
    );
    for (status, expected, code) in [
        (429, "busy", "recipient_throttled 900"),
        (406, "busy", "recipient_throttled 900"),
        (503, "throttled", "provider_unavailable 900"),
    ] {
        let throttled = Reply {
            retry_after: Some("900".into()),
            ..reply(status, "")
        };
        let (word, told, _) = classified(WEB_PUSH, &throttled);
        assert_eq!((word, told.as_str()), (expected, code));
    }
}

#[test]
fn no_answer_of_a_push_service_blames_our_secrets() {
    let bodies = [
        "",
        "BadJwtToken",
        r#"{"reason":"BadJwtToken"}"#,
        r#"{"code":401,"errno":109,"message":"VAPID"}"#,
        "invalid JWT provided",
        "the key in the authorization header does not correspond to the sender ID",
        "<html>proxy</html>",
    ];
    for status in (100..=599).chain([999]) {
        for body in bodies {
            let (word, ..) = classified(WEB_PUSH, &reply(status, body));
            assert_ne!(word, "misconfigured", "HTTP {status} {body}");
        }
    }
}

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

#[test]
fn statuses_with_the_same_meaning_for_every_provider() {
    for provider in Provider::all() {
        let network = "error sending request for url (https://api.push.apple.com/3/device/740f4707bebcf74f): connection refused";
        assert_eq!(
            classified(provider, &reply(0, network)),
            (
                "uncertain",
                "network_error".into(),
                "error sending request for url … connection refused".into()
            )
        );
        for status in [301, 302, 307, 308] {
            let expected = if provider == WEB_PUSH {
                "transient"
            } else {
                "misconfigured"
            };
            let (word, _, error) = classified(provider, &reply(status, ""));
            assert_eq!(word, expected);
            assert_eq!(error, format!("HTTP {status}: redirects are not followed"));
        }
        for status in [408, 425] {
            assert_eq!(classified(provider, &reply(status, "")).0, "transient");
        }
        for status in [500, 502, 504, 520, 599, 100, 600, 65_535] {
            assert_eq!(classified(provider, &reply(status, "")).0, "uncertain");
        }
    }
}

#[test]
fn a_success_that_the_provider_did_not_report_is_uncertain() {
    let page = "<!DOCTYPE html><title>Sign in to the network</title>";
    let json = r#"{"status":"ok"}"#;
    for provider in Provider::all() {
        for status in [200, 201, 202, 204, 206] {
            for body in [page, json, "", "null", r#"{"id":null,"name":7}"#] {
                if provider == WEB_PUSH && (status == 201 || status == 202) && body != page {
                    continue;
                }
                let (word, code, error) = classified(provider, &reply(status, body));
                assert_eq!(word, "uncertain", "{provider:?} {status} {body}");
                assert_eq!(code, "provider_unavailable");
                assert_eq!(
                    error,
                    format!("HTTP {status}: not an answer of the provider")
                );
            }
        }
    }
    // The id of another provider proves nothing either.
    let fcm = r#"{"name":"projects/x/messages/0:1"}"#;
    assert_eq!(classified(RESEND, &reply(200, fcm)).0, "uncertain");
    assert_eq!(classified(APNS, &reply(200, fcm)).0, "uncertain");
}

#[test]
fn an_error_of_the_token_endpoint_means_not_sent() {
    let token = |status, body: &str| {
        let reply = Reply {
            stage: Stage::Token,
            ..reply(status, body)
        };
        classified(FCM, &reply)
    };
    let (word, code, error) = token(
        400,
        r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#,
    );
    assert_eq!(
        (word, code.as_str()),
        ("misconfigured", "provider_misconfigured")
    );
    assert_eq!(error, "HTTP 400: invalid_grant: Invalid JWT Signature.");
    assert_eq!(token(401, "unauthorized").0, "misconfigured");
    for status in [0, 200, 302, 429, 500, 503] {
        assert_eq!(token(status, "").0, "transient", "{status}");
    }
}

#[test]
fn a_secret_or_key_that_the_host_cannot_use_means_not_sent() {
    let at = |stage, text: &str| {
        let reply = Reply {
            stage,
            ..reply(0, text)
        };
        classified(WEB_PUSH, &reply)
    };
    assert_eq!(
        at(Stage::Secret, "the secret VAPID_PRIVATE_KEY is not a key"),
        (
            "misconfigured",
            "provider_misconfigured".into(),
            "the secret VAPID_PRIVATE_KEY is not a key".into()
        )
    );
    assert_eq!(
        at(Stage::Encryption, "the subscription's keys are not valid"),
        (
            "rejected",
            "message_rejected".into(),
            "the subscription's keys are not valid".into()
        )
    );
}

#[test]
fn only_a_refused_token_is_replaced() {
    let apns = |reason: &str| format!(r#"{{"reason":"{reason}"}}"#);
    let fcm = |code: &str| format!(r#"{{"error":{{"details":[{{"errorCode":"{code}"}}]}}}}"#);
    for (provider, status, body, is_refused) in [
        (APNS, 403, apns("ExpiredProviderToken"), true),
        (APNS, 403, apns("InvalidProviderToken"), false),
        (APNS, 403, apns("Forbidden"), false),
        (APNS, 429, apns("TooManyProviderTokenUpdates"), false),
        (APNS, 400, apns("BadDeviceToken"), false),
        (APNS, 403, String::new(), false),
        (APNS, 200, String::new(), false),
        (FCM, 401, fcm(""), true),
        (FCM, 401, String::new(), true),
        (FCM, 401, fcm("THIRD_PARTY_AUTH_ERROR"), false),
        (FCM, 403, fcm("SENDER_ID_MISMATCH"), false),
        (FCM, 200, String::new(), false),
        (WEB_PUSH, 401, String::new(), true),
        (WEB_PUSH, 403, String::new(), true),
        (WEB_PUSH, 410, String::new(), false),
        (WEB_PUSH, 201, String::new(), false),
        (RESEND, 401, String::new(), false),
        (SENDGRID, 403, String::new(), false),
    ] {
        assert_eq!(
            providers::refuses_token(provider, &reply(status, &body)),
            is_refused,
            "{provider:?} {status} {body}"
        );
    }
}

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
