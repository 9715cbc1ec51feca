//! The requests, byte by byte where a provider reads them.

use serde_json::{Value, json};
use strum::VariantArray;
use suplatzigram_queues::notify::{
    email::Email,
    providers::{self, Channel, Device, EmailTo, Provider, Request},
};

use crate::{APNS_TOKEN, AUTH, ENDPOINT, FCM_TOKEN, KEY, P256DH, a_push, device};

const LINK: &str = "https://example.org/posts/7";

fn push(provider: Provider) -> Request {
    let push = a_push("New like", "Ann \"A\" liked your photo 🙂", Some(LINK));
    providers::push(&push, &device(provider), &[]).unwrap()
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).unwrap()
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter();
    headers.find_map(|(n, value)| (*n == name).then_some(value.as_str()))
}

#[test]
fn providers_have_names_and_channels() {
    for provider in Provider::VARIANTS.iter().copied() {
        assert_eq!(provider.name().parse(), Ok(provider));
        let is_email = matches!(provider, Provider::Resend | Provider::SendGrid);
        assert_eq!(provider.channel() == Channel::Email, is_email);
        assert_eq!(provider.is_idempotent(), provider == Provider::Resend);
    }
    assert!("FCM".parse::<Provider>().is_err());
}

#[test]
fn fcm_is_told_all_that_a_device_needs() {
    let request = push(Provider::Fcm);
    assert_eq!(request.key, KEY.to_string());
    assert_eq!(request.token, None);
    assert_eq!(
        body(&request),
        json!({"message": {
            "token": FCM_TOKEN,
            "notification": {"title": "New like", "body": "Ann \"A\" liked your photo 🙂"},
            "data": {
                "delivery_id": "11111111-1111-4111-8111-111111111111",
                "notification_id": "22222222-2222-4222-8222-222222222222",
                "type": "new_like",
                "link": LINK,
            },
            "android": {
                "priority": "HIGH",
                "ttl": "3600s",
                "notification": {"tag": "22222222-2222-4222-8222-222222222222"},
            },
            "apns": {
                "headers": {
                    "apns-collapse-id": "22222222-2222-4222-8222-222222222222",
                    "apns-expiration": "1795438800",
                },
                "payload": {"aps": {"sound": "default"}},
            },
        }})
    );
}

#[test]
fn apns_gets_headers_and_a_payload() {
    let request = push(Provider::Apns);
    assert_eq!(request.token.as_deref(), Some(APNS_TOKEN));
    for (name, value) in [
        ("apns-id", "11111111-1111-4111-8111-111111111111"),
        ("apns-push-type", "alert"),
        ("apns-priority", "10"),
        ("apns-expiration", "1795438800"),
        ("apns-collapse-id", "22222222-2222-4222-8222-222222222222"),
    ] {
        assert_eq!(header(&request, name), Some(value));
    }
    assert_eq!(
        body(&request),
        json!({
            "aps": {
                "alert": {"title": "New like", "body": "Ann \"A\" liked your photo 🙂"},
                "sound": "default",
                "thread-id": "new_like",
            },
            "delivery_id": "11111111-1111-4111-8111-111111111111",
            "notification_id": "22222222-2222-4222-8222-222222222222",
            "type": "new_like",
            "link": LINK,
        })
    );
}

#[test]
fn web_push_gets_a_subscription_and_a_plaintext() {
    let request = push(Provider::WebPush);
    let subscription = request.subscription.as_ref().unwrap();
    assert_eq!(subscription.endpoint, ENDPOINT);
    assert_eq!(
        (subscription.p256dh.as_str(), subscription.auth.as_str()),
        (P256DH, AUTH)
    );
    assert_eq!(header(&request, "ttl"), Some("3600"));
    assert_eq!(header(&request, "urgency"), Some("normal"));
    assert_eq!(
        header(&request, "topic"),
        Some("22222222222242228222222222222222")
    );
    assert_eq!(
        body(&request),
        json!({
            "delivery_id": "11111111-1111-4111-8111-111111111111",
            "notification_id": "22222222-2222-4222-8222-222222222222",
            "type": "new_like",
            "title": "New like",
            "body": "Ann \"A\" liked your photo 🙂",
            "link": LINK,
        })
    );
}

