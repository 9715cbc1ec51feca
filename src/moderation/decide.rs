//! From signals to a verdict.

use serde::{Deserialize, Serialize, Serializer};
use strum::IntoStaticStr;

use super::{
    beside_links::Beside,
    reason::{Reason, ReasonCode, Weight},
};
use crate::base::json;

/// What becomes of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// Everybody sees it.
    Approved,
    /// A moderator decides.
    Flagged,
    /// Nobody but its author sees it.
    Rejected,
}

json::written_by_name!(Verdict);

/// From which probability on a model is a signal.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Threshold {
    /// Alone, for a flag.
    pub flag: f32,
    /// Beside a rule, for a rejection.
    pub reject: f32,
}

/// The thresholds of one language.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Thresholds {
    /// Of the model of offence.
    pub offence: Threshold,
    /// Of the model of spam.
    pub spam: Threshold,
}

/// The probabilities that the models give.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Scores {
    /// That a comment offends.
    #[serde(serialize_with = "three_decimals")]
    pub offence: f32,
    /// That it is spam.
    #[serde(serialize_with = "three_decimals")]
    pub spam: f32,
}

/// More would differ between processors.
fn three_decimals<S: Serializer>(score: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*score) * 1_000.0).round() / 1_000.0)
}

/// Decides by the reasons of the rules and the scores of the models. A severe word that the model does not find
/// innocent, or a rule and the model together, reject; one signal alone flags. The models never reject alone. Where a link
/// is all that the rules find, what the model says of the text beside it counts. Returns the reasons that count.
pub(super) fn decide(
    rules: Vec<Reason>,
    scores: Scores,
    beside_links: Option<Beside>,
    thresholds: &Thresholds,
) -> (Verdict, Vec<Reason>) {
    let has = |weight| rules.iter().any(|reason| reason.code.weight() == weight);
    let insults = rules
        .iter()
        .filter(|reason| reason.code.weight() == Weight::Insult)
        .count();
    let offence = match (has(Weight::Offence), insults) {
        (false, 0) => Rule::Silent,
        (false, 1) => Rule::Flags,
        (true, _) | (false, _) => Rule::Agrees,
    };
    let is_advertised = beside_links.is_none_or(|beside| beside.score >= thresholds.spam.flag);
    let spam = match (has(Weight::Spam), has(Weight::Link)) {
        (true, _) => Rule::Agrees,
        (false, true) if is_advertised => Rule::Supports,
        (false, _) => Rule::Silent,
    };
    let is_normal = spam == Rule::Silent && beside_links.is_some_and(|beside| beside.is_normal);
    let offence = side(offence, scores.offence, thresholds.offence);
    let spam = if is_normal {
        Verdict::Approved
    } else {
        side(spam, scores.spam, thresholds.spam)
    };
    let verdict = match (
        has(Weight::Alone),
        scores.offence >= thresholds.offence.flag,
    ) {
        (true, true) => Verdict::Rejected,
        (true, false) => stricter(Verdict::Flagged, spam),
        (false, _) => stricter(offence, spam),
    };
    if verdict == Verdict::Approved {
        return (verdict, Vec::new());
    }
    let models = [
        (ReasonCode::OffenceModel, scores.offence, thresholds.offence),
        (ReasonCode::SpamModel, scores.spam, thresholds.spam),
    ];
    let models = models
        .into_iter()
        .filter(|(_, score, threshold)| score >= &threshold.flag)
        .filter(|(code, ..)| *code != ReasonCode::SpamModel || !is_normal)
        .map(|(code, ..)| code.alone());
    (verdict, rules.into_iter().chain(models).collect())
}

/// What the rules of one side say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Silent,
    /// Enough to reject together with the model, and not to flag.
    Supports,
    /// Not enough to reject, even together with the model.
    Flags,
    /// Enough to reject together with the model.
    Agrees,
}

fn side(rule: Rule, score: f32, threshold: Threshold) -> Verdict {
    let is_sure = score >= threshold.reject;
    match rule {
        Rule::Agrees | Rule::Supports if is_sure => Verdict::Rejected,
        Rule::Agrees | Rule::Flags => Verdict::Flagged,
        Rule::Silent | Rule::Supports if score >= threshold.flag => Verdict::Flagged,
        Rule::Silent | Rule::Supports => Verdict::Approved,
    }
}

fn stricter(a: Verdict, b: Verdict) -> Verdict {
    match (a, b) {
        (Verdict::Rejected, _) | (_, Verdict::Rejected) => Verdict::Rejected,
        (Verdict::Flagged, _) | (_, Verdict::Flagged) => Verdict::Flagged,
        (Verdict::Approved, Verdict::Approved) => Verdict::Approved,
    }
}
