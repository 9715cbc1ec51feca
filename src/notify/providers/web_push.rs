//! Web Push: RFC 8030 (the protocol), RFC 8291 (encryption), RFC 8292 (VAPID).
//!
//! Bodies of errors are the push services' own: Mozilla's "Autopush: Error Codes", Apple's "Sending web
//! push notifications in web apps and browsers", Google's plain text. Microsoft answers in headers.

use serde::Serialize;
use uuid::Uuid;

use super::{
    Push, Recipient, RegisteredDevice, Request,
    answer::{FlatBody, after_secs, failure, of_status},
    endpoint, invalid_token,
    text::fitted,
};
use crate::{
    base::{Code, Failure, Reply, Timestamp, json},
    work::Answer,
};

/// RFC 8291, section 4, guarantees 3993 bytes before encryption. Firefox on Android gets less: there
/// the encrypted record travels on in base64, inside a message of 4096 bytes.
const MAX_BODY_BYTES: usize = 2_800;

#[derive(Serialize)]
struct Body<'a> {
    delivery_id: Uuid,
    notification_id: Uuid,
    #[serde(rename = "type")]
    kind: &'a str,
    title: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

/// A browser's subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subscription {
    /// Where to send: an address of a push service.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The browser's authentication secret, base64url.
    pub auth: String,
}

pub(super) fn subscription(
    device: &RegisteredDevice,
    further_hosts: &[String],
) -> Result<Subscription, Failure> {
    if !endpoint::is_allowed(&device.token, further_hosts) {
        return Err(Failure::new(
            Code::InvalidEndpoint,
            "not an endpoint of a known push service",
        ));
    }
    // A point of the curve P-256, uncompressed, and 16 bytes: RFC 8291, section 2.
    let (Some(p256dh), Some(auth)) = (key(&device.p256dh, 87), key(&device.auth, 22)) else {
        return Err(invalid_token("not the keys of a subscription"));
    };
    Ok(Subscription {
        endpoint: device.token.clone(),
        p256dh: p256dh.to_owned(),
        auth: auth.to_owned(),
    })
}

pub(super) fn request(push: &Push<'_>, subscription: Subscription) -> Request {
    let body = fitted(push, MAX_BODY_BYTES, &|title, body, link| {
        json::write(&Body {
            delivery_id: push.key,
            notification_id: push.notification_id,
            kind: push.kind,
            title,
            body,
            link,
        })
    });
    Request {
        to: Recipient::WebPush(subscription),
        key: push.key.to_string(),
        headers: vec![
            // Windows takes 0 for a contradiction to its own default.
            ("ttl", push.ttl_secs.max(1).to_string()),
            ("urgency", "normal".to_owned()),
            // 32 characters, as many as RFC 8030, section 5.4, allows.
            ("topic", push.notification_id.simple().to_string()),
        ],
        body,
    }
}

/// A key of so many base64url characters, without its padding.
fn key(key: &Option<String>, chars: usize) -> Option<&str> {
    let key = key.as_deref()?.trim_end_matches('=');
    let is_of_base64url = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    (key.len() == chars && key.bytes().all(is_of_base64url)).then_some(key)
}

/// There are several push services, and whoever subscribes chooses which: what one of them says holds
/// for the subscription, for all others only where it refuses our own signature.
pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    let body = FlatBody::of(reply);
    let said = body.reason.as_deref().or(body.message.as_deref());
    let failed = |kind| failure(kind, reply, said, None);
    let after_secs = after_secs(reply, now);
    match reply.status {
        404 | 410 => Answer::Gone(failed(Code::DeviceGone)),
        401 | 403 if is_own_signature_refused(&reply.body) => {
            Answer::Misconfigured(failed(Code::ProviderMisconfigured))
        }
        // Subscribed with another key than ours. It may as well be ours that has changed, so the
        // device is kept.
        401 | 403 => Answer::Rejected(failed(Code::DeviceMismatch)),
        // Windows says 406 for 429.
        406 | 429 => Answer::Busy {
            after_secs,
            failure: failed(Code::RecipientThrottled),
        },
        503 if after_secs.is_some() => Answer::Busy {
            after_secs,
            failure: failed(Code::ProviderUnavailable),
        },
        400..=499 => Answer::Rejected(failed(Code::MessageRejected)),
        _ => of_status(reply, now, said, None),
    }
}

/// Whether a refusal is about the VAPID token as such, and not about the key that one subscription was
/// made with.
fn is_own_signature_refused(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    !says(&["mismatch", "do not correspond"]) && says(&["jwt", "vapid", "authorization header"])
}