#[test]
fn without_a_link_there_is_none_in_the_payload() {
    for provider in [Provider::Fcm, Provider::Apns, Provider::WebPush] {
        let request = providers::push(&a_push("t", "b", None), &device(provider), &[]).unwrap();
        assert!(!request.body.contains("link"), "{}", request.body);
    }
}

#[test]
fn a_link_too_long_to_send_is_left_out_and_the_words_are_kept() {
    let link = format!("https://example.org/{}", "a".repeat(4_096));
    for provider in [Provider::Fcm, Provider::Apns, Provider::WebPush] {
        let push = a_push("Title", "Body", Some(&link));
        let request = providers::push(&push, &device(provider), &[]).unwrap();
        assert!(!request.body.contains("link") && request.body.contains("Body"));
    }
}

#[test]
fn a_long_body_leaves_the_title_whole() {
    let long = "x".repeat(10_000);
    for provider in [Provider::Fcm, Provider::Apns, Provider::WebPush] {
        let push = a_push("The whole title", &long, None);
        let request = providers::push(&push, &device(provider), &[]).unwrap();
        assert!(request.body.contains(r#""The whole title""#) && request.body.contains("x…"));
    }
}

#[test]
fn a_device_without_a_usable_address_is_refused() {
    let of = |provider, token: &str| Device {
        token: token.to_owned(),
        ..device(provider)
    };
    let no_keys = Device {
        p256dh: None,
        ..device(Provider::WebPush)
    };
    let odd_key = Device {
        auth: Some("BTBZMqHH6r4Tts7J_aSIg\n".to_owned()),
        ..device(Provider::WebPush)
    };
    let short_key = Device {
        p256dh: Some(AUTH.to_owned()),
        ..device(Provider::WebPush)
    };
    for (device, code) in [
        (of(Provider::Fcm, ""), "invalid_token"),
        (of(Provider::Fcm, "abc def"), "invalid_token"),
        (of(Provider::Fcm, "abc/../def"), "invalid_token"),
        (of(Provider::Fcm, "ExponentPushToken[x]"), "invalid_token"),
        (of(Provider::Fcm, "abc\u{0}"), "invalid_token"),
        (of(Provider::Fcm, &"a".repeat(5_000)), "invalid_token"),
        (of(Provider::Apns, ""), "invalid_token"),
        (of(Provider::Apns, "740f4707bebcf74g"), "invalid_token"),
        (of(Provider::Apns, "../../v1/x"), "invalid_token"),
        (of(Provider::Apns, "740f?x=1"), "invalid_token"),
        (of(Provider::Apns, "٧٤"), "invalid_token"),
        (of(Provider::Apns, &"a".repeat(5_000)), "invalid_token"),
        (
            of(Provider::WebPush, "https://example.com/push"),
            "invalid_endpoint",
        ),
        (of(Provider::Resend, "a@b.c"), "invalid_token"),
        (no_keys, "invalid_token"),
        (odd_key, "invalid_token"),
        (short_key, "invalid_token"),
    ] {
        let failure = providers::push(&a_push("t", "b", None), &device, &[]).unwrap_err();
        assert_eq!(failure.code, code, "{device:?}");
        let echoed = &device.token;
        assert!(
            echoed.len() < 4 || !failure.error.contains(echoed),
            "{failure:?}"
        );
    }
}

#[test]
fn padded_keys_of_a_subscription_are_understood() {
    let device = Device {
        p256dh: Some(format!("{P256DH}=")),
        auth: Some(format!("{AUTH}==")),
        ..device(Provider::WebPush)
    };
    let request = providers::push(&a_push("t", "b", None), &device, &[]).unwrap();
    assert_eq!(request.subscription.unwrap().auth, AUTH);
}

#[test]
fn further_web_push_hosts_are_allowed_by_name_and_port() {
    let device = Device {
        token: "http://127.0.0.1:9000/wpush/1".to_owned(),
        ..device(Provider::WebPush)
    };
    let push = a_push("t", "b", None);
    assert!(providers::push(&push, &device, &[]).is_err());
    assert!(providers::push(&push, &device, &["127.0.0.1".to_owned()]).is_err());
    assert!(providers::push(&push, &device, &["127.0.0.1:9000".to_owned()]).is_ok());
}

fn words() -> Email {
    Email {
        subject: "New like\r\nBcc: eve@example.com".to_owned(),
        html: "<p>Hi</p>".to_owned(),
        text: "Hi".to_owned(),
    }
}

fn to<'a>(email: &'a Email, from: &'a str, unsubscribe: Option<&'a str>) -> EmailTo<'a> {
    EmailTo {
        key: KEY,
        from,
        to: "ann@example.org",
        email,
        unsubscribe,
    }
}

