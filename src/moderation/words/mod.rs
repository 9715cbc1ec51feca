//! Words that offend, with their severity: npm `cuss` and lists of our own (`tools/moderation/words.ts`).

use std::sync::LazyLock;

use super::{
    language::Language,
    patterns::{Match, Patterns},
};

/// Each line: a letter for the level, one for the language, and the entry. `~` stands for any letters of the word.
const ENTRIES: &str = include_str!("entries.txt");

/// How much a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Counts beside other signs only.
    Mild,
    /// An insult that may be meant otherwise: a sign of offence, of which it takes two to reject.
    Insult,
    /// Profanity and slurs: a sign of offence.
    Offensive,
    /// Rejected without a second sign.
    Severe,
}

/// An entry that a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// The entry, as in the list but for `~`.
    pub(crate) entry: &'static str,
    /// Its severity in the language of the text.
    pub(crate) severity: Severity,
}

/// Most entries that are kept of one text.
const MAX_HITS: usize = 64;

struct Entry {
    entry: &'static str,
    severity: Severity,
    language: Language,
    is_open_before: bool,
    is_open_after: bool,
}

struct Lists {
    entries: Vec<Entry>,
    /// Innocent words that look like an entry with `~`, sorted.
    allowed: Vec<&'static str>,
    patterns: Patterns,
}

static LISTS: LazyLock<Lists> = LazyLock::new(Lists::read);

/// Finds the entries that the readings of a text have, each once.
pub(crate) fn find(readings: &[&str], language: Language) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for reading in readings {
        for entry in LISTS.matches(reading) {
            let Some(severity) = entry.severity_in(language) else {
                continue;
            };
            let hit = Hit {
                entry: entry.entry.trim_matches('~'),
                severity,
            };
            if hits.len() < MAX_HITS && !hits.contains(&hit) {
                hits.push(hit);
            }
        }
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.severity));
    hits
}

impl Lists {
    fn read() -> Self {
        let mut entries = Vec::new();
        let mut allowed = Vec::new();
        for line in ENTRIES.lines() {
            let mut letters = line.chars();
            let (level, language) = (letters.next(), letters.next());
            let entry = letters.as_str();
            let severity = match level {
                Some('s') => Severity::Severe,
                Some('o') => Severity::Offensive,
                Some('i') => Severity::Insult,
                Some('m') => Severity::Mild,
                _ => {
                    allowed.push(entry);
                    continue;
                }
            };
            entries.push(Entry {
                entry,
                severity,
                language: match language {
                    Some('s') => Language::Spanish,
                    _ => Language::English,
                },
                is_open_before: entry.starts_with('~'),
                is_open_after: entry.ends_with('~'),
            });
        }
        allowed.sort_unstable();
        let patterns = entries
            .iter()
            .map(|entry: &Entry| entry.entry.trim_matches('~'));
        let patterns = Patterns::new(patterns);
        Self {
            entries,
            allowed,
            patterns,
        }
    }

    /// The entries that a reading has.
    fn matches<'a>(&'a self, reading: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.patterns.find(reading).filter_map(|found| {
            let entry = self.entries.get(found.index)?;
            let (starts, ends) = (found.starts_word(), found.ends_word());
            let is_open = (starts || entry.is_open_before) && (ends || entry.is_open_after);
            let is_whole = starts && ends;
            (is_whole || is_open && !self.is_allowed(&found)).then_some(entry)
        })
    }

    /// Whether the word around a match is innocent.
    fn is_allowed(&self, found: &Match<'_>) -> bool {
        let Match { before, after, .. } = found;
        let start = before
            .char_indices()
            .rev()
            .take(MAX_WORD_CHARS)
            .take_while(|(_, c)| c.is_alphanumeric())
            .last()
            .map_or(before.len(), |(index, _)| index);
        let end = after
            .char_indices()
            .take(MAX_WORD_CHARS)
            .take_while(|(_, c)| c.is_alphanumeric())
            .last()
            .map_or(0, |(index, c)| index + c.len_utf8());
        let word = [
            before.get(start..).unwrap_or_default(),
            found.found,
            after.get(..end).unwrap_or_default(),
        ]
        .concat();
        self.allowed.binary_search(&word.as_str()).is_ok()
    }
}

/// Bounds the work around a match; no innocent word is longer.
const MAX_WORD_CHARS: usize = 24;

impl Entry {
    /// A word of another language than the text's says less, for it may mean something else here.
    fn severity_in(&self, language: Language) -> Option<Severity> {
        if language == self.language || language == Language::Other {
            return Some(self.severity);
        }
        match self.severity {
            Severity::Severe => Some(Severity::Severe),
            Severity::Offensive | Severity::Insult => Some(Severity::Mild),
            Severity::Mild => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::normalise::fold;
    use super::*;

    fn worst(text: &str, language: Language) -> Option<(&'static str, Severity)> {
        let text = fold(text).text;
        let hits = find(&[&text], language);
        hits.first().map(|hit| (hit.entry, hit.severity))
    }

    #[test]
    fn entries_are_written_as_text_is_folded() {
        assert!(LISTS.entries.len() > 2_000);
        for line in ENTRIES.lines() {
            assert_eq!(fold(line).text, line);
        }
    }

    #[test]
    fn finds_whole_words_of_the_language() {
        use Language::{English, Other, Spanish};
        for (text, language, found) in [
            (
                "What a wanker!",
                English,
                Some(("wanker", Severity::Offensive)),
            ),
            (
                "¡Hijos de puta!",
                Spanish,
                Some(("hijos de puta", Severity::Severe)),
            ),
            (
                "hijos de puta",
                English,
                Some(("hijos de puta", Severity::Severe)),
            ),
            (
                "gilipollas",
                Spanish,
                Some(("gilipolla", Severity::Offensive)),
            ),
            ("gilipollas", English, Some(("gilipolla", Severity::Mild))),
            ("mis huevos", Other, Some(("huevos", Severity::Mild))),
            ("mis huevos", English, None),
        ] {
            assert_eq!(worst(text, language), found, "{text}");
        }
    }

    #[test]
    fn leaves_innocent_words_alone() {
        for text in [
            "Scunthorpe United, a classic assessment of the cockpit",
            "Hancock passes the cucumber to Essex",
            "Dr. Cockburn bought shiitake mushrooms",
        ] {
            assert_eq!(worst(text, Language::English), None, "{text}");
        }
        for text in [
            "La computadora del diputado en disputa",
            "un puñetazo en la mesa y un pollo estupendo",
            "Año nuevo con mi papá en pijama",
        ] {
            assert_eq!(worst(text, Language::Spanish), None, "{text}");
        }
    }
}
