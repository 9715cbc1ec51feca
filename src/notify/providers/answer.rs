//! What the answers of all providers have in common.

use std::borrow::Cow;

use super::text::printable_words;
use crate::{
    base::{
        Code, Failure, MAX_RETRY_AFTER_SECS, Reply, Stage, Timestamp,
        object::{Malformed, Object},
        retry_after_secs,
    },
    work::Answer,
};

/// Error bodies without nesting: APNs, Resend, OAuth, and the push services of Apple and Mozilla.
#[derive(Debug, Default)]
pub(super) struct FlatBody {
    pub(super) reason: Option<String>,
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) message: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl FlatBody {
    pub(super) fn of(reply: &Reply) -> Self {
        Self::read(&reply.body).unwrap_or_default()
    }

    fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Object::parse_bytes(body)?;
        Ok(Self {
            reason: fields.text("reason")?,
            name: fields.text("name")?,
            id: fields.text("id")?,
            message: fields.text("message")?,
            error: fields.text("error")?,
            error_description: fields.text("error_description")?,
        })
    }
}

/// A failure with the provider's own code and the plain words of its message.
pub(super) fn failure(
    code: Code,
    reply: &Reply,
    said: Option<&str>,
    message: Option<&str>,
) -> Failure {
    let mut text = String::from("HTTP ");
    text.push_str(&reply.status.to_string());
    for part in [said, message].into_iter().flatten() {
        let words = printable_words(part);
        if !words.is_empty() {
            text.push_str(": ");
            text.push_str(&words);
        }
    }
    Failure::new(code, text)
}

/// Accepted, with the provider's id if that is printable.
pub(super) fn accepted(message_id: Option<&str>) -> Answer {
    const MAX_BYTES: usize = 200;
    let is_name =
        |id: &&str| (1..=MAX_BYTES).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_graphic());
    Answer::Accepted {
        message_id: message_id.filter(is_name).map(str::to_owned),
        content: None,
    }
}

/// A success that the provider itself did not report, such as the web page of a proxy. It may have been
/// accepted nevertheless.
fn not_its_own(reply: &Reply) -> Answer {
    let said = Some("not an answer of the provider");
    Answer::Transient {
        failure: failure(Code::ProviderUnavailable, reply, said, None),
        is_uncertain: true,
    }
}

/// Answers that mean the same for every provider.
pub(super) fn of_any(reply: &Reply) -> Option<Answer> {
    match reply.stage {
        Stage::Secret => {
            let failure = said_by_the_host(Code::ProviderMisconfigured, reply);
            return Some(Answer::Misconfigured(failure));
        }
        Stage::Encryption => {
            let failure = said_by_the_host(Code::MessageRejected, reply);
            return Some(Answer::Rejected(failure));
        }
        Stage::Token => return Some(of_token(reply)),
        Stage::Request => {}
    }
    match reply.status {
        0 => Some(Answer::Transient {
            failure: said_by_the_host(Code::NetworkError, reply),
            is_uncertain: true,
        }),
        // The server timed out waiting for the request, or refused it as a possible replay.
        408 | 425 => Some(Answer::Transient {
            failure: failure(Code::ProviderUnavailable, reply, None, None),
            is_uncertain: false,
        }),
        _ => None,
    }
}

/// The answer of the token endpoint: the request itself was not made.
fn of_token(reply: &Reply) -> Answer {
    let body = FlatBody::of(reply);
    let raw = String::from_utf8_lossy(&reply.body);
    let said = body.error.as_deref().unwrap_or(&raw);
    let failed = |code| failure(code, reply, Some(said), body.error_description.as_deref());
    match reply.status {
        408 | 425 | 429 => Answer::Transient {
            failure: failed(Code::ProviderUnavailable),
            is_uncertain: false,
        },
        400..=499 => Answer::Misconfigured(failed(Code::ProviderMisconfigured)),
        0 => Answer::Transient {
            failure: said_by_the_host(Code::NetworkError, reply),
            is_uncertain: false,
        },
        _ => Answer::Transient {
            failure: failed(Code::ProviderUnavailable),
            is_uncertain: false,
        },
    }
}

/// The text of the host, which may contain a URL with a token.
fn said_by_the_host(code: Code, reply: &Reply) -> Failure {
    let text: Cow<'_, str> = String::from_utf8_lossy(&reply.body);
    Failure::new(code, printable_words(&text))
}

/// Classifies by the status alone, for answers that the provider's own file does not know.
pub(super) fn of_status(
    reply: &Reply,
    now: Timestamp,
    said: Option<&str>,
    message: Option<&str>,
) -> Answer {
    let failed = |code| failure(code, reply, said, message);
    let after_secs = after_secs(reply, now);
    match reply.status {
        200..=299 => not_its_own(reply),
        429 => Answer::Throttled {
            after_secs,
            failure: failed(Code::ProviderThrottled),
        },
        // Refused for lack of capacity, unlike other statuses above 500.
        503 if after_secs.is_some() => Answer::Throttled {
            after_secs,
            failure: failed(Code::ProviderUnavailable),
        },
        503 => Answer::Transient {
            failure: failed(Code::ProviderUnavailable),
            is_uncertain: false,
        },
        300..=399 => Answer::Misconfigured(redirected(Code::ProviderMisconfigured, reply)),
        401..=407 | 415 => Answer::Misconfigured(failed(Code::ProviderMisconfigured)),
        400..=499 => Answer::Rejected(failed(Code::MessageRejected)),
        _ => Answer::Transient {
            failure: failed(Code::ProviderUnavailable),
            is_uncertain: true,
        },
    }
}

/// A redirect. Following it would send our key along.
pub(super) fn redirected(code: Code, reply: &Reply) -> Failure {
    failure(code, reply, Some("redirects are not followed"), None)
}

/// How long the headers ask to wait: `Retry-After`, or else the reset of a rate limit, which is a Unix
/// time (SendGrid) or a number of seconds (Resend).
pub(super) fn after_secs(reply: &Reply, now: Timestamp) -> Option<u32> {
    const UNIX_TIME_FROM: i64 = 1_000_000_000;
    if let Some(header) = &reply.retry_after
        && let Some(secs) = retry_after_secs(header, now)
    {
        return Some(secs);
    }
    let reset: i64 = reply.rate_limit_reset.as_deref()?.trim().parse().ok()?;
    let secs = match reset {
        UNIX_TIME_FROM.. => reset - now.unix_secs(),
        _ => reset,
    };
    u32::try_from(secs.clamp(0, MAX_RETRY_AFTER_SECS.into())).ok()
}
