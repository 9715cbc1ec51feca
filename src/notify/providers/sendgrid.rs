//! Email by Twilio SendGrid.
//!
//! SendGrid API reference, "Mail Send", "Responses", "Rate Limits" and "Mail Send Errors".

use serde::Serialize;
use uuid::Uuid;

use super::{
    Access, EmailTo,
    access::of_email,
    answer::{accepted, after_secs, failure, of_status},
    resend::Headers,
    text::one_line,
};
use crate::{
    base::{
        Code, Failure, Reply, Timestamp, Variables, json,
        object::{Malformed, Object},
    },
    notify::email::address::Mailbox,
    work::Answer,
};

pub(super) const SECRET: &str = "SENDGRID_API_KEY";
pub(super) const PATH: &str = "/v3/mail/send";
/// Credits are daily or monthly; a retry each hour finds the next ones.
const CREDITS_WAIT_SECS: u32 = 60 * 60;

#[derive(Serialize)]
struct Body<'a> {
    personalizations: [Personalization; 1],
    from: Address,
    subject: String,
    content: [Content<'a>; 2],
    headers: Headers,
    custom_args: CustomArgs,
    tracking_settings: TrackingSettings,
}

#[derive(Serialize)]
struct Personalization {
    to: [Address; 1],
}

#[derive(Serialize)]
struct Address {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct CustomArgs {
    delivery_id: Uuid,
}

/// All off: tracking rewrites links, and SendGrid's own link to unsubscribe would replace ours.
#[derive(Serialize)]
struct TrackingSettings {
    click_tracking: ClickTracking,
    open_tracking: Switch,
    subscription_tracking: Switch,
}

#[derive(Serialize)]
struct ClickTracking {
    enable: bool,
    enable_text: bool,
}

#[derive(Serialize)]
struct Switch {
    enable: bool,
}

pub(super) fn access(variables: &dyn Variables) -> Result<Access, Failure> {
    of_email(
        variables,
        SECRET,
        "SENDGRID_URL",
        "https://api.sendgrid.com",
    )
}

pub(super) fn body(email: &EmailTo<'_>) -> String {
    let to = Address {
        email: one_line(email.to),
        name: None,
    };
    json::write(&Body {
        personalizations: [Personalization { to: [to] }],
        from: sender(email.sender()),
        subject: one_line(&email.email.subject),
        content: [
            Content {
                kind: "text/plain",
                value: &email.email.text,
            },
            Content {
                kind: "text/html",
                value: &email.email.html,
            },
        ],
        headers: Headers::of(email),
        custom_args: CustomArgs {
            delivery_id: email.key,
        },
        tracking_settings: TrackingSettings {
            click_tracking: ClickTracking {
                enable: false,
                enable_text: false,
            },
            open_tracking: Switch { enable: false },
            subscription_tracking: Switch { enable: false },
        },
    })
}

fn sender(Mailbox { name, address }: Mailbox) -> Address {
    Address {
        email: address,
        name,
    }
}

#[derive(Default)]
struct ErrorBody {
    message: Option<String>,
    field: Option<String>,
}

/// The first error of a reply.
fn first_error(body: &[u8]) -> Result<ErrorBody, Malformed> {
    let mut errors = Object::parse_bytes(body)?.objects("errors")?.into_iter();
    let mut fields = errors.next().unwrap_or_default();
    Ok(ErrorBody {
        message: fields.text("message")?,
        field: fields.text("field")?,
    })
}

pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    if let (202, Some(id)) = (reply.status, &reply.message_id) {
        return accepted(Some(id));
    }
    let first = first_error(&reply.body).unwrap_or_default();
    let message = first.message.as_deref();
    // `personalizations.0.to.0.email` → `personalizations`
    let field = first.field.as_deref().and_then(|it| it.split('.').next());
    let failed = |kind| failure(kind, reply, field, message);
    match (reply.status, field) {
        (400, Some("from")) => Answer::Misconfigured(failed(Code::ProviderMisconfigured)),
        (401, _) if message.is_some_and(|text| text.starts_with("Maximum credits exceeded")) => {
            Answer::Throttled {
                after_secs: after_secs(reply, now).max(Some(CREDITS_WAIT_SECS)),
                failure: failed(Code::ProviderThrottled),
            }
        }
        _ => of_status(reply, now, field, message),
    }
}
