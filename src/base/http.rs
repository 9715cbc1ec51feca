//! HTTP as the host sees it.

use super::Timestamp;

/// The longest that a `Retry-After` can hold a message back.
pub const MAX_RETRY_AFTER_SECS: u32 = 6 * 60 * 60;

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
    /// How far the request came.
    pub stage: Stage,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// How far a request came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// To the other side, or at least on its way.
    #[default]
    Request,
    /// Its secret cannot be used; the body says why.
    Secret,
    /// There was no access token to get: the reply is that of the token endpoint.
    Token,
    /// Its body could not be encrypted for the recipient's keys; the reply's body says why.
    Encryption,
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

#[cfg(test)]
mod tests {
    use super::*;

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
