//! What the author's account says.

use serde::Deserialize;

use super::reason::{Reason, ReasonCode};

/// A younger account is new.
const NEW_SECS: i64 = 24 * 60 * 60;
/// From so many rejected comments on, an author is a repeat offender.
const REPEAT_OFFENCES: u32 = 2;
/// The first time for which a repeat offender's comments are held back; each further one is four times as long.
const FIRST_HOLD_SECS: u32 = 10 * 60;
/// The longest such time.
const MAX_HOLD_SECS: u32 = 7 * 24 * 60 * 60;

/// The author of a comment.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Author {
    /// The age of the account, if it is known.
    pub age_secs: Option<i64>,
    /// Their comments that were rejected lately.
    pub offences: u32,
}

impl Author {
    /// What weighs in beside a signal.
    pub(super) fn reasons(self) -> Vec<Reason> {
        let is_new = self.age_secs.is_some_and(|secs| secs < NEW_SECS);
        let new = is_new.then(|| ReasonCode::NewAccount.alone());
        let repeats = self.offences >= REPEAT_OFFENCES;
        let repeats = repeats.then(|| ReasonCode::RepeatOffender.with(&self.offences.to_string()));
        new.into_iter().chain(repeats).collect()
    }

    /// How long further comments are held back after one more was rejected.
    pub(crate) fn hold_secs(self) -> u32 {
        match (self.offences + 1).checked_sub(REPEAT_OFFENCES) {
            None => 0,
            Some(more) => 4_u32
                .checked_pow(more)
                .and_then(|times| FIRST_HOLD_SECS.checked_mul(times))
                .map_or(MAX_HOLD_SECS, |secs| secs.min(MAX_HOLD_SECS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_back_repeat_offenders_longer_each_time() {
        let hold = |offences| {
            Author {
                age_secs: None,
                offences,
            }
            .hold_secs()
        };
        assert_eq!([0, 1, 2, 3].map(hold), [0, 600, 2_400, 9_600]);
        assert_eq!(hold(20), MAX_HOLD_SECS);
        assert_eq!(hold(u32::MAX - 1), MAX_HOLD_SECS);
    }

    #[test]
    fn new_accounts_and_repeat_offenders_weigh_more() {
        let codes = |age_secs, offences| {
            let reasons = Author { age_secs, offences }.reasons();
            reasons.iter().map(|reason| reason.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(None, 0), []);
        assert_eq!(codes(Some(86_400), 1), []);
        assert_eq!(
            codes(Some(0), 2),
            [ReasonCode::NewAccount, ReasonCode::RepeatOffender]
        );
    }
}
