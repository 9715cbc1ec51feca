//! What answers mean that any provider may give.

use suplatzigram_queues::{
    base::{Reply, Stage},
    notify::providers::{self, Provider},
};

use super::{classified, reply};
use crate::{APNS, FCM, RESEND, SENDGRID, WEB_PUSH};

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
