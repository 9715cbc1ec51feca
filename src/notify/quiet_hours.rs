//! Quiet hours: when a person is not disturbed.

use serde::{Deserialize, Deserializer};

use crate::base::json;

/// A local time of day, in seconds since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u32);

const DAY_SECS: u32 = 24 * 60 * 60;

impl TimeOfDay {
    /// Reads `HH:MM:SS` with an optional fraction, as PostgreSQL writes a time.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').next()?.split(':');
        let mut next = |max: u32| parts.next()?.parse::<u32>().ok().filter(|n| *n <= max);
        let (hours, minutes, secs) = (next(24)?, next(59)?, next(60)?);
        Some(Self((hours * 60 + minutes) * 60 + secs))
    }
}

/// When a person is not disturbed; past midnight if it begins later than it ends.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct QuietHours {
    from: TimeOfDay,
    until: TimeOfDay,
}

impl QuietHours {
    /// Seconds left at a time of day; 0 outside of quiet hours.
    #[must_use]
    pub fn left_secs(self, at: TimeOfDay) -> u32 {
        let (from, until, at) = (self.from.0, self.until.0, at.0);
        let is_quiet = if from <= until {
            (from..until).contains(&at)
        } else {
            at >= from || at < until
        };
        match (is_quiet, at < until) {
            (false, _) => 0,
            (true, true) => until - at,
            (true, false) => DAY_SECS.saturating_sub(at) + until,
        }
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::text(deserializer, "a time of day", Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(from: &str, until: &str, at: &str) -> u32 {
        let time = |text| TimeOfDay::parse(text).unwrap();
        let quiet = QuietHours {
            from: time(from),
            until: time(until),
        };
        quiet.left_secs(time(at))
    }

    #[test]
    fn lasts_until_the_end_even_past_midnight() {
        assert_eq!(left("13:00:00", "15:00:00", "14:59:59"), 1);
        assert_eq!(left("13:00:00", "15:00:00", "15:00:00"), 0);
        assert_eq!(left("13:00:00", "15:00:00", "12:59:59.9"), 0);
        assert_eq!(left("22:00:00", "07:00:00", "22:00:00"), 9 * 3_600);
        assert_eq!(left("22:00:00", "07:00:00", "23:59:59.999"), 7 * 3_600 + 1);
        assert_eq!(left("22:00:00", "07:00:00", "06:30:00"), 1_800);
        assert_eq!(left("22:00:00", "07:00:00", "07:00:00"), 0);
        assert_eq!(left("22:00:00", "07:00:00", "12:00:00"), 0);
    }

    #[test]
    fn treats_equal_begin_and_end_as_none() {
        for at in ["00:00:00", "08:00:00", "24:00:00"] {
            assert_eq!(left("08:00:00", "08:00:00", at), 0);
        }
    }

    #[test]
    fn rejects_an_invalid_time_of_day() {
        for text in [
            "", "7", "07:00", "25:00:00", "07:60:00", "-1:00:00", "a:b:c",
        ] {
            assert_eq!(TimeOfDay::parse(text), None, "{text}");
        }
    }
}
