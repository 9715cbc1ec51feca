//! Firebase Cloud Messaging, HTTP v1 API.
//!
//! Requests: Firebase reference, "REST Resource: projects.messages". Answers: Firebase documentation,
//! "FCM Error Codes" and "Best practices for FCM registration token management"; statuses without an
//! FCM code are those of Google APIs (AIP-193).

use serde::Serialize;
use uuid::Uuid;

use super::{
    Access, Authorization, Push, Recipient, Request,
    access::{secret, url},
    answer::{accepted, after_secs, failure, of_status},
    invalid_token, json_type,
    text::fitted,
};
use crate::{
    base::{
        Code, Failure, Reply, Timestamp, Variables, json,
        object::{Malformed, Object},
    },
    work::{Answer, DELIVERY_TIMEOUT_SECS},
};

pub(super) const SECRET: &str = "FCM_SERVICE_ACCOUNT";
/// The host fills in the project of the service account.
pub(super) const PATH: &str = "/v1/projects/{project_id}/messages:send";
/// The scope of access tokens.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// The longest validity of an assertion that Google accepts.
const ASSERTION_SECS: u32 = 3_600;
/// Longer than a delivery takes, so that no token expires during one.
const TOKEN_MARGIN_SECS: u32 = 60;
/// A part of a delivery's time, because the deliveries that wait for the token need some of it.
const TOKEN_TIMEOUT_MS: u32 = DELIVERY_TIMEOUT_SECS * 1_000 / 3 * 2;
/// The project's own key for APNs or Web Push is missing or wrong.
const THIRD_PARTY: &str = "THIRD_PARTY_AUTH_ERROR";
/// FCM allows 4096 bytes, less what it adds for a device that it reaches through APNs.
const MAX_BODY_BYTES: usize = 4_096 - 256;
/// Registration tokens have about 160 characters today, but no length is guaranteed.
const MAX_TOKEN_BYTES: usize = 1_024;
/// Four weeks.
const MAX_TTL_SECS: u32 = 2_419_200;
/// "FCM Error Codes": at least a minute without a `Retry-After`.
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

/// For devices that FCM reaches through APNs, where `android` has no effect.
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

/// A registration token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub(super) fn parse(token: &str) -> Result<Self, Failure> {
        let is_safe = |c: u8| c.is_ascii_alphanumeric() || b"-_.:~".contains(&c);
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES || !token.bytes().all(is_safe) {
            return Err(invalid_token("not an FCM registration token"));
        }
        Ok(Self(token.to_owned()))
    }
}

pub(super) fn access(variables: &dyn Variables) -> Result<Access, Failure> {
    Ok(Access {
        base_url: url(variables, "FCM_URL", "https://fcm.googleapis.com")?,
        headers: Vec::new(),
        authorization: Authorization::Google {
            secret: secret(variables, SECRET)?,
            scope: SCOPE,
            valid_secs: ASSERTION_SECS,
            margin_secs: TOKEN_MARGIN_SECS,
            timeout_ms: TOKEN_TIMEOUT_MS,
        },
    })
}

