//! What becomes of a flagged comment after another service has judged it.

use serde::Deserialize;

use super::Verdict;

/// How sure another service has to be.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OpinionBounds {
    /// A comment is approved if the service does not object and all of its scores are below.
    approve_below: f64,
    /// A comment is rejected if the service objects and one of its scores is at least this.
    reject_from: f64,
}

impl OpinionBounds {
    /// The verdict. The signal that flagged the comment counts: the service rejects only what it too objects to, and
    /// whatever is in between stays for a moderator.
    #[must_use]
    pub fn decide(&self, is_objected_to: bool, highest_score: f64) -> Verdict {
        if is_objected_to && highest_score >= self.reject_from {
            Verdict::Rejected
        } else if !is_objected_to && highest_score < self.approve_below {
            Verdict::Approved
        } else {
            Verdict::Flagged
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_service_that_is_sure_decides() {
        let bounds = OpinionBounds {
            approve_below: 0.2,
            reject_from: 0.8,
        };
        for (is_objected_to, score, verdict) in [
            (false, 0.0, Verdict::Approved),
            (false, 0.199, Verdict::Approved),
            (false, 0.2, Verdict::Flagged),
            (false, 1.0, Verdict::Flagged),
            (true, 0.0, Verdict::Flagged),
            (true, 0.799, Verdict::Flagged),
            (true, 0.8, Verdict::Rejected),
        ] {
            assert_eq!(bounds.decide(is_objected_to, score), verdict, "{score}");
        }
    }
}