const UNSUBSCRIBE: &str = "https://example.org/functions/v1/unsubscribe?token=a.email.b";

#[test]
fn resend_gets_one_email() {
    let email = words();
    let to = to(&email, "Suplatzigram <hi@example.org>", Some(UNSUBSCRIBE));
    let request = providers::email(Provider::Resend, &to);
    assert_eq!(request.key, KEY.to_string());
    assert_eq!(
        body(&request),
        json!({
            "from": "Suplatzigram <hi@example.org>",
            "to": ["ann@example.org"],
            "subject": "New like  Bcc: eve@example.com",
            "html": "<p>Hi</p>",
            "text": "Hi",
            "headers": {
                "List-Unsubscribe": format!("<{UNSUBSCRIBE}>"),
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        })
    );
}

#[test]
fn sendgrid_gets_one_email_and_tracks_nothing() {
    let email = words();
    let to = to(
        &email,
        "\"Suplatzigram\" <hi@example.org>",
        Some(UNSUBSCRIBE),
    );
    let request = providers::email(Provider::SendGrid, &to);
    assert_eq!(
        body(&request),
        json!({
            "personalizations": [{"to": [{"email": "ann@example.org"}]}],
            "from": {"email": "hi@example.org", "name": "Suplatzigram"},
            "subject": "New like  Bcc: eve@example.com",
            "content": [
                {"type": "text/plain", "value": "Hi"},
                {"type": "text/html", "value": "<p>Hi</p>"},
            ],
            "headers": {
                "List-Unsubscribe": format!("<{UNSUBSCRIBE}>"),
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            "custom_args": {"delivery_id": "11111111-1111-4111-8111-111111111111"},
            "tracking_settings": {
                "click_tracking": {"enable": false, "enable_text": false},
                "open_tracking": {"enable": false},
                "subscription_tracking": {"enable": false},
            },
        })
    );
}

#[test]
fn without_a_link_to_unsubscribe_there_are_no_such_headers() {
    let email = words();
    for provider in [Provider::Resend, Provider::SendGrid] {
        let request = providers::email(provider, &to(&email, "hi@example.org", None));
        assert_eq!(body(&request)["headers"], Value::Null);
        assert!(!request.body.contains("List-Unsubscribe"));
    }
}

#[test]
fn a_sender_may_be_an_address_alone() {
    let email = words();
    for (from, expected) in [
        ("hi@example.org", json!({"email": "hi@example.org"})),
        ("<hi@example.org>", json!({"email": "hi@example.org"})),
        (
            "A <B> <hi@example.org>",
            json!({"email": "hi@example.org", "name": "A <B>"}),
        ),
        (
            "Ann\r\nBcc: x <hi@example.org>\n",
            json!({"email": "hi@example.org", "name": "Ann  Bcc: x"}),
        ),
    ] {
        let request = providers::email(Provider::SendGrid, &to(&email, from, None));
        assert_eq!(body(&request)["from"], expected);
    }
}
