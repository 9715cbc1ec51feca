//! What an answer from outside means: HTTP status, SQLSTATE or no answer at all → what to do next.

use std::borrow::Cow;

use crate::{
    json::{Object, Problem},
    policy::{MAX_ERROR_CHARS, MAX_RETRY_AFTER_SECS},
    timestamp::Timestamp,
};

/// An answer as the host received it. Status 0 stands for no answer; the body then holds the
/// network's error text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status, or 0.
    pub status: u16,
    /// The `Retry-After` header as it came.
    pub retry_after: Option<String>,
    /// The `X-RateLimit-Reset` header, or else `RateLimit-Reset`, as it came.
    pub rate_limit_reset: Option<String>,
    /// What the provider calls the message, where a header says it.
    pub message_id: Option<String>,
    /// Whether it is the answer to getting an access token, the request itself not having been made.
    pub is_auth: bool,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// Why something did not succeed: a stable code for programs and a text for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable, `snake_case`.
    pub code: Cow<'static, str>,
    /// What happened, at most [`MAX_ERROR_CHARS`] characters.
    pub error: String,
}

impl Failure {
    /// A failure with its text cut to the length that is stored.
    pub fn new(code: impl Into<Cow<'static, str>>, error: impl AsRef<str>) -> Self {
        Self {
            code: code.into(),
            error: excerpt(error.as_ref(), MAX_ERROR_CHARS),
        }
    }
}

/// How one delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider accepted it.
    Success,
    /// The provider asks to wait.
    Throttled {
        /// At least so long.
        after_secs: u32,
        /// What it said.
        failure: Failure,
    },
    /// What the message needs is out of order, for a while and for others too: not its failure.
    Unavailable {
        /// For about so long.
        after_secs: u32,
        /// What is out of order.
        failure: Failure,
    },
    /// It may work later.
    Transient(Failure),
    /// It will not work later either.
    Permanent(Failure),
}

/// Why the database did not carry out a claim or a settlement, by what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseError {
    /// No answer, or not the database's: whether it was carried out is unknown. The same again.
    Unreachable(Failure),
    /// Rolled back because others were in the way (deadlock, lock). The same again, then smaller.
    Busy(Failure),
    /// Rolled back by a timeout, an exception or an internal error. Smaller, then later.
    RolledBack(Failure),
    /// The data was refused. Smaller, down to the message at fault.
    Rejected(Failure),
    /// A key, a permission, a queue or a function is missing, or the database speaks another version
    /// of the protocol. Nothing helps but a person.
    Misconfigured {
        /// The HTTP status that says so to the caller.
        status: u16,
        /// What is missing.
        failure: Failure,
    },
}

impl DatabaseError {
    /// The HTTP status that tells the caller, and the failure.
    #[must_use]
    pub fn http(&self) -> (u16, &Failure) {
        match self {
            Self::Misconfigured { status, failure } => (*status, failure),
            Self::Unreachable(failure)
            | Self::Busy(failure)
            | Self::RolledBack(failure)
            | Self::Rejected(failure) => (500, failure),
        }
    }
}

/// Seconds to wait by a `Retry-After` header: a number of seconds or an HTTP date (RFC 9110,
/// section 10.2.3). A date in the past is 0; what cannot be read is `None`.
#[must_use]
pub fn retry_after_secs(header: &str, now: Timestamp) -> Option<u32> {
    let header = header.trim();
    let secs = match header.parse::<u64>() {
        Ok(secs) => secs,
        Err(_) => {
            let at = Timestamp::parse_http(header)?;
            u64::try_from(at.unix_secs() - now.unix_secs()).unwrap_or(0)
        }
    };
    Some(u32::try_from(secs).map_or(MAX_RETRY_AFTER_SECS, |s| s.min(MAX_RETRY_AFTER_SECS)))
}

/// Code and message of PostgREST's error body.
fn postgrest_error(body: &[u8]) -> Result<(String, Option<String>), Problem> {
    let mut fields = Object::parse_bytes(body)?;
    Ok((
        fields.get_or("code", String::new())?,
        fields.get("message")?,
    ))
}