pub(super) fn request(push: &Push<'_>, token: &Token) -> Result<Request, Failure> {
    let mut ttl = push.ttl_secs.min(MAX_TTL_SECS).to_string();
    ttl.push('s');
    let expiration = push.expires_at();
    let body = fitted(push, MAX_BODY_BYTES, &|title, body, link| {
        json::write(&Body {
            message: Message {
                token: &token.0,
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
    })?;
    Ok(Request {
        to: Recipient::Fcm,
        key: push.key.to_string(),
        headers: vec![json_type()],
        body,
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
    fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Object::parse_bytes(body)?;
        let error = fields.take("error").filter(|json| json.get() != "null");
        Ok(Self {
            name: fields.text("name")?,
            error: match error {
                Some(json) => ErrorBody::read(Object::parse(json.get())?)?,
                None => ErrorBody::default(),
            },
        })
    }
}

impl ErrorBody {
    fn read(mut fields: Object<'_>) -> Result<Self, Malformed> {
        let details = fields.objects("details")?.into_iter();
        Ok(Self {
            status: fields.text("status")?.unwrap_or_default(),
            message: fields.text("message")?.unwrap_or_default(),
            details: details.map(Detail::read).collect::<Result<_, _>>()?,
        })
    }
}

impl Detail {
    fn read(mut fields: Object<'_>) -> Result<Self, Malformed> {
        let mut violations = |field| {
            let violations = fields.objects(field)?.into_iter();
            violations.map(Violation::read).collect::<Result<_, _>>()
        };
        Ok(Self {
            field_violations: violations("fieldViolations")?,
            violations: violations("violations")?,
            error_code: fields.text("errorCode")?,
        })
    }
}

impl Violation {
    fn read(mut fields: Object<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            field: fields.text("field")?.unwrap_or_default(),
            subject: fields.text("subject")?.unwrap_or_default(),
            description: fields.text("description")?.unwrap_or_default(),
        })
    }
}

impl ErrorBody {
    /// FCM's own code, or else the status.
    fn code(&self) -> &str {
        let own = self.details.iter().find_map(|it| it.error_code.as_deref());
        own.unwrap_or(&self.status)
    }

    /// Whether the invalid argument is the token.
    fn is_about_the_token(&self) -> bool {
        self.message.starts_with("The registration token")
            || self.details.iter().any(|detail| {
                let fields = &mut detail.field_violations.iter();
                fields.any(|violation| violation.field == "message.token")
            })
    }

    /// Whether the quota of the device is exceeded, not that of the project.
    fn is_about_the_device(&self) -> bool {
        let says_so = |text: &str| text.to_ascii_lowercase().contains("device");
        says_so(&self.message)
            || self.details.iter().any(|detail| {
                let quotas = &mut detail.violations.iter();
                quotas.any(|quota| says_so(&quota.subject) || says_so(&quota.description))
            })
    }
}

/// Whether the access token was refused. The other 401 is about the keys with which FCM reaches Apple
/// and browsers.
pub(super) fn refuses_token(reply: &Reply) -> bool {
    let body = ReplyBody::read(&reply.body).unwrap_or_default();
    reply.status == 401 && body.error.code() != THIRD_PARTY
}

pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    let body = ReplyBody::read(&reply.body).unwrap_or_default();
    if let (200, Some(name)) = (reply.status, &body.name) {
        return accepted(Some(name));
    }
    let error = body.error;
    let code = error.code();
    let failed = |kind| failure(kind, reply, Some(code), Some(&error.message));
    match (reply.status, code) {
        (_, "UNREGISTERED") | (404, "NOT_FOUND") => Answer::Gone(failed(Code::DeviceGone)),
        (400, _) if error.is_about_the_token() => Answer::Gone(failed(Code::InvalidToken)),
        // A token of another project. The device is kept, because our service account may be wrong
        // instead. Other devices are not affected, because anyone can register such a token.
        (_, "SENDER_ID_MISMATCH") => Answer::Rejected(failed(Code::DeviceMismatch)),
        // Devices on Android are not affected.
        (_, THIRD_PARTY) => Answer::Rejected(failed(Code::ProviderMisconfigured)),
        // The host gets a new access token; if that fails, the answer is that of the token endpoint.
        (401, _) => Answer::Transient {
            failure: failed(Code::ProviderTokenExpired),
            is_uncertain: false,
        },
        (429, _) => {
            let after_secs = Some(after_secs(reply, now).unwrap_or(QUOTA_WAIT_SECS));
            if error.is_about_the_device() {
                Answer::Busy {
                    after_secs,
                    failure: failed(Code::RecipientThrottled),
                }
            } else {
                Answer::Throttled {
                    after_secs,
                    failure: failed(Code::ProviderThrottled),
                }
            }
        }
        _ => of_status(reply, now, Some(code), Some(&error.message)),
    }
}
