//! Many patterns at once, by Aho–Corasick: one pass, however many there are.

use std::ops::Range;

use aho_corasick::{Input, automaton::Automaton, nfa::contiguous::NFA};

/// Compiled patterns.
#[derive(Debug)]
pub(super) struct Patterns(Option<NFA>);

/// A pattern in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match<'a> {
    /// Which pattern, by its place in the list.
    pub(super) index: usize,
    /// The text before it.
    pub(super) before: &'a str,
    /// The part of the text that matches.
    pub(super) found: &'a str,
    /// The text after it.
    pub(super) after: &'a str,
}

impl Patterns {
    /// Compiles patterns. Only gigabytes of them could fail.
    pub(super) fn new(patterns: &[&str]) -> Self {
        Self(NFA::builder().prefilter(false).build(patterns).ok())
    }

    /// All matches in a text, also those that overlap.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Match<'a>> {
        let automaton = self.0.iter();
        automaton
            .filter_map(|nfa| nfa.try_find_overlapping_iter(Input::new(text)).ok())
            .flatten()
            .filter_map(|found| {
                let Range { start, end } = found.range();
                Some(Match {
                    index: found.pattern().as_usize(),
                    before: text.get(..start)?,
                    found: text.get(start..end)?,
                    after: text.get(end..)?,
                })
            })
    }
}

impl Match<'_> {
    /// Where it stands, in bytes.
    pub(super) fn range(&self) -> Range<usize> {
        let start = self.before.len();
        start..start + self.found.len()
    }

    /// Whether a word begins where it begins.
    pub(super) fn starts_word(&self) -> bool {
        !self.before.ends_with(char::is_alphanumeric)
    }

    /// Whether a word ends where it ends.
    pub(super) fn ends_word(&self) -> bool {
        !self.after.starts_with(char::is_alphanumeric)
    }
}
