//! What stands beside the links of a comment: a link and a model that objects to nothing but the link are one signal.

use super::{
    features::Features,
    language::Language,
    models::Model,
    normalise::unmask,
    reason::{Reason, ReasonCode},
    rules,
};

/// So many words show how somebody writes; what is shorter may be spam with any words.
const MIN_WORDS: usize = 8;
/// Below this probability the words are no advertising.
const NORMAL: f32 = 0.1;

/// The text of a comment that has links, without them.
#[derive(Debug, Clone)]
pub(super) struct BesideLinks {
    features: Features,
    is_long: bool,
}

/// What the model of spam says of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Beside {
    /// The probability that it is spam.
    pub(super) score: f32,
    /// Whether it is long enough, and innocent enough, to vouch for its links.
    pub(super) is_normal: bool,
}

impl BesideLinks {
    /// Of a folded text, if it has a link in one piece, with the reasons of the rules and their signs for the models.
    pub(super) fn new(
        language: Language,
        folded: &str,
        rules: &[Reason],
        signs: &[&str],
    ) -> Option<Self> {
        if !rules.iter().any(|reason| reason.code == ReasonCode::Link) {
            return None;
        }
        let text = rules::without_links(folded)?;
        let link = <&str>::from(&ReasonCode::Link);
        let signs = signs.iter().copied().filter(|sign| *sign != link);
        let is_word = |word: &&str| word.chars().any(char::is_alphabetic) && !word.starts_with('@');
        Some(Self {
            features: Features::new(language, &text, &unmask(&text), signs),
            is_long: text.split(' ').filter(is_word).count() >= MIN_WORDS,
        })
    }

    pub(super) fn judge(&self, spam: &Model<'_>) -> Beside {
        let score = spam.probability(&self.features);
        Beside {
            score,
            is_normal: self.is_long && score < NORMAL,
        }
    }
}
