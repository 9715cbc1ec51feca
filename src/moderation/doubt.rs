//! Of which comments the machine is unsure.

use super::{
    ReasonCode, Scores, Verdict,
    reason::{Reason, Weight},
};

/// What is held against a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It offends.
    Offence,
    /// It is spam.
    Spam,
}

impl Scores {
    /// What the model of one side says.
    #[must_use]
    pub fn of(self, side: Side) -> f32 {
        match side {
            Side::Offence => self.offence,
            Side::Spam => self.spam,
        }
    }
}

/// The side of the only signal that flagged a comment; `None` if there are several, or it is decided. A model that is
/// not sure enough to reject says nothing beside the rule whose words it reads too.
pub(super) fn doubt(verdict: Verdict, reasons: &[Reason]) -> Option<Side> {
    match verdict {
        Verdict::Flagged => {}
        Verdict::Approved | Verdict::Rejected => return None,
    }
    let signals = |is_of_a_model| {
        let reasons = reasons
            .iter()
            .filter(move |reason| is_model(reason.code) == is_of_a_model);
        reasons.filter_map(|reason| side(reason.code.weight()))
    };
    let models = signals(true).filter(|side| !signals(false).any(|other| other == *side));
    let mut all = signals(false).chain(models);
    match (all.next(), all.next()) {
        (Some(side), None) => Some(side),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

fn is_model(code: ReasonCode) -> bool {
    code == ReasonCode::OffenceModel || code == ReasonCode::SpamModel
}

fn side(weight: Weight) -> Option<Side> {
    match weight {
        Weight::Alone | Weight::Offence | Weight::Insult => Some(Side::Offence),
        Weight::Spam | Weight::Link => Some(Side::Spam),
        Weight::Support => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::ReasonCode::{
        self, Link, NewAccount, OffenceModel, OffensiveWord, PhoneNumber, SpamModel,
    };
    use super::*;

    fn of(verdict: Verdict, codes: &[ReasonCode]) -> Option<Side> {
        let reasons: Vec<Reason> = codes.iter().map(|code| code.alone()).collect();
        doubt(verdict, &reasons)
    }

    #[test]
    fn a_flag_for_one_signal_is_a_doubt() {
        let flagged = |codes: &[ReasonCode]| of(Verdict::Flagged, codes);
        assert_eq!(flagged(&[OffensiveWord]), Some(Side::Offence));
        assert_eq!(flagged(&[OffenceModel, NewAccount]), Some(Side::Offence));
        assert_eq!(flagged(&[Link]), Some(Side::Spam));
        assert_eq!(flagged(&[SpamModel]), Some(Side::Spam));
        assert_eq!(flagged(&[OffensiveWord, OffenceModel]), Some(Side::Offence));
        assert_eq!(flagged(&[OffenceModel, SpamModel]), None);
        assert_eq!(flagged(&[Link, OffenceModel]), None);
        assert_eq!(flagged(&[OffensiveWord, OffensiveWord]), None);
        assert_eq!(flagged(&[Link, PhoneNumber]), None);
        assert_eq!(flagged(&[OffensiveWord, Link]), None);
        assert_eq!(flagged(&[]), None);
    }

    #[test]
    fn what_is_decided_is_no_doubt() {
        assert_eq!(of(Verdict::Rejected, &[OffensiveWord]), None);
        assert_eq!(of(Verdict::Approved, &[]), None);
    }
}
