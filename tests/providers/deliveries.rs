//! URLs and authorizations, as the host reads them.

use serde_json::{Value, json};
use suplatzigram_queues::{
    notify::{
        Environment,
        email::Email,
        providers::{self, EmailTo, Provider},
    },
    wire,
};

use crate::{APNS, APNS_TOKEN, AUTH, ENDPOINT, FCM, KEY, P256DH, RESEND, WEB_PUSH, a_push, device};

const VARIABLES: [(&str, &str); 11] = [
    ("FCM_SERVICE_ACCOUNT", "s3cret"),
    ("FCM_URL", "http://127.0.0.1:9/"),
    ("APNS_PRIVATE_KEY", "s3cret"),
    ("APNS_KEY_ID", "ABC123DEFG"),
    ("APNS_TEAM_ID", "DEF123GHIJ"),
    ("APNS_TOPIC", "org.example.app"),
    ("VAPID_PUBLIC_KEY", P256DH),
    ("VAPID_PRIVATE_KEY", "s3cret"),
    ("VAPID_SUBJECT", "mailto:push@example.org"),
    ("RESEND_API_KEY", "s3cret"),
    ("EMAIL_FROM", "hi@example.org"),
];

/// A delivery without its headers and body, which `requests.rs` checks.
fn delivery(provider: Provider) -> Value {
    let environment = Environment::read(&|name: &str| {
        let mut all = VARIABLES.iter();
        all.find(|(it, _)| *it == name)
            .map(|(_, value)| (*value).to_owned())
    });
    let request = match provider {
        Provider::Push(provider) => {
            providers::push(&a_push("t", "b", None), device(provider)).unwrap()
        }
        Provider::Email(provider) => {
            let email = Email {
                subject: "s".to_owned(),
                html: "h".to_owned(),
                text: "t".to_owned(),
            };
            let to = EmailTo {
                key: KEY,
                from: "hi@example.org",
                to: "ann@example.org",
                email: &email,
                unsubscribe: None,
                conversation: None,
            };
            providers::email(provider, &to)
        }
        Provider::Opinion(provider) => providers::opinion(provider, KEY.to_string(), "t"),
    };
    let json = wire::delivery_json(&request, environment.access(provider).unwrap());
    assert!(!json.contains("s3cret"), "{json}");
    let mut delivery: Value = serde_json::from_str(&json).unwrap();
    let fields = delivery.as_object_mut().unwrap();
    assert!(fields.remove("body").unwrap().is_string());
    let headers = fields.remove("headers").unwrap();
    assert_eq!(
        headers["apns-topic"],
        if provider == APNS {
            json!("org.example.app")
        } else {
            Value::Null
        }
    );
    delivery
}

#[test]
fn fcm_takes_an_access_token_of_google() {
    assert_eq!(
        delivery(FCM),
        json!({
            "provider": "fcm",
            "url": "http://127.0.0.1:9/v1/projects/{project_id}/messages:send",
            "authorization": {
                "scheme": "google",
                "secret": "FCM_SERVICE_ACCOUNT",
                "scope": "https://www.googleapis.com/auth/firebase.messaging",
                "valid_secs": 3600,
                "margin_secs": 60,
                "timeout_ms": 10000,
            },
            "timeout_ms": 15000,
        })
    );
}

#[test]
fn apns_takes_a_provider_token_for_20_to_60_minutes() {
    assert_eq!(
        delivery(APNS),
        json!({
            "provider": "apns",
            "url": format!("https://api.push.apple.com/3/device/{APNS_TOKEN}"),
            "authorization": {
                "scheme": "apns",
                "secret": "APNS_PRIVATE_KEY",
                "key_id": "ABC123DEFG",
                "team_id": "DEF123GHIJ",
                "use_secs": 2400,
            },
            "timeout_ms": 15000,
        })
    );
}

#[test]
fn a_push_service_takes_a_vapid_token_for_less_than_a_day() {
    assert_eq!(
        delivery(WEB_PUSH),
        json!({
            "provider": "web_push",
            "url": ENDPOINT,
            "encrypt_for": {"p256dh": P256DH, "auth": AUTH},
            "authorization": {
                "scheme": "vapid",
                "secret": "VAPID_PRIVATE_KEY",
                "public_key": P256DH,
                "subject": "mailto:push@example.org",
                "valid_secs": 43200,
                "use_secs": 21600,
            },
            "timeout_ms": 15000,
        })
    );
}

#[test]
fn resend_takes_its_key() {
    assert_eq!(
        delivery(RESEND),
        json!({
            "provider": "resend",
            "url": "https://api.resend.com/emails",
            "authorization": {"scheme": "api_key", "secret": "RESEND_API_KEY"},
            "timeout_ms": 15000,
        })
    );
}