/// What an answer to `claim_messages` or `settle_messages` means. `None` is success.
///
/// The SQLSTATE decides where there is one (PostgreSQL, appendix A; `PTxyz` is PostgREST's way to
/// raise an HTTP status), the HTTP status otherwise.
#[must_use]
pub fn of_database(reply: &Reply) -> Option<DatabaseError> {
    if (200..=299).contains(&reply.status) {
        return None;
    }
    if reply.status == 0 {
        let text = String::from_utf8_lossy(&reply.body);
        return Some(DatabaseError::Unreachable(Failure::new(
            "network_error",
            text,
        )));
    }
    let (sqlstate, message) = postgrest_error(&reply.body).unwrap_or_default();
    let text = match (sqlstate.is_empty(), message) {
        (true, message) => format!("HTTP {} {}", reply.status, message.unwrap_or_default()),
        (false, message) => format!("{sqlstate}: {}", message.unwrap_or_default()),
    };
    let misconfigured = || DatabaseError::Misconfigured {
        status: match reply.status {
            404 => 404,
            _ => 500,
        },
        failure: Failure::new("misconfigured", &text),
    };
    let unreachable = || DatabaseError::Unreachable(Failure::new("database_unavailable", &text));
    let busy = || DatabaseError::Busy(Failure::new("database_busy", &text));
    let rolled_back = |code| DatabaseError::RolledBack(Failure::new(code, &text));
    let rejected = || DatabaseError::Rejected(Failure::new("database_rejected", &text));

    Some(match sqlstate.as_str() {
        "PT409" | "55P03" => busy(),
        "57014" => rolled_back("database_too_slow"),
        // What the core writes is well-formed: functions and migrations are of different versions.
        "PT404" | "PT422" => misconfigured(),
        // PostgREST could not get a connection.
        "PGRST000" | "PGRST001" | "PGRST002" | "PGRST003" => unreachable(),
        code if code.starts_with("PGRST") => misconfigured(),
        code => match (code.get(..2), reply.status) {
            (Some("40"), _) => busy(),
            (Some("22" | "23" | "54"), _) => rejected(),
            (Some("P0" | "XX"), _) => rolled_back("database_failed"),
            (Some("08" | "53" | "57"), _) => unreachable(),
            (Some("42"), _) => misconfigured(),
            (_, 413) => rejected(),
            (_, 408 | 425 | 429 | 500..=599) => unreachable(),
            _ => misconfigured(),
        },
    })
}

/// The first `max_chars` characters of a text.
pub(crate) fn excerpt(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            body: body.as_bytes().to_vec(),
            ..Reply::default()
        }
    }

    fn database(status: u16, code: &str) -> DatabaseError {
        of_database(&reply(
            status,
            &format!(r#"{{"code":"{code}","message":"m"}}"#),
        ))
        .unwrap()
    }

    #[test]
    fn the_sqlstate_decides_what_helps() {
        assert!(matches!(database(409, "PT409"), DatabaseError::Busy(_)));
        assert!(matches!(database(500, "40P01"), DatabaseError::Busy(_)));
        assert!(matches!(
            database(500, "57014"),
            DatabaseError::RolledBack(_)
        ));
        assert!(matches!(
            database(400, "P0001"),
            DatabaseError::RolledBack(_)
        ));
        assert!(matches!(
            database(422, "PT422"),
            DatabaseError::Misconfigured { status: 500, .. }
        ));
        assert!(matches!(database(409, "23503"), DatabaseError::Rejected(_)));
        assert!(matches!(database(400, "22P05"), DatabaseError::Rejected(_)));
        assert!(matches!(
            database(503, "53300"),
            DatabaseError::Unreachable(_)
        ));
        assert!(matches!(
            database(503, "PGRST001"),
            DatabaseError::Unreachable(_)
        ));
        assert!(matches!(
            database(403, "42501"),
            DatabaseError::Misconfigured { status: 500, .. }
        ));
        assert!(matches!(
            database(404, "PT404"),
            DatabaseError::Misconfigured { status: 404, .. }
        ));
    }

    #[test]
    fn without_a_sqlstate_the_http_status_decides() {
        let of = |status| of_database(&reply(status, "<html>")).unwrap();
        assert!(matches!(of(0), DatabaseError::Unreachable(_)));
        assert!(matches!(of(502), DatabaseError::Unreachable(_)));
        assert!(matches!(of(413), DatabaseError::Rejected(_)));
        assert!(matches!(
            of(401),
            DatabaseError::Misconfigured { status: 500, .. }
        ));
        assert_eq!(of_database(&reply(200, "")), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_bounded() {
        let now = Timestamp::parse("1994-11-06T08:49:00Z").unwrap();
        assert_eq!(retry_after_secs("120", now), Some(120));
        assert_eq!(
            retry_after_secs("Sun, 06 Nov 1994 08:49:37 GMT", now),
            Some(37)
        );
        assert_eq!(
            retry_after_secs("Sat, 05 Nov 1994 08:49:37 GMT", now),
            Some(0)
        );
        assert_eq!(
            retry_after_secs("99999999999", now),
            Some(MAX_RETRY_AFTER_SECS)
        );
        assert_eq!(retry_after_secs("soon", now), None);
    }
}
