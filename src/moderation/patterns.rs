//! Many patterns at once: at each place where one may begin, a binary search among those that begin with its byte. A
//! general automaton would be slower where patterns begin with words, and tenfold the code in the package.

use std::ops::Range;

/// Patterns to search for.
#[derive(Debug)]
pub(super) struct Patterns {
    /// In the order of their bytes.
    sorted: Vec<Pattern>,
    /// Where the patterns begin that begin with each byte, and where the last ones end.
    starts: Vec<usize>,
    /// The first bytes of patterns that may begin inside a word.
    begins_inside: [bool; 256],
}

#[derive(Debug)]
struct Pattern {
    text: &'static str,
    /// Its place in the list.
    index: usize,
    may_begin_inside: bool,
    /// The longest of the other patterns that this one begins with, by its place in `sorted`.
    beginning: Option<usize>,
}

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
    /// Of texts, each with whether it may begin inside a word.
    pub(super) fn new(patterns: impl Iterator<Item = (&'static str, bool)>) -> Self {
        let mut order: Vec<(&'static str, usize, bool)> = patterns
            .enumerate()
            .map(|(index, (text, may_begin_inside))| (text, index, may_begin_inside))
            .collect();
        order.sort_unstable();
        let mut sorted: Vec<Pattern> = Vec::with_capacity(order.len());
        let mut starts = vec![0; 257];
        let mut begins_inside = [false; 256];
        for (text, index, may_begin_inside) in order {
            let mut beginning = sorted.len().checked_sub(1);
            while let Some(shorter) = beginning.and_then(|at| sorted.get(at)) {
                if text.starts_with(shorter.text) {
                    break;
                }
                beginning = shorter.beginning;
            }
            if let Some(first) = text.bytes().next().map(usize::from) {
                if let Some(begins_inside) = begins_inside.get_mut(first) {
                    *begins_inside |= may_begin_inside;
                }
                if let Some(start) = starts.get_mut(first + 1) {
                    *start += 1;
                }
            }
            sorted.push(Pattern {
                text,
                index,
                may_begin_inside,
                beginning,
            });
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        Self {
            sorted,
            starts,
            begins_inside,
        }
    }

    /// The matches in a text, also those that overlap, in the order of their ends; of those with one end the longest first.
    pub(super) fn find<'a>(&self, text: &'a str) -> Vec<Match<'a>> {
        let mut matches: Vec<Match<'a>> = Vec::new();
        let mut follows_letter = false;
        for (start, c) in text.char_indices() {
            let rest = text.get(start..).unwrap_or_default();
            let first = rest.bytes().next().map_or(0, usize::from);
            if !follows_letter || self.begins_inside.get(first).is_some_and(|begins| *begins) {
                let mut longest = self.last_up_to(rest, first);
                while let Some(pattern) = longest.and_then(|at| self.sorted.get(at)) {
                    longest = pattern.beginning;
                    if (!follows_letter || pattern.may_begin_inside)
                        && let Some(after) = rest.strip_prefix(pattern.text)
                    {
                        let end = text.len() - after.len();
                        add(
                            &mut matches,
                            Match {
                                index: pattern.index,
                                before: text.get(..start).unwrap_or_default(),
                                found: text.get(start..end).unwrap_or_default(),
                                after,
                            },
                        );
                    }
                }
            }
            follows_letter = c.is_alphanumeric();
        }
        matches
    }

    /// The last pattern in the order of bytes that does not come after a text. Each that the text begins with is this one
    /// or a beginning of it.
    fn last_up_to(&self, text: &str, first: usize) -> Option<usize> {
        let start = *self.starts.get(first)?;
        let end = *self.starts.get(first + 1)?;
        let near = self.sorted.get(start..end)?;
        let up_to = near.partition_point(|pattern| pattern.text <= text);
        (up_to > 0).then(|| start + up_to - 1)
    }
}

/// Few matches end within one that begins before them.
fn add<'a>(matches: &mut Vec<Match<'a>>, found: Match<'a>) {
    let (range, end) = (found.range(), found.range().end);
    let follows = |other: &&Match<'_>| other.range().end > end || other.range() == range;
    let following = matches.iter().rev().take_while(follows).count();
    matches.insert(matches.len() - following, found);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: &[(&'static str, bool)], text: &str) -> Vec<(usize, usize)> {
        let patterns = Patterns::new(patterns.iter().copied());
        let matches = patterns.find(text);
        let places = matches
            .iter()
            .map(|found| (found.before.len(), found.index));
        places.collect()
    }

    #[test]
    fn finds_what_begins_words_in_the_order_of_its_ends() {
        let patterns = [
            ("b c", false),
            ("ab", false),
            ("a", false),
            ("b", false),
            ("ab c d", false),
            ("ab", false),
        ];
        assert_eq!(found(&patterns, "ab c d"), [(0, 2), (0, 1), (0, 5), (0, 4)]);
        assert_eq!(found(&patterns, "xab,b c"), [(4, 3), (4, 0)]);
        assert_eq!(found(&patterns, "ñab é"), []);
        assert_eq!(found(&[], "ab"), []);
    }

    #[test]
    fn finds_inside_words_what_may_begin_there() {
        let patterns = [("uck", true), ("u", false), ("ñu", true)];
        assert_eq!(
            found(&patterns, "ducks u ñuck"),
            [(1, 0), (6, 1), (8, 2), (10, 0)]
        );
    }
}
