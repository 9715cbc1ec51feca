//! Email by Resend.
//!
//! Resend API reference, "Send Email", "Errors", "Rate Limit" and "Idempotency Keys".

use serde::Serialize;

use super::{
    Access, EmailTo,
    access::of_api,
    answer::{FlatBody, accepted, after_secs, failure, of_status},
    text::one_line,
};
use crate::{
    base::{Code, Failure, Reply, Timestamp, Variables, json},
    work::Answer,
};

pub(super) const SECRET: &str = "RESEND_API_KEY";
pub(super) const PATH: &str = "/emails";
/// Quotas are daily or monthly; a retry each hour finds the next one.
const QUOTA_WAIT_SECS: u32 = 60 * 60;

#[derive(Serialize)]
struct Body<'a> {
    from: String,
    to: [String; 1],
    subject: String,
    html: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<UnsubscribeHeaders>,
}

/// One-click unsubscription: RFC 2369, section 3.2, and RFC 8058.
#[derive(Serialize)]
pub(super) struct UnsubscribeHeaders {
    #[serde(rename = "List-Unsubscribe")]
    link: String,
    #[serde(rename = "List-Unsubscribe-Post")]
    post: &'static str,
}

impl UnsubscribeHeaders {
    pub(super) fn of(email: &EmailTo<'_>) -> Option<Self> {
        let is_of_links = |c: &char| c.is_ascii_graphic() && !"<>,".contains(*c);
        let mut link = String::from("<");
        link.extend(email.unsubscribe?.chars().filter(is_of_links));
        link.push('>');
        Some(Self {
            link,
            post: "List-Unsubscribe=One-Click",
        })
    }
}

pub(super) fn access(variables: &dyn Variables) -> Result<Access, Failure> {
    of_api(variables, SECRET, "RESEND_URL", "https://api.resend.com")
}

pub(super) fn body(email: &EmailTo<'_>) -> String {
    json::write(&Body {
        from: one_line(email.from),
        to: [one_line(email.to)],
        subject: one_line(&email.email.subject),
        html: &email.email.html,
        text: &email.email.text,
        headers: UnsubscribeHeaders::of(email),
    })
}

/// Compares only the start of the message: the rest may repeat the recipient's address.
fn is_about_the_sender(message: &str) -> bool {
    ["Invalid `from`", "Missing `from`"]
        .iter()
        .any(|start| message.starts_with(start))
}

pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    let body = FlatBody::of(reply);
    if let (200..=202, Some(id)) = (reply.status, &body.id) {
        return accepted(Some(id));
    }
    let name = body.name.as_deref();
    let message = body.message.as_deref();
    let failed = |kind| failure(kind, reply, name, message);
    match (reply.status, name.unwrap_or_default()) {
        // The key was used with another body, which was accepted.
        (409, "invalid_idempotent_request") => accepted(None),
        (409, _) => Answer::Transient {
            failure: failed(Code::ProviderUnavailable),
            is_uncertain: false,
        },
        (429, "daily_quota_exceeded" | "monthly_quota_exceeded") => Answer::Throttled {
            after_secs: after_secs(reply, now).max(Some(QUOTA_WAIT_SECS)),
            failure: failed(Code::ProviderThrottled),
        },
        (422, "invalid_from_address") => Answer::Misconfigured(failed(Code::ProviderMisconfigured)),
        (422, _) if message.is_some_and(is_about_the_sender) => {
            Answer::Misconfigured(failed(Code::ProviderMisconfigured))
        }
        _ => of_status(reply, now, name, message),
    }
}
