//! The bodies and headers that the providers get.

use serde_json::{Value, json};
use suplatzigram_queues::{
    base::Code,
    notify::{
        email::Email,
        providers::{
            self, Conversation, Device, EmailProvider, EmailTo, Provider, Push, PushProvider,
            Recipient, RegisteredDevice, Request,
        },
    },
};

use crate::{APNS_TOKEN, AUTH, ENDPOINT, FCM_TOKEN, KEY, P256DH, a_push, device, registered};

const LINK: &str = "https://example.org/posts/7";

const PUSH_PROVIDERS: [PushProvider; 3] =
    [PushProvider::Fcm, PushProvider::Apns, PushProvider::WebPush];

fn push(provider: PushProvider) -> Request {
    let push = a_push("New like", "Ann \"A\" liked your photo 🙂", Some(LINK));
    providers::push(&push, device(provider)).unwrap()
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).unwrap()
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter();
    headers.find_map(|(n, value)| (*n == name).then_some(value.as_str()))
}

#[test]
fn providers_have_their_names_in_the_database() {
    let names: Vec<&str> = Provider::all().map(Provider::name).collect();
    assert_eq!(
        names,
        [
            "fcm", "apns", "web_push", "resend", "sendgrid", "openai", "http"
        ]
    );
    for provider in Provider::all() {
        assert_eq!(provider.name().parse(), Ok(provider));
    }
    assert!("FCM".parse::<Provider>().is_err());
}

