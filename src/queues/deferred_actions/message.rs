//! The message of `deferred_actions`: somebody's deferred actions are due.

use crate::{
    base::{Timestamp, excerpt},
    queues::MAX_SESSION_ID_CHARS,
    work::{Fields, Reject},
};

/// Longest owner: `session:` and a session id.
const MAX_OWNER_CHARS: usize = MAX_SESSION_ID_CHARS + 8;

/// Likes of an owner are due. Which ones, its claim says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DueLikes {
    /// The person or session, as the database names them.
    pub(crate) owner: String,
}

impl DueLikes {
    /// Parses a body.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str, _: Timestamp) -> Result<Self, Reject> {
        let mut fields = Fields::parse(body)?;
        fields.version_1()?;
        match fields.text("action", usize::MAX)?.as_str() {
            "like" => Ok(Self {
                owner: fields.text("owner", MAX_OWNER_CHARS)?,
            }),
            other => Err(Reject::UnknownType {
                field: "action",
                found: excerpt(other, 32),
            }),
        }
    }
}
