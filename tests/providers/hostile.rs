//! What holds for any text, endpoint and answer.

use proptest::prelude::*;
use serde_json::{Value, json};
use strum::VariantArray;
use suplatzigram_queues::{
    base::{Reply, Stage},
    notify::{
        email::Email,
        providers::{
            self, Device, EmailProvider, EmailTo, Provider, PushProvider, RegisteredDevice,
        },
    },
    work::Answer,
};

use crate::{APNS_TOKEN, FCM, FCM_TOKEN, KEY, RESEND, SENDGRID, a_push, now, registered};

/// Text of any length, with many characters that are longer in JSON or take several bytes.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[\\x00-\\x1f\"\\\\]{0,400}",
        "\\PC{0,400}",
        "[🙂👩\u{200d}👧é一]{0,600}",
        "[a-z ]{0,900}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn push_provider() -> impl Strategy<Value = PushProvider> {
    proptest::sample::select(PushProvider::VARIANTS)
}

fn any_provider() -> impl Strategy<Value = Provider> {
    proptest::sample::select(Provider::all().collect::<Vec<_>>())
}

fn any_stage() -> impl Strategy<Value = Stage> {
    proptest::sample::select(vec![
        Stage::Request,
        Stage::Secret,
        Stage::Token,
        Stage::Encryption,
    ])
}

fn shown(provider: PushProvider, body: &Value) -> (&str, &str) {
    let words = match provider {
        PushProvider::Fcm => &body["message"]["notification"],
        PushProvider::Apns => &body["aps"]["alert"],
        PushProvider::WebPush => body,
    };
    (
        words["title"].as_str().unwrap(),
        words["body"].as_str().unwrap(),
    )
}

fn is_beginning(shown: &str, whole: &str) -> bool {
    shown == whole
        || shown
            .strip_suffix('…')
            .is_some_and(|start| whole.starts_with(start))
}

