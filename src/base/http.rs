//! HTTP as the host sees it.

use super::Timestamp;

/// The longest delay that a `Retry-After` can cause.
pub const MAX_RETRY_AFTER_SECS: u32 = 6 * 60 * 60;

/// A reply as the host received it. Status 0 means that none came; the body then holds the text of the
/// network error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status, or 0.
    pub status: u16,
    /// The `Retry-After` header, unparsed.
    pub retry_after: Option<String>,
    /// The `X-RateLimit-Reset` header, or else `RateLimit-Reset`, unparsed.
    pub rate_limit_reset: Option<String>,
    /// The provider's id for the message, if a header holds it.
    pub message_id: Option<String>,
    /// How far the request got.
    pub stage: Stage,
    /// The body, unparsed.
    pub body: Vec<u8>,
}

/// How far a request got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// It was sent.
    #[default]
    Request,
    /// It was not made: its secret cannot be used, and the body says why.
    Secret,
    /// It was not made for lack of an access token: this is the reply of the token endpoint.
    Token,
    /// It was not made: its body could not be encrypted for the recipient's keys, and the reply's body
    /// says why.
    Encryption,
}

/// Seconds to wait by a `Retry-After` header: a number of seconds or an HTTP date (RFC 9110,
/// section 10.2.3). 0 for a date in the past, `None` for a header that is neither.
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
    fn reads_retry_after_as_seconds_or_a_date_and_bounds_it() {
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
