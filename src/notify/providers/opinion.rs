//! What the providers of opinions about comments have in common: what they are asked, and what is read of their answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{base::json, work::Answer};

/// Most categories of an answer.
const MAX_SCORES: usize = 40;
/// Longest name of a category or of a model, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// What a provider thinks of a comment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Whether it objects to the comment.
    pub flagged: bool,
    /// How sure it is of each category, from 0 to 1.
    pub scores: BTreeMap<String, f64>,
    /// The version of its model.
    pub model: String,
}

impl Opinion {
    /// An opinion as far as it can be stored; `None` if it says nothing.
    pub(super) fn checked(
        flagged: bool,
        scores: BTreeMap<String, Option<f64>>,
        model: &str,
    ) -> Option<Self> {
        let is_name = |name: &str| {
            (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_graphic())
        };
        // OpenAI gives no score for categories that a model does not know.
        let scores: BTreeMap<String, f64> = scores
            .into_iter()
            .filter_map(|(category, score)| Some((category, (score? * 1_000.0).round() / 1_000.0)))
            .collect();
        let are_scores = scores
            .iter()
            .all(|(category, score)| is_name(category) && (0.0..=1.0).contains(score));
        (are_scores && (1..=MAX_SCORES).contains(&scores.len()) && is_name(model)).then(|| Self {
            flagged,
            scores,
            model: model.to_owned(),
        })
    }

    /// The category that it is surest of.
    #[must_use]
    pub fn highest(&self) -> Option<(&str, f64)> {
        let scores = self.scores.iter();
        let highest = scores.max_by(|(_, a), (_, b)| a.total_cmp(b));
        highest.map(|(category, score)| (category.as_str(), *score))
    }

    /// Reads the content of an answer.
    #[must_use]
    pub fn of(content: &str) -> Option<Self> {
        json::parse(content.as_bytes()).ok()
    }

    pub(super) fn answer(&self) -> Answer {
        Answer::Accepted {
            message_id: None,
            content: Some(json::write(self)),
        }
    }
}

/// A comment without the names that it mentions: who is talked about is nobody's business outside.
pub(super) fn without_names(comment: &str) -> String {
    let mut text = String::with_capacity(comment.len());
    let mut is_name = false;
    for c in comment.chars() {
        is_name = is_name && is_of_a_name(c);
        if !is_name {
            text.push(c);
        }
        is_name = is_name || c == '@';
    }
    text
}

/// The bounds of a name are those of a mention: `queues.mentioned_people`.
fn is_of_a_name(c: char) -> bool {
    !c.is_whitespace() && !"@,;:!?()<>\"'/\\".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_left_out() {
        for (comment, sent) in [
            ("@ann.b, you are wrong (@José!)", "@, you are wrong (@!)"),
            ("write to me@example.org", "write to me@"),
            ("@@a @", "@@ @"),
            ("no names", "no names"),
            ("", ""),
        ] {
            assert_eq!(without_names(comment), sent);
        }
    }

    #[test]
    fn an_opinion_is_bounded() {
        let opinion = |scores: &[(&str, Option<f64>)], model: &str| {
            let scores = scores.iter().map(|(name, it)| ((*name).to_owned(), *it));
            Opinion::checked(true, scores.collect(), model)
        };
        let read = opinion(&[("hate", Some(0.123_456)), ("illicit", None)], "m-1").unwrap();
        assert_eq!(read.highest(), Some(("hate", 0.123)));
        assert_eq!(Opinion::of(&json::write(&read)), Some(read));
        for nonsense in [1.5, -0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(opinion(&[("hate", Some(nonsense))], "m-1"), None);
        }
        assert_eq!(opinion(&[], "m-1"), None);
        assert_eq!(opinion(&[("hate", None)], "m-1"), None);
        assert_eq!(opinion(&[("a b", Some(0.5))], "m-1"), None);
        assert_eq!(opinion(&[("hate", Some(0.5))], ""), None);
        assert_eq!(opinion(&[("hate", Some(0.5))], &"m".repeat(65)), None);
        let many: Vec<String> = (0..41).map(|n| n.to_string()).collect();
        let many: Vec<(&str, Option<f64>)> =
            many.iter().map(|it| (it.as_str(), Some(0.5))).collect();
        assert_eq!(opinion(&many, "m-1"), None);
    }
}