/// Endpoints made of pieces that fool URL parsers.
fn any_endpoint() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "https://", "http://", "HTTPS://", "https:", "//", "/", "\\", "?", "#", "@", ":", ":443", ":80", ".", "%2e",
            "%40", "\t", "\n", "\r", "\0", " ", "[", "]", "[::1]", "127.0.0.1", "localhost", "evil.example", "\u{3002}",
            "\u{ad}", "é", "xn--", "-", ";", ",", "&", "=", "|", "a", "443",
        ]).prop_map(str::to_owned),
        3 => proptest::sample::select(vec![
            "fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "wns2-par02p.notify.windows.com",
            "https://fcm.googleapis.com/wp/", "https://fcm.googleapis.com", ".push.apple.com", "push.apple.com",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    (any::<bool>(), proptest::collection::vec(piece, 0..8)).prop_map(|(has_scheme, pieces)| {
        format!(
            "{}{}",
            if has_scheme { "https://" } else { "" },
            pieces.concat()
        )
    })
}

/// The host as the laxest URL parser would read it: it drops blanks and control characters, takes a
/// backslash for a slash and any number of slashes, and reads what follows the last `@`.
fn laxest_host(endpoint: &str) -> String {
    let text: String = endpoint.chars().filter(|c| *c > ' ').collect();
    let text = text.to_lowercase().replace('\\', "/");
    let rest = text
        .split_once(':')
        .map_or("", |(_, rest)| rest)
        .trim_start_matches('/');
    let authority = rest.split(['/', '?', '#']).next().unwrap();
    let host = authority.rsplit('@').next().unwrap();
    host.split(':').next().unwrap().to_owned()
}

proptest! {
    #[test]
    fn every_push_fits_and_shows_the_start_of_its_text(
        provider in push_provider(),
        title in any_text(),
        body in any_text(),
        link in proptest::option::of("https://example\\.org/\\PC{0,2000}"),
        token_bytes in 1..=1_024_usize,
    ) {
        let mut registered = registered(provider);
        if provider == PushProvider::Fcm {
            registered.token = "a".repeat(token_bytes);
        }
        let device = Device::parse(&registered, &[]).unwrap();
        let request = providers::push(&a_push(&title, &body, link.as_deref()), device).unwrap();
        let max = if provider == PushProvider::WebPush { 3_993 } else { 4_096 };
        prop_assert!(request.body.len() <= max, "{} bytes", request.body.len());
        let sent: Value = serde_json::from_str(&request.body).unwrap();
        let (sent_title, sent_body) = shown(provider, &sent);
        prop_assert!(is_beginning(sent_title, &title), "{:?}", sent_title);
        prop_assert!(is_beginning(sent_body, &body), "{:?}", sent_body);
        if title.len() + body.len() < 80 {
            prop_assert_eq!((sent_title, sent_body), (title.as_str(), body.as_str()));
        }
    }

    #[test]
    fn calls_only_hosts_of_push_services(endpoint in any_endpoint()) {
        let device = RegisteredDevice { token: endpoint.clone(), ..registered(PushProvider::WebPush) };
        if let Ok(Device::WebPush(subscription)) = Device::parse(&device, &[]) {
            prop_assert!(endpoint.starts_with("https://"));
            let host = laxest_host(&endpoint);
            let is_known = host == "fcm.googleapis.com"
                || [".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com"].iter().any(|it| host.ends_with(it));
            prop_assert!(is_known, "{} is called for {:?}", host, endpoint);
            prop_assert_eq!(subscription.endpoint, endpoint);
        }
    }

    #[test]
    fn a_header_of_an_email_is_always_one_line(
        provider in proptest::sample::select(EmailProvider::VARIANTS),
        subject in any_text(), from in any_text(), to in any_text(), unsubscribe in any_text(),
    ) {
        let email = Email { subject, html: "h".to_owned(), text: "t".to_owned() };
        let to = EmailTo { key: KEY, from: &from, to: &to, email: &email, unsubscribe: Some(&unsubscribe), conversation: None };
        let request = providers::email(provider, &to);
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let mut values = vec![&body["subject"], &body["headers"]["List-Unsubscribe"]];
        if provider == EmailProvider::SendGrid {
            values.extend([&body["from"]["email"], &body["personalizations"][0]["to"][0]["email"]]);
        } else {
            values.extend([&body["from"], &body["to"][0]]);
        }
        for value in values {
            prop_assert!(!value.as_str().unwrap().contains(|c: char| c.is_control()), "{:?}", value);
        }
    }

    #[test]
    fn classifies_any_answer_and_bounds_its_text(
        provider in any_provider(), status in prop_oneof![0..=700_u16, any::<u16>()], body in any::<Vec<u8>>(), stage in any_stage(),
        header in proptest::option::of("\\PC*"), reset in proptest::option::of(prop_oneof!["-?[0-9]{0,25}", "\\PC*"]),
    ) {
        let reply = Reply { status, retry_after: header, rate_limit_reset: reset, message_id: None, stage, body };
        let (after_secs, failure) = match providers::classify(provider, &reply, now()) {
            Answer::Accepted { .. } => {
                prop_assert!((200..=299).contains(&status) && stage == Stage::Request);
                return Ok(());
            }
            Answer::Throttled { after_secs, failure } | Answer::Busy { after_secs, failure } => (after_secs, failure),
            Answer::Transient { failure, .. } | Answer::Rejected(failure) | Answer::Gone(failure)
            | Answer::Misconfigured(failure) => (None, failure),
        };
        prop_assert!(after_secs.is_none_or(|secs| secs <= 21_600));
        prop_assert!(failure.error.chars().count() <= 500);

    }

    #[test]
    fn no_failure_repeats_a_token_or_an_address(
        provider in any_provider(),
        status in prop_oneof![0..=199_u16, 300..=600_u16],
        stage in any_stage(),
        field in proptest::sample::select(vec!["reason", "name", "message", "error", "error_description"]),
        before in "[a-zA-Z .,<(\"':]{0,40}", after in "[a-zA-Z .,>)\"':]{0,40}",
        secret in proptest::sample::select(vec![
            FCM_TOKEN, APNS_TOKEN, "ann@example.org", "ann.smith+likes@example.org", "https://web.push.apple.com/QGuQyavXutnMH",
        ]),
    ) {
        let said = format!("{before}{secret}{after}");
        let bodies = [
            json!({field: said}).to_string(),
            json!({"error": {"status": said, "message": said, "details": [{"errorCode": said}]}}).to_string(),
            json!({"errors": [{"message": said, "field": said}]}).to_string(),
            said.clone(),
            format!("<html><body>{said}</body></html>"),
        ];
        for body in bodies {
            let reply = Reply { status, stage, body: body.into_bytes(), ..Reply::default() };
            let answer = providers::classify(provider, &reply, now());
            prop_assert!(!format!("{answer:?}").contains(secret), "{:?}", answer);
        }
    }
}

#[test]
fn ignores_a_message_id_that_cannot_be_stored() {
    let long = "a".repeat(201);
    for id in ["", "a\0b", "a\nb", "é", "projects/x/messages/0:1%2"]
        .into_iter()
        .chain([long.as_str()])
    {
        let expected = id.starts_with("projects").then(|| id.to_owned());
        for (provider, status, field) in
            [(FCM, 200, "name"), (RESEND, 200, "id"), (SENDGRID, 202, "")]
        {
            let reply = Reply {
                status,
                message_id: Some(id.to_owned()),
                body: json!({field: id}).to_string().into_bytes(),
                ..Reply::default()
            };
            let answer = providers::classify(provider, &reply, now());
            assert_eq!(
                answer,
                Answer::Accepted {
                    message_id: expected.clone(),
                    content: None,
                }
            );
        }
    }
}

#[test]
fn bounds_the_text_of_a_huge_answer() {
    let word = "Reason ".repeat(10_000);
    for body in [
        json!({"reason": word}).to_string(),
        word,
        "[".repeat(65_536),
    ] {
        for provider in Provider::all() {
            let reply = Reply {
                status: 400,
                body: body.clone().into_bytes(),
                ..Reply::default()
            };
            let Answer::Rejected(failure) = providers::classify(provider, &reply, now()) else {
                panic!("expected a rejection");
            };
            assert!(failure.error.chars().count() <= 500);
        }
    }
}
