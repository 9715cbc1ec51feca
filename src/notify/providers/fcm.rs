//! Firebase Cloud Messaging, HTTP v1 API.
//!
//! Request: Firebase reference, "REST Resource: projects.messages". Answers: Firebase documentation,
//! "FCM Error Codes" and "Best practices for FCM registration token management"; statuses without an
//! FCM code are the canonical ones of Google APIs (AIP-193).

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    Device, Provider, Push, Request,
    answer::{accepted, after_secs, failure, of_status},
    invalid_token,
    text::fitted,
};
use crate::{
    base::{
        Failure, Reply, Timestamp,
        json::{self, FromJson, Object, Problem},
    },
    work::Answer,
};

/// 4096 bytes are allowed, less what FCM itself adds for a device that it reaches by APNs.
const MAX_BODY_BYTES: usize = 4_096 - 256;
/// Registration tokens have about 160 characters today; no length is promised.
const MAX_TOKEN_BYTES: usize = 1_024;
/// Four weeks.
const MAX_TTL_SECS: u32 = 2_419_200;
/// "FCM Error Codes": without a `Retry-After`, a minute at least.
const QUOTA_WAIT_SECS: u32 = 60;

#[derive(Serialize)]
struct Body<'a> {
    message: Message<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    token: &'a str,
    notification: Notification<'a>,
    data: Data<'a>,
    android: Android<'a>,
    apns: Apns<'a>,
}

#[derive(Serialize)]
struct Notification<'a> {
    title: &'a str,
    body: &'a str,
}

#[derive(Serialize)]
struct Data<'a> {
    delivery_id: Uuid,
    notification_id: Uuid,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

#[derive(Serialize)]
struct Android<'a> {
    priority: &'a str,
    ttl: &'a str,
    notification: Tag,
}

#[derive(Serialize)]
struct Tag {
    tag: Uuid,
}

/// For devices that FCM reaches by APNs, where `android` has no effect.
#[derive(Serialize)]
struct Apns<'a> {
    headers: ApnsHeaders<'a>,
    payload: ApnsPayload<'a>,
}

#[derive(Serialize)]
struct ApnsPayload<'a> {
    aps: Sound<'a>,
}

#[derive(Serialize)]
struct Sound<'a> {
    sound: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ApnsHeaders<'a> {
    apns_collapse_id: Uuid,
    apns_expiration: &'a str,
}

pub(super) fn request(push: &Push<'_>, device: &Device) -> Result<Request, Failure> {
    let token = device.token.as_str();
    let is_safe = |c: u8| c.is_ascii_alphanumeric() || b"-_.:~".contains(&c);
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES || !token.bytes().all(is_safe) {
        return Err(invalid_token("not an FCM registration token"));
    }
    let mut ttl = push.ttl_secs.min(MAX_TTL_SECS).to_string();
    ttl.push('s');
    let expiration = push.expires_at();
    let body = fitted(push, MAX_BODY_BYTES, &|title, body, link| {
        json::write(&Body {
            message: Message {
                token,
                notification: Notification { title, body },
                data: Data {
                    delivery_id: push.key,
                    notification_id: push.notification_id,
                    kind: push.kind,
                    link,
                },
                android: Android {
                    priority: "HIGH",
                    ttl: &ttl,
                    notification: Tag {
                        tag: push.notification_id,
                    },
                },
                apns: Apns {
                    headers: ApnsHeaders {
                        apns_collapse_id: push.notification_id,
                        apns_expiration: &expiration,
                    },
                    payload: ApnsPayload {
                        aps: Sound { sound: "default" },
                    },
                },
            },
        })
    });
    Ok(Request {
        provider: Provider::Fcm,
        key: push.key.to_string(),
        headers: Vec::new(),
        body,
        token: None,
        subscription: None,
    })
}

#[derive(Default)]
struct ReplyBody {
    name: Option<String>,
    error: ErrorBody,
}