#[test]
fn fcm_request() {
    let request = push(PushProvider::Fcm);
    assert_eq!(request.key, KEY.to_string());
    assert_eq!(request.to, Recipient::Fcm);
    assert_eq!(header(&request, "content-type"), Some("application/json"));
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
fn apns_request() {
    let request = push(PushProvider::Apns);
    let Recipient::Apns(token) = &request.to else {
        panic!("expected a request to APNs");
    };
    assert_eq!(token.as_str(), APNS_TOKEN);
    for (name, value) in [
        ("content-type", "application/json"),
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
fn web_push_request() {
    let request = push(PushProvider::WebPush);
    let Recipient::WebPush(subscription) = &request.to else {
        panic!("expected a request to Web Push");
    };
    assert_eq!(subscription.endpoint, ENDPOINT);
    assert_eq!(
        (subscription.p256dh.as_str(), subscription.auth.as_str()),
        (P256DH, AUTH)
    );
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-encoding", "aes128gcm"),
        ("ttl", "3600"),
    ] {
        assert_eq!(header(&request, name), Some(value));
    }
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
fn leaves_out_a_missing_link() {
    for provider in PUSH_PROVIDERS {
        let request = providers::push(&a_push("t", "b", None), device(provider)).unwrap();
        assert!(!request.body.contains("link"), "{}", request.body);
    }
}

#[test]
fn leaves_out_a_link_that_is_too_long_and_keeps_the_text() {
    let link = format!("https://example.org/{}", "a".repeat(4_096));
    for provider in PUSH_PROVIDERS {
        let push = a_push("Title", "Body", Some(&link));
        let request = providers::push(&push, device(provider)).unwrap();
        assert!(!request.body.contains("link") && request.body.contains("Body"));
    }
}

#[test]
fn rejects_a_payload_that_is_too_large_without_its_text() {
    let kind = "x".repeat(4_096);
    for provider in PUSH_PROVIDERS {
        let push = Push {
            kind: &kind,
            ..a_push("Title", "Body", None)
        };
        let failure = providers::push(&push, device(provider)).unwrap_err();
        assert_eq!(failure.code, Code::PayloadTooLarge, "{provider:?}");
    }
}

#[test]
fn shortens_the_body_before_the_title() {
    let long = "x".repeat(10_000);
    for provider in PUSH_PROVIDERS {
        let push = a_push("The whole title", &long, None);
        let request = providers::push(&push, device(provider)).unwrap();
        assert!(request.body.contains(r#""The whole title""#) && request.body.contains("x…"));
    }
}

#[test]
fn rejects_a_device_without_a_usable_address() {
    let of = |provider, token: &str| RegisteredDevice {
        token: token.to_owned(),
        ..registered(provider)
    };
    let no_keys = RegisteredDevice {
        p256dh: None,
        ..registered(PushProvider::WebPush)
    };
    let odd_key = RegisteredDevice {
        auth: Some("BTBZMqHH6r4Tts7J_aSIg\n".to_owned()),
        ..registered(PushProvider::WebPush)
    };
    let key = |p256dh: &str| RegisteredDevice {
        p256dh: Some(p256dh.to_owned()),
        ..registered(PushProvider::WebPush)
    };
    let fcm = PushProvider::Fcm;
    let apns = PushProvider::Apns;
    for (device, code) in [
        (of(fcm, ""), Code::InvalidToken),
        (of(fcm, "abc def"), Code::InvalidToken),
        (of(fcm, "abc/../def"), Code::InvalidToken),
        (of(fcm, "ExponentPushToken[x]"), Code::InvalidToken),
        (of(fcm, "abc\u{0}"), Code::InvalidToken),
        (of(fcm, &"a".repeat(5_000)), Code::InvalidToken),
        (of(apns, ""), Code::InvalidToken),
        (of(apns, "740f4707bebcf74g"), Code::InvalidToken),
        (of(apns, "../../v1/x"), Code::InvalidToken),
        (of(apns, "740f?x=1"), Code::InvalidToken),
        (of(apns, "٧٤"), Code::InvalidToken),
        (of(apns, &"a".repeat(5_000)), Code::InvalidToken),
        (
            of(PushProvider::WebPush, "https://example.com/push"),
            Code::InvalidEndpoint,
        ),
        (no_keys, Code::InvalidToken),
        (odd_key, Code::InvalidToken),
        (key(AUTH), Code::InvalidToken),
        (key(""), Code::InvalidToken),
        (key("%%"), Code::InvalidToken),
        // The length of an uncompressed point, but no point.
        (key(&P256DH.replacen("BC", "AC", 1)), Code::InvalidToken),
        (key(&P256DH.replacen("BC", "BQ", 1)), Code::InvalidToken),
    ] {
        let failure = Device::parse(&device, &[]).unwrap_err();
        assert_eq!(failure.code, code, "{device:?}");
        let echoed = &device.token;
        assert!(
            echoed.len() < 4 || !failure.error.contains(echoed),
            "{failure:?}"
        );
    }
}

#[test]
fn accepts_padded_keys_of_a_subscription() {
    let device = RegisteredDevice {
        p256dh: Some(format!("{P256DH}=")),
        auth: Some(format!("{AUTH}==")),
        ..registered(PushProvider::WebPush)
    };
    let Device::WebPush(subscription) = Device::parse(&device, &[]).unwrap() else {
        panic!("expected a browser");
    };
    assert_eq!(subscription.auth, AUTH);
}

#[test]
fn allows_further_web_push_hosts_by_name_and_port() {
    let device = RegisteredDevice {
        token: "http://127.0.0.1:9000/wpush/1".to_owned(),
        ..registered(PushProvider::WebPush)
    };
    assert!(Device::parse(&device, &[]).is_err());
    assert!(Device::parse(&device, &["127.0.0.1".to_owned()]).is_err());
    assert!(Device::parse(&device, &["127.0.0.1:9000".to_owned()]).is_ok());
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
        conversation: None,
    }
}

const UNSUBSCRIBE: &str = "https://example.org/functions/v1/unsubscribe?token=a.email.b";

#[test]
fn resend_request() {
    let email = words();
    let to = to(&email, "Suplatzigram <hi@example.org>", Some(UNSUBSCRIBE));
    let request = providers::email(EmailProvider::Resend, &to);
    assert_eq!(request.key, KEY.to_string());
    assert_eq!(
        header(&request, "idempotency-key"),
        Some(request.key.as_str())
    );
    assert_eq!(
        body(&request),
        json!({
            "from": "Suplatzigram <hi@example.org>",
            "to": ["ann@example.org"],
            "subject": "New like  Bcc: eve@example.com",
            "html": "<p>Hi</p>",
            "text": "Hi",
            "headers": {
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": format!("<{UNSUBSCRIBE}>"),
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        })
    );
}

#[test]
fn sendgrid_request_turns_tracking_off() {
    let email = words();
    let to = to(
        &email,
        "\"Suplatzigram\" <hi@example.org>",
        Some(UNSUBSCRIBE),
    );
    let request = providers::email(EmailProvider::SendGrid, &to);
    assert_eq!(header(&request, "idempotency-key"), None);
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
                "Auto-Submitted": "auto-generated",
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
fn leaves_out_list_headers_without_a_link_to_unsubscribe() {
    let email = words();
    for provider in [EmailProvider::Resend, EmailProvider::SendGrid] {
        let request = providers::email(provider, &to(&email, "hi@example.org", None));
        assert_eq!(
            body(&request)["headers"],
            json!({"Auto-Submitted": "auto-generated"})
        );
        assert!(!request.body.contains("List-Unsubscribe"));
    }
}

#[test]
fn emails_about_a_post_to_one_person_are_one_conversation() {
    let email = words();
    let (post, recipient) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    for provider in [EmailProvider::Resend, EmailProvider::SendGrid] {
        let sent = |from| {
            let to = EmailTo {
                conversation: Some(Conversation { post, recipient }),
                ..to(&email, from, None)
            };
            body(&providers::email(provider, &to))["headers"].clone()
        };
        let parent = format!("<{post}.{recipient}@example.org>");
        assert_eq!(
            sent("App, Inc. <hi@example.org>"),
            json!({
                "Auto-Submitted": "auto-generated",
                "In-Reply-To": parent,
                "References": parent,
            })
        );
        // The id is that of the sender's domain, as providers spell it.
        assert_eq!(
            sent("hi@bücher.example")["References"],
            json!(format!("<{post}.{recipient}@xn--bcher-kva.example>"))
        );
        assert_eq!(sent("nobody").get("References"), None);
    }
}

#[test]
fn quotes_the_name_of_a_sender_and_spells_its_domain_in_ascii() {
    let email = words();
    for (from, resend, sendgrid) in [
        (
            "App, Inc. <hi@example.org>",
            "\"App, Inc.\" <hi@example.org>",
            json!({"email": "hi@example.org", "name": "App, Inc."}),
        ),
        (
            "Ánfora <hi@bücher.example>",
            "Ánfora <hi@xn--bcher-kva.example>",
            json!({"email": "hi@xn--bcher-kva.example", "name": "Ánfora"}),
        ),
    ] {
        let sent =
            |provider| body(&providers::email(provider, &to(&email, from, None)))["from"].clone();
        assert_eq!(sent(EmailProvider::Resend), resend);
        assert_eq!(sent(EmailProvider::SendGrid), sendgrid);
    }
}

#[test]
fn accepts_a_sender_without_a_name() {
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
        let request = providers::email(EmailProvider::SendGrid, &to(&email, from, None));
        assert_eq!(body(&request)["from"], expected);
    }
}
