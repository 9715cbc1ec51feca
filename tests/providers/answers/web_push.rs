//! What the push services of browsers answer.

use suplatzigram_queues::base::Reply;

use super::{classified, expect, reply};
use crate::WEB_PUSH;

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
