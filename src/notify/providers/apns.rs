//! Apple Push Notification service.
//!
//! Requests: Apple documentation, "Sending notification requests to APNs" and "Generating a remote
//! notification". Answers: "Handling notification responses from APNs".

use serde::Serialize;
use uuid::Uuid;

use super::{
    Access, Authorization, Push, Recipient, Request,
    access::{secret, url, word},
    answer::{FlatBody, accepted, after_secs, failure, of_status},
    invalid_token, json_type,
    text::fitted,
};
use crate::{
    base::{Code, Failure, Reply, Timestamp, Variables, json},
    work::Answer,
};

pub(super) const SECRETS: [&str; 4] = [
    "APNS_PRIVATE_KEY",
    "APNS_KEY_ID",
    "APNS_TEAM_ID",
    "APNS_TOPIC",
];
/// The token of the device follows.
pub(super) const PATH: &str = "/3/device/";
/// Apple requires a token to be used for 20 to 60 minutes.
const TOKEN_USE_SECS: u32 = 40 * 60;
/// The only refusal that a new token can resolve. After `InvalidProviderToken` the next token would be
/// signed with the same key, and Apple answers too many of these with `TooManyProviderTokenUpdates`, which
/// would hide the cause.
const EXPIRED: &str = "ExpiredProviderToken";
const MAX_BODY_BYTES: usize = 4_096;
/// Tokens have 64 digits today, but Apple does not guarantee it.
const MAX_TOKEN_DIGITS: usize = 512;

#[derive(Serialize)]
struct Body<'a> {
    aps: Aps<'a>,
    delivery_id: Uuid,
    notification_id: Uuid,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Aps<'a> {
    alert: Alert<'a>,
    sound: &'a str,
    thread_id: &'a str,
}

#[derive(Serialize)]
struct Alert<'a> {
    title: &'a str,
    body: &'a str,
}

/// A device token: hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub(super) fn parse(token: &str) -> Result<Self, Failure> {
        let is_hex = token.bytes().all(|c| c.is_ascii_hexdigit());
        if token.is_empty() || token.len() > MAX_TOKEN_DIGITS || !is_hex {
            return Err(invalid_token("not an APNs device token"));
        }
        Ok(Self(token.to_owned()))
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub(super) fn access(variables: &dyn Variables) -> Result<Access, Failure> {
    Ok(Access {
        base_url: url(variables, "APNS_URL", "https://api.push.apple.com")?,
        headers: vec![("apns-topic", word(variables, "APNS_TOPIC")?)],
        authorization: Authorization::Apns {
            secret: secret(variables, "APNS_PRIVATE_KEY")?,
            key_id: word(variables, "APNS_KEY_ID")?,
            team_id: word(variables, "APNS_TEAM_ID")?,
            use_secs: TOKEN_USE_SECS,
        },
    })
}

pub(super) fn request(push: &Push<'_>, token: Token) -> Result<Request, Failure> {
    let body = fitted(push, MAX_BODY_BYTES, &|title, body, link| {
        json::write(&Body {
            aps: Aps {
                alert: Alert { title, body },
                sound: "default",
                thread_id: push.kind,
            },
            delivery_id: push.key,
            notification_id: push.notification_id,
            kind: push.kind,
            link,
        })
    })?;
    Ok(Request {
        to: Recipient::Apns(token),
        key: push.key.to_string(),
        headers: vec![
            json_type(),
            ("apns-id", push.key.to_string()),
            ("apns-push-type", "alert".to_owned()),
            ("apns-priority", "10".to_owned()),
            ("apns-expiration", push.expires_at()),
            ("apns-collapse-id", push.notification_id.to_string()),
        ],
        body,
    })
}

/// Whether the provider token was refused.
pub(super) fn refuses_token(reply: &Reply) -> bool {
    reply.status == 403 && FlatBody::of(reply).reason.as_deref() == Some(EXPIRED)
}

pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    let body = FlatBody::of(reply);
    let reason = body.reason.as_deref().unwrap_or_default();
    let failed = |kind| failure(kind, reply, Some(reason), None);
    if let (200, Some(id)) = (reply.status, &reply.message_id) {
        return accepted(Some(id));
    }
    match (reply.status, reason) {
        (410, _) | (_, "Unregistered" | "ExpiredToken") => Answer::Gone(failed(Code::DeviceGone)),
        // A token of another app or environment. The device is kept, because our topic or URL may be
        // wrong instead. Other devices are not affected, because anyone can register such a token.
        (_, "BadDeviceToken" | "MissingDeviceToken" | "DeviceTokenNotForTopic") => {
            Answer::Rejected(failed(Code::DeviceMismatch))
        }
        (_, "BadTopic" | "MissingTopic" | "TopicDisallowed") => {
            Answer::Misconfigured(failed(Code::ProviderMisconfigured))
        }
        (_, "IdleTimeout") => Answer::Transient {
            failure: failed(Code::ProviderUnavailable),
            is_uncertain: false,
        },
        // The host signs a new one.
        (_, EXPIRED) => Answer::Transient {
            failure: failed(Code::ProviderTokenExpired),
            is_uncertain: false,
        },
        // For this device alone; a limit of the provider is `TooManyProviderTokenUpdates`.
        (429, "TooManyRequests") => Answer::Busy {
            after_secs: after_secs(reply, now),
            failure: failed(Code::RecipientThrottled),
        },
        _ => of_status(reply, now, Some(reason), None),
    }
}
