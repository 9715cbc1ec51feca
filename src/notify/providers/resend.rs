//! Email by Resend.
//!
//! Resend API reference, "Send Email", "Errors", "Rate Limit" and "Idempotency Keys".

use serde::Serialize;

use super::{
    Access, EmailTo,
    access::of_email,
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
    headers: Headers,
}

/// The headers of every email.
#[derive(Serialize)]
pub(super) struct Headers {
    /// Nobody wrote it, and nobody wants the answer of another machine: RFC 3834, section 5.
    #[serde(rename = "Auto-Submitted")]
    auto_submitted: &'static str,
    /// One-click unsubscription: RFC 2369, section 3.2, and RFC 8058.
    #[serde(rename = "List-Unsubscribe", skip_serializing_if = "Option::is_none")]
    unsubscribe: Option<String>,
    #[serde(
        rename = "List-Unsubscribe-Post",
        skip_serializing_if = "Option::is_none"
    )]
    unsubscribe_post: Option<&'static str>,
    /// One conversation for each photo: RFC 5322, section 3.6.4. `Message-ID` is the provider's.
    #[serde(rename = "In-Reply-To", skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<String>,
    #[serde(rename = "References", skip_serializing_if = "Option::is_none")]
    references: Option<String>,
}

impl Headers {
    pub(super) fn of(email: &EmailTo<'_>) -> Self {
        let is_of_links = |c: &char| c.is_ascii_graphic() && !"<>,".contains(*c);
        let unsubscribe = email.unsubscribe.map(|url| {
            let mut link = String::from("<");
            link.extend(url.chars().filter(is_of_links));
            link.push('>');
            link
        });
        let parent = email.parent();
        Self {
            in_reply_to: parent.clone(),
            references: parent,
            auto_submitted: "auto-generated",
            unsubscribe_post: unsubscribe.as_ref().map(|_| "List-Unsubscribe=One-Click"),
            unsubscribe,
        }
    }
}

pub(super) fn access(variables: &dyn Variables) -> Result<Access, Failure> {
    of_email(variables, SECRET, "RESEND_URL", "https://api.resend.com")
}

pub(super) fn body(email: &EmailTo<'_>) -> String {
    json::write(&Body {
        from: email.sender().to_string(),
        to: [one_line(email.to)],
        subject: one_line(&email.email.subject),
        html: &email.email.html,
        text: &email.email.text,
        headers: Headers::of(email),
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
