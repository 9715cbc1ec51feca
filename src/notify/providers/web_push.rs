//! Web Push: RFC 8030 (the protocol), RFC 8291 (encryption), RFC 8292 (VAPID).
//!
//! Error bodies differ: Mozilla's "Autopush: Error Codes", Apple's "Sending web push notifications in web
//! apps and browsers", plain text from Google. Microsoft answers in headers.

use serde::Serialize;
use uuid::Uuid;

use super::{
    Access, Authorization, Push, Recipient, RegisteredDevice, Request,
    access::{secret, unusable, word},
    answer::{FlatBody, accepted, after_secs, failure, of_status, redirected},
    endpoint, invalid_token,
    text::fitted,
};
use crate::{
    base::{Code, Failure, Reply, Timestamp, Variables, json},
    work::Answer,
};

pub(super) const SECRETS: [&str; 3] = ["VAPID_PUBLIC_KEY", "VAPID_PRIVATE_KEY", "VAPID_SUBJECT"];
/// RFC 8292, section 2, allows 24 hours, less a margin for clocks.
const TOKEN_VALID_SECS: u32 = 12 * 60 * 60;
const TOKEN_USE_SECS: u32 = 6 * 60 * 60;
/// RFC 8291, section 4, guarantees 3993 bytes before encryption. Firefox on Android supports fewer: there
/// the encrypted record is sent in base64, in a message of 4096 bytes.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The URL of the push service.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The browser's authentication secret, base64url.
    pub auth: String,
}

pub(super) fn access(variables: &dyn Variables) -> Result<Access, Failure> {
    // Some tools write standard base64 with padding.
    let key = word(variables, "VAPID_PUBLIC_KEY")?
        .replace('+', "-")
        .replace('/', "_");
    let public_key = point(&key).ok_or_else(|| {
        let what = "is not an uncompressed point of P-256 in base64url";
        unusable("VAPID_PUBLIC_KEY", what)
    })?;
    let subject = word(variables, "VAPID_SUBJECT")?;
    let contact = subject
        .strip_prefix("mailto:")
        .or(subject.strip_prefix("https://"));
    if contact.is_none_or(str::is_empty) {
        let what = "is neither a mailto: nor an https: address";
        return Err(unusable("VAPID_SUBJECT", what));
    }
    Ok(Access {
        base_url: String::new(),
        headers: Vec::new(),
        authorization: Authorization::Vapid {
            secret: secret(variables, "VAPID_PRIVATE_KEY")?,
            public_key: public_key.to_owned(),
            subject,
            valid_secs: TOKEN_VALID_SECS,
            use_secs: TOKEN_USE_SECS,
        },
    })
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
    // RFC 8291, section 2.
    let p256dh = device.p256dh.as_deref().and_then(point);
    let auth = device.auth.as_deref().and_then(|auth| base64url(auth, 16));
    let (Some(p256dh), Some(auth)) = (p256dh, auth) else {
        return Err(invalid_token("not the keys of a subscription"));
    };
    Ok(Subscription {
        endpoint: device.token.clone(),
        p256dh: p256dh.to_owned(),
        auth: auth.to_owned(),
    })
}

pub(super) fn request(push: &Push<'_>, subscription: Subscription) -> Result<Request, Failure> {
    let body = fitted(push, MAX_BODY_BYTES, &|title, body, link| {
        json::write(&Body {
            delivery_id: push.key,
            notification_id: push.notification_id,
            kind: push.kind,
            title,
            body,
            link,
        })
    })?;
    Ok(Request {
        to: Recipient::WebPush(subscription),
        key: push.key.to_string(),
        headers: vec![
            ("content-type", "application/octet-stream".to_owned()),
            ("content-encoding", "aes128gcm".to_owned()),
            // Windows rejects 0 as contradictory.
            ("ttl", push.ttl_secs.max(1).to_string()),
            ("urgency", "normal".to_owned()),
            // 32 characters, the limit of RFC 8030, section 5.4.
            ("topic", push.notification_id.simple().to_string()),
        ],
        body,
    })
}

/// An uncompressed point of the curve P-256 in base64url: 65 bytes, the first of which is 4.
fn point(text: &str) -> Option<&str> {
    let point = base64url(text, 65)?;
    let begins_with_4 = matches!(point.as_bytes(), [b'B', b'A'..=b'P', ..]);
    begins_with_4.then_some(point)
}

/// This many bytes in base64url, without padding.
fn base64url(text: &str, bytes: usize) -> Option<&str> {
    let text = text.trim_end_matches('=');
    let is_of_base64url = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    let chars = (bytes * 4).div_ceil(3);
    (text.len() == chars && text.bytes().all(is_of_base64url)).then_some(text)
}

/// Whether the VAPID token was refused.
pub(super) fn refuses_token(reply: &Reply) -> bool {
    matches!(reply.status, 401 | 403)
}

/// The subscriber chooses the endpoint, so an answer says nothing about other push services, nor that our
/// secrets are wrong.
pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    let body = FlatBody::of(reply);
    let said = body.reason.as_deref().or(body.message.as_deref());
    let failed = |kind| failure(kind, reply, said, None);
    match (reply.status, refusal(&reply.body)) {
        // RFC 8030, section 5. The URL that identifies the message is a secret, so it is not recorded.
        (201 | 202, _) if !is_web_page(&reply.body) => accepted(None),
        (404 | 410, _) => Answer::Gone(failed(Code::DeviceGone)),
        (300..=399, _) => Answer::Transient {
            failure: redirected(Code::ProviderUnavailable, reply),
            is_uncertain: false,
        },
        // Subscribed with another VAPID key. The device is kept, because our key may be wrong instead.
        (400..=403, Some(Refusal::OtherKey)) => Answer::Rejected(failed(Code::DeviceMismatch)),
        (401 | 403, Some(Refusal::Signature)) => Answer::Transient {
            failure: failed(Code::ProviderMisconfigured),
            is_uncertain: false,
        },
        (401 | 403, None) => Answer::Rejected(failed(Code::DeviceMismatch)),
        // Windows answers 406 instead of 429.
        (406 | 429, _) => Answer::Busy {
            after_secs: after_secs(reply, now),
            failure: failed(Code::RecipientThrottled),
        },
        (400..=499, _) => Answer::Rejected(failed(Code::MessageRejected)),
        _ => of_status(reply, now, said, None),
    }
}

fn is_web_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// Why a push service refuses a VAPID token.
enum Refusal {
    /// The subscription was made with another key.
    OtherKey,
    /// The token itself: its signature, its subject, its times.
    Signature,
}

fn refusal(body: &[u8]) -> Option<Refusal> {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // Google: "… do not correspond to the credentials used to create the subscriptions", "… does not correspond
    // to the sender ID used to subscribe this user", "UnauthorizedRegistration". Mozilla: "VAPID public key
    // mismatch". Apple: "VapidPkHashMismatch".
    if says(&["mismatch", "not correspond", "unauthorizedregistration"]) {
        return Some(Refusal::OtherKey);
    }
    // Google: "invalid JWT provided". Mozilla: errno 109. Apple: "BadJwtToken".
    says(&["jwt", "vapid", "authorization header", "\"errno\":109"]).then_some(Refusal::Signature)
}
