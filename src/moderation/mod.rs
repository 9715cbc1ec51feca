//! Moderation of comments: what a text says, how it is written, and what becomes of it. Pure: a text and what is known
//! about its author go in, a verdict with its reasons comes out. The work is linear in the length of the text.

mod author;
mod beside_links;
mod decide;
mod doubt;
mod features;
mod language;
mod models;
mod normalise;
mod opinion;
mod patterns;
mod reason;
mod rules;
mod simhash;
mod words;

pub use author::Author;
pub use decide::{Scores, Threshold, Thresholds, Verdict};
pub use doubt::Side;
pub use features::{BUCKETS, Features, SIGN_BUCKETS};
pub(crate) use language::Language;
pub use models::{Model, VERSION};
pub use opinion::OpinionBounds;
pub use reason::{Reason, ReasonCode};
pub use simhash::Copies;
pub(crate) use simhash::SimHash;

use self::{
    beside_links::BesideLinks,
    words::{Hit, Severity},
};
use crate::base::excerpt;

/// Longest text that is read, in characters. SQL refuses comments of a fifth of it.
const MAX_CHARS: usize = 10_000;
/// Most reasons that are given.
const MAX_REASONS: usize = 8;
/// Most offensive words that are named.
const MAX_WORDS_NAMED: usize = 3;

/// What was decided about a comment.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why it is not approved.
    pub reasons: Vec<Reason>,
    /// What the models say.
    pub scores: Scores,
    /// The side of the only signal that flagged it.
    pub doubt: Option<Side>,
    /// How long further comments of the author are held back.
    pub hold_secs: u32,
}

/// The two readings of a text: as it is written, folded, and as it is meant.
#[must_use]
pub fn readings(text: &str) -> [String; 2] {
    let written = normalise::fold(text).text;
    let meant = normalise::unmask(&written);
    [written, meant]
}

/// A comment as the rules and the models see it.
#[derive(Debug, Clone)]
pub struct Reading {
    language: Language,
    rules: Vec<Reason>,
    features: Features,
    beside_links: Option<BesideLinks>,
    simhash: Option<SimHash>,
}

impl Reading {
    /// Reads a comment. `hint` is the language of its author.
    #[must_use]
    pub fn new(body: &str, hint: Option<&str>) -> Self {
        let body = excerpt(body, MAX_CHARS);
        let folded = normalise::fold(&body);
        let text = folded.text.as_str();
        let meant = normalise::unmask(text);
        let language = Language::of(text, hint);
        let hits = words::find(&[text, &meant], language);
        let form = [
            rules::masked(text),
            rules::groups(text).or_else(|| rules::groups(&meant)),
            rules::mentions(text),
            rules::repetition(text),
            rules::shouting(&body),
            hidden(&folded),
        ];
        let mut rules = offences(&hits);
        rules.extend(rules::phrases(text));
        rules.extend(rules::phrases(&meant));
        rules.extend(rules::links(text));
        rules.extend(rules::contact(text));
        rules.extend(form.into_iter().flatten());
        let rules = each_once(rules);
        let signs = signs(&hits, &rules);
        let features = Features::new(language, text, &meant, signs.iter().copied());
        Self {
            language,
            simhash: SimHash::of(&meant),
            beside_links: BesideLinks::new(language, text, &rules, &signs),
            rules,
            features,
        }
    }

    /// What the models see.
    #[must_use]
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// Whether what the comment says beside its links vouches for them, as a model of spam judges it.
    #[must_use]
    pub fn is_normal_beside_links(&self, spam: &Model<'_>) -> bool {
        let beside = self.beside_links.as_ref();
        beside.is_some_and(|beside| beside.judge(spam).is_normal)
    }

    /// How much there was to look at: entries of lists, features and reasons.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.features.text.len() + self.features.signs.len() + self.rules.len()
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    pub(crate) fn simhash(&self) -> Option<SimHash> {
        self.simhash
    }

    /// Decides what becomes of the comment. `copies` are others that are nearly the same.
    #[must_use]
    pub fn judge(&self, author: Author, copies: Copies, thresholds: &Thresholds) -> Judgement {
        let scores = Scores {
            offence: models::OFFENCE.probability(&self.features),
            spam: models::SPAM.probability(&self.features),
        };
        let mut rules = self.rules.clone();
        rules.extend(copies.reason());
        rules.extend(author.reasons());
        let beside = self.beside_links.as_ref();
        let beside = beside.map(|beside| beside.judge(&models::SPAM));
        let (verdict, mut reasons) = decide::decide(rules, scores, beside, thresholds);
        let doubt = doubt::doubt(verdict, &reasons);
        reasons.truncate(MAX_REASONS);
        Judgement {
            verdict,
            doubt,
            reasons,
            scores,
            hold_secs: match verdict {
                Verdict::Rejected => author.hold_secs(),
                Verdict::Flagged | Verdict::Approved => 0,
            },
        }
    }
}

/// Reasons for the words of the lists.
fn offences(hits: &[Hit]) -> Vec<Reason> {
    let code = |hit: &Hit| match hit.severity {
        Severity::Severe => Some(ReasonCode::SevereWord),
        Severity::Offensive => Some(ReasonCode::OffensiveWord),
        Severity::Insult => Some(ReasonCode::Insult),
        Severity::Mild => None,
    };
    let reasons = hits
        .iter()
        .filter_map(|hit| Some(code(hit)?.with(hit.entry)));
    reasons.take(MAX_WORDS_NAMED).collect()
}

/// Both readings of a text may give the same reason.
fn each_once(reasons: Vec<Reason>) -> Vec<Reason> {
    let mut once: Vec<Reason> = Vec::with_capacity(reasons.len());
    for reason in reasons {
        if !once.contains(&reason) {
            once.push(reason);
        }
    }
    once
}

/// Controls and piled marks are a sign once they are no accident.
fn hidden(folded: &normalise::Folded) -> Option<Reason> {
    let hidden = folded.hidden + folded.piled_marks;
    (hidden > 2).then(|| ReasonCode::HiddenCharacters.with(&hidden.to_string()))
}

/// The names of the signs that the models see.
fn signs(hits: &[Hit], rules: &[Reason]) -> Vec<&'static str> {
    let count = |severity| hits.iter().filter(|hit| hit.severity == severity).count();
    let several = [
        (count(Severity::Severe), "severe", "severe 2"),
        (count(Severity::Offensive), "offensive", "offensive 2"),
        (count(Severity::Insult), "insult", "insult 2"),
        (count(Severity::Mild), "mild", "mild 2"),
    ];
    let mut signs: Vec<&'static str> = Vec::new();
    for (count, one, more) in several {
        signs.extend((count > 0).then_some(one));
        signs.extend((count > 1).then_some(more));
    }
    for reason in rules {
        let sign = <&'static str>::from(&reason.code);
        if !signs.contains(&sign) {
            signs.push(sign);
        }
    }
    signs
}
