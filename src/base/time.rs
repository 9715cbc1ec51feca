//! A point in time, as JSON and HTTP write it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{
    Date, OffsetDateTime,
    format_description::well_known::{Rfc2822, Rfc3339},
};

use super::json;

/// A point in time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// Reads RFC 3339. Accepts a space in place of the `T` and an offset of hours alone, as PostgreSQL
    /// casts a timestamp to text. The offset is required.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut text = text.replacen(' ', "T", 1);
        if matches!(text.as_bytes(), [.., b'+' | b'-', _, _]) {
            text.push_str(":00");
        }
        let at = OffsetDateTime::parse(&text, &Rfc3339).ok()?;
        at.checked_to_offset(time::UtcOffset::UTC).map(Self)
    }

    /// Reads the date of an HTTP header (RFC 9110, section 5.6.7).
    #[must_use]
    pub fn parse_http(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc2822).ok().map(Self)
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn unix_secs(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The time this many seconds earlier.
    #[must_use]
    pub fn minus_secs(self, secs: u32) -> Self {
        Self(
            self.0
                .saturating_sub(time::Duration::seconds(i64::from(secs))),
        )
    }

    /// The start of its hour, in UTC.
    #[must_use]
    pub fn hour(self) -> Self {
        Self(self.0.truncate_to_hour())
    }

    /// The day in UTC.
    #[must_use]
    pub fn day(self) -> Date {
        self.0.date()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::text(deserializer, "a timestamp with an offset", Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_offsets_to_utc() {
        for text in [
            "2026-11-23T23:30:00.123456-03:00",
            "2026-11-24 02:30:00.123456+00",
            "2026-11-24T02:30:00.123456Z",
        ] {
            let at = Timestamp::parse(text).unwrap();
            assert_eq!(at.to_string(), "2026-11-24T02:30:00.123456Z");
            assert_eq!(at.day().to_string(), "2026-11-24");
            assert_eq!(at.hour().to_string(), "2026-11-24T02:00:00Z");
        }
    }

    #[test]
    fn rejects_a_timestamp_without_offset_and_an_invalid_date() {
        for text in [
            "",
            "2026-11-24",
            "2026-11-24T02:30:00",
            "2026-02-30T00:00:00Z",
            "infinity",
            "0001-01-01T00:00:00+23:59",
            "\u{661}026-11-24T02:30:00Z",
            "+12",
        ] {
            let parsed = Timestamp::parse(text);
            assert!(parsed.is_none_or(|at| at.unix_secs() < 0), "{text}");
        }
    }
}
