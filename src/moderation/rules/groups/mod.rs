//! Hatred of groups of people: *I hate …*, *… are vermin*, *filthy …*, unless a negation stands before it.

mod words;

use std::sync::LazyLock;

use self::words::{DEGRADING, DENIED, GROUPS, HARM, HOSTILE, MODALS, NEGATIONS, REFUSED};
use super::super::reason::{Reason, ReasonCode};

/// Words between the two.
const HOSTILE_WINDOW: usize = 4;
const DEGRADING_WINDOW: usize = 6;
const WISH_WINDOW: usize = 4;
/// Words before them that are searched for a negation.
const NEGATION_WINDOW: usize = 6;

/// Whether a text hates a group, and the word that begins to say so.
pub(crate) fn groups(folded: &str) -> Option<Reason> {
    let words = || folded.split(|c: char| !c.is_alphanumeric() && c != '\'');
    // Most comments name none.
    if !words().any(is_group) {
        return None;
    }
    let words: Vec<&str> = words().filter(|word| !word.is_empty()).collect();
    let words = Words(&words);
    let hateful = (0..words.0.len()).find(|at| words.hate_from(*at))?;
    let word = words.0.get(hateful)?;
    Some(ReasonCode::GroupHate.with(word))
}

/// The lengths of the names of groups, as bits, by their first byte: few other words have to be searched for.
static LENGTHS: LazyLock<[u32; 256]> = LazyLock::new(|| {
    let mut lengths = [0; 256];
    for group in GROUPS {
        if let Some(lengths) = group
            .bytes()
            .next()
            .and_then(|c| lengths.get_mut(usize::from(c)))
        {
            *lengths |= bit(group);
        }
    }
    lengths
});

fn bit(word: &str) -> u32 {
    1 << word.len().min(31)
}

fn is_group(word: &str) -> bool {
    let lengths = word
        .bytes()
        .next()
        .and_then(|c| LENGTHS.get(usize::from(c)));
    lengths.is_some_and(|lengths| lengths & bit(word) != 0) && GROUPS.binary_search(&word).is_ok()
}

struct Words<'a>(&'a [&'a str]);

impl Words<'_> {
    fn is_in(&self, at: usize, list: &[&str]) -> bool {
        self.0
            .get(at)
            .is_some_and(|word| list.binary_search(word).is_ok())
    }

    /// The first of the words after one that is in a list.
    fn next_in(&self, at: usize, window: usize, list: &[&str]) -> Option<usize> {
        (at + 1..=at + window).find(|near| self.is_in(*near, list))
    }

    fn hate_from(&self, at: usize) -> bool {
        let is_affirmed = || !self.is_negated(at.saturating_sub(NEGATION_WINDOW), at + 3);
        if self.is_in(at, GROUPS) {
            return self.next_in(at, DEGRADING_WINDOW, DEGRADING).is_some() && is_affirmed()
                || self.is_denied(at)
                || self.is_harm_wished(at);
        }
        self.is_in(at, HOSTILE)
            && self.next_in(at, HOSTILE_WINDOW, GROUPS).is_some()
            && is_affirmed()
            || self.is_in(at, REFUSED)
                && self.next_in(at, HOSTILE_WINDOW, GROUPS).is_some()
                && self.is_negated(at.saturating_sub(2), at)
    }

    fn is_denied(&self, at: usize) -> bool {
        self.next_in(at, DEGRADING_WINDOW, DENIED)
            .is_some_and(|denied| {
                self.is_negated(at + 1, denied)
                    && !self.is_negated(at.saturating_sub(NEGATION_WINDOW), at)
            })
    }

    fn is_harm_wished(&self, at: usize) -> bool {
        self.next_in(at, WISH_WINDOW, MODALS).is_some_and(|modal| {
            self.next_in(modal, WISH_WINDOW, HARM)
                .is_some_and(|harm| !self.is_negated(at.saturating_sub(NEGATION_WINDOW), harm))
        })
    }

    fn is_negated(&self, start: usize, end: usize) -> bool {
        (start..end).any(|at| self.is_in(at, NEGATIONS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_hatred_of_groups() {
        for text in [
            "i hate all muslims",
            "immigrants are nothing but vermin",
            "filthy refugees everywhere",
            "los gitanos son una plaga",
            "que asco me dan los gays",
            "no soporto a los gitanos",
            "immigrants don't belong here",
            "los musulmanes no son humanos",
            "women should shut up",
            "los inmigrantes deberian ser expulsados",
        ] {
            assert!(groups(text).is_some(), "{text}");
        }
        for text in [
            "i don't hate muslims",
            "it is wrong to hate women",
            "no odio a los inmigrantes",
            "nadie debe decir que los gitanos son una plaga",
            "gays are people like everyone",
            "i hate mondays",
            "women deserve respect",
            "women should not be raped",
            "los inmigrantes merecen respeto",
            "nadie dice que los gays no son personas",
            "",
        ] {
            assert_eq!(groups(text), None, "{text}");
        }
        for list in [
            GROUPS, HOSTILE, DEGRADING, NEGATIONS, REFUSED, DENIED, MODALS, HARM,
        ] {
            for pair in list.windows(2) {
                assert!(pair[0] < pair[1], "{pair:?}");
            }
        }
    }
}
