//! Classifies errors of the database by HTTP status and SQLSTATE.

use crate::base::{
    Code, Failure, Reply,
    object::{Malformed, Object},
};

/// Why a claim or a settlement failed, by what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseError {
    /// The database did not answer: whether the call was executed is unknown. Repeat it.
    Unreachable(Failure),
    /// Rolled back by a conflict (deadlock, lock). Repeat it, then settle smaller groups.
    Busy(Failure),
    /// Rolled back by a timeout, an exception or an internal error. Settle smaller groups, then retry.
    RolledBack(Failure),
    /// The database refused the data. Settle smaller groups, down to the message at fault.
    Rejected(Failure),
    /// A key, a permission, a queue or a function is missing, or the database has another version. An
    /// operator has to act.
    Misconfigured {
        /// The HTTP status for the caller.
        status: u16,
        /// What is missing.
        failure: Failure,
    },
}

impl DatabaseError {
    /// The HTTP status for the caller, and the failure.
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

/// The code and the message of PostgREST's error body.
fn postgrest_error(body: &[u8]) -> Result<(String, Option<String>), Malformed> {
    let mut fields = Object::parse_bytes(body)?;
    let code = fields.text("code")?.unwrap_or_default();
    Ok((code, fields.text("message")?))
}

/// Classifies a reply to `claim_messages` or `settle_messages`; `None` for a success.
///
/// The SQLSTATE decides if there is one (PostgreSQL, appendix A; `PTxyz` is how functions set an HTTP
/// status in PostgREST), the HTTP status otherwise.
#[must_use]
pub fn database_error(reply: &Reply) -> Option<DatabaseError> {
    if (200..=299).contains(&reply.status) {
        return None;
    }
    if reply.status == 0 {
        let text = String::from_utf8_lossy(&reply.body);
        return Some(DatabaseError::Unreachable(Failure::new(
            Code::NetworkError,
            text,
        )));
    }
    let (sqlstate, message) = postgrest_error(&reply.body).unwrap_or_default();
    let text = match (sqlstate.is_empty(), message) {
        (true, message) => format!("HTTP {} {}", reply.status, message.unwrap_or_default()),
        (false, message) => format!("{sqlstate}: {}", message.unwrap_or_default()),
    };
    Some(classify(&sqlstate, reply.status, &text))
}

/// Classifies an error that the database caught and reports with its SQLSTATE.
#[must_use]
pub fn sqlstate_error(sqlstate: &str, message: &str) -> DatabaseError {
    classify(sqlstate, 400, &format!("{sqlstate}: {message}"))
}

fn classify(sqlstate: &str, status: u16, text: &str) -> DatabaseError {
    let misconfigured = || DatabaseError::Misconfigured {
        status: match status {
            404 => 404,
            _ => 500,
        },
        failure: Failure::new(Code::Misconfigured, text),
    };
    let unreachable = || DatabaseError::Unreachable(Failure::new(Code::DatabaseUnavailable, text));
    let busy = || DatabaseError::Busy(Failure::new(Code::DatabaseBusy, text));
    let rolled_back = |code| DatabaseError::RolledBack(Failure::new(code, text));
    let rejected = || DatabaseError::Rejected(Failure::new(Code::DatabaseRejected, text));

    match sqlstate {
        "PT409" | "55P03" => busy(),
        "57014" => rolled_back(Code::DatabaseTooSlow),
        // The core writes well-formed settlements, so the functions and the migrations do not match.
        "PT404" | "PT422" | "PT500" => misconfigured(),
        // PostgREST has no connection.
        "PGRST000" | "PGRST001" | "PGRST002" | "PGRST003" => unreachable(),
        code if code.starts_with("PGRST") => misconfigured(),
        code => match (code.get(..2), status) {
            (Some("40"), _) => busy(),
            (Some("22" | "23" | "54"), _) => rejected(),
            (Some("P0" | "XX"), _) => rolled_back(Code::DatabaseFailed),
            (Some("08" | "53" | "57"), _) => unreachable(),
            (Some("42"), _) => misconfigured(),
            (_, 413) => rejected(),
            (_, 408 | 425 | 429 | 500..=599) => unreachable(),
            _ => misconfigured(),
        },
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
        database_error(&reply(
            status,
            &format!(r#"{{"code":"{code}","message":"m"}}"#),
        ))
        .unwrap()
    }

    #[test]
    fn classifies_by_sqlstate() {
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
    fn classifies_by_http_status_without_a_sqlstate() {
        let of = |status| database_error(&reply(status, "<html>")).unwrap();
        assert!(matches!(of(0), DatabaseError::Unreachable(_)));
        assert!(matches!(of(502), DatabaseError::Unreachable(_)));
        assert!(matches!(of(413), DatabaseError::Rejected(_)));
        assert!(matches!(
            of(401),
            DatabaseError::Misconfigured { status: 500, .. }
        ));
        assert_eq!(database_error(&reply(200, "")), None);
    }
}