#[derive(Default)]
struct ErrorBody {
    status: String,
    message: String,
    details: Vec<Detail>,
}

/// `google.firebase.fcm.v1.FcmError`, `google.rpc.BadRequest` and `google.rpc.QuotaFailure` in one.
struct Detail {
    error_code: Option<String>,
    field_violations: Vec<Violation>,
    violations: Vec<Violation>,
}

struct Violation {
    field: String,
    subject: String,
    description: String,
}

impl ReplyBody {
    fn read(body: &[u8]) -> Result<Self, Problem> {
        let mut fields = Object::parse_bytes(body)?;
        Ok(Self {
            name: fields.get("name")?,
            error: fields.get_or("error", ErrorBody::default())?,
        })
    }
}

impl FromJson for ErrorBody {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            status: fields.get_or("status", String::new())?,
            message: fields.get_or("message", String::new())?,
            details: fields.get_or("details", Vec::new())?,
        })
    }
}

impl FromJson for Detail {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            error_code: fields.get("errorCode")?,
            field_violations: fields.get_or("fieldViolations", Vec::new())?,
            violations: fields.get_or("violations", Vec::new())?,
        })
    }
}

impl FromJson for Violation {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            field: fields.get_or("field", String::new())?,
            subject: fields.get_or("subject", String::new())?,
            description: fields.get_or("description", String::new())?,
        })
    }
}

impl ErrorBody {
    /// FCM's own code, or else the canonical one.
    fn code(&self) -> &str {
        let own = self.details.iter().find_map(|it| it.error_code.as_deref());
        own.unwrap_or(&self.status)
    }

    /// An invalid argument is the token's fault only if it says so.
    fn is_about_the_token(&self) -> bool {
        self.message.starts_with("The registration token")
            || self.details.iter().any(|detail| {
                let fields = &mut detail.field_violations.iter();
                fields.any(|violation| violation.field == "message.token")
            })
    }

    /// Whether it is the device's quota that is exceeded, not the project's.
    fn is_about_the_device(&self) -> bool {
        let says_so = |text: &str| text.to_ascii_lowercase().contains("device");
        says_so(&self.message)
            || self.details.iter().any(|detail| {
                let quotas = &mut detail.violations.iter();
                quotas.any(|quota| says_so(&quota.subject) || says_so(&quota.description))
            })
    }
}

pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    let body = ReplyBody::read(&reply.body).unwrap_or_default();
    if (200..=299).contains(&reply.status) {
        return accepted(body.name.as_deref());
    }
    let error = body.error;
    let code = error.code();
    let failed = |kind| failure(kind, reply, Some(code), Some(&error.message));
    match (reply.status, code) {
        (_, "UNREGISTERED") | (404, "NOT_FOUND") => Answer::Gone(failed("device_gone")),
        (400, _) if error.is_about_the_token() => Answer::Gone(failed("invalid_token")),
        // A token of another project's app. It may as well be the service account that is the wrong
        // one, so the device is kept; and since anybody can register such a token, the others go on.
        (_, "SENDER_ID_MISMATCH") => Answer::Rejected(failed("device_mismatch")),
        // The project's own key for APNs or Web Push is missing or wrong: devices on Android go on.
        (_, "THIRD_PARTY_AUTH_ERROR") => Answer::Rejected(failed("provider_misconfigured")),
        // The host asks for a new access token; if there is none to get, it says so itself.
        (401, _) => Answer::Transient {
            failure: failed("provider_token_expired"),
            is_uncertain: false,
        },
        (429, _) => {
            let after_secs = Some(after_secs(reply, now).unwrap_or(QUOTA_WAIT_SECS));
            if error.is_about_the_device() {
                Answer::Busy {
                    after_secs,
                    failure: failed("recipient_throttled"),
                }
            } else {
                Answer::Throttled {
                    after_secs,
                    failure: failed("provider_throttled"),
                }
            }
        }
        _ => of_status(reply, now, Some(code), Some(&error.message)),
    }
}
