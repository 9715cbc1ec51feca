//! Words that offend, with their severity: npm `cuss` and lists of our own (`tools/moderation/words.ts`).

mod personal;

use std::{ops::Range, sync::LazyLock};

use super::{
    language::Language,
    patterns::{Match, Patterns},
};

/// A line that begins with `=` has a letter for the level and one for the language of the lines that follow. A line is an
/// entry and those after it that begin alike: each a capital letter, `B` for one character that it shares with the one
/// before it, `C` for two, and the rest. `~` stands for any letters of the word.
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
    kind: Kind,
    language: Language,
    is_open_before: bool,
    is_open_after: bool,
}

/// What an entry says of a text that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word(Severity),
    /// Mild, and an insult where it is said of somebody.
    Personal,
    /// A phrase that makes the words in it innocent.
    Allowed,
}

struct Lists {
    entries: Vec<Entry>,
    /// Innocent words that look like an entry with `~`, sorted.
    allowed: Vec<&'static str>,
    patterns: Patterns,
}

static LISTS: LazyLock<Lists> = LazyLock::new(Lists::read);

/// The worst first.
const SEVERITIES: [Severity; 4] = [
    Severity::Severe,
    Severity::Offensive,
    Severity::Insult,
    Severity::Mild,
];

/// Finds the entries that the readings of a text have, each once, the worst first.
pub(crate) fn find(readings: &[&str], language: Language) -> Vec<Hit> {
    let lists: &'static Lists = &LISTS;
    let mut hits: Vec<Hit> = Vec::new();
    for reading in readings {
        for (entry, severity) in lists.matches(reading) {
            let Some(severity) = entry.severity_in(language, severity) else {
                continue;
            };
            let hit = Hit {
                entry: entry.word(),
                severity,
            };
            if hits.len() < MAX_HITS && !hits.contains(&hit) {
                hits.push(hit);
            }
        }
    }
    let by_severity = |severity| hits.iter().filter(move |hit| hit.severity == severity);
    SEVERITIES
        .into_iter()
        .flat_map(by_severity)
        .copied()
        .collect()
}

impl Lists {
    fn read() -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        let mut allowed = Vec::new();
        for (level, language, entry) in written() {
            let kind = match level {
                's' => Kind::Word(Severity::Severe),
                'o' => Kind::Word(Severity::Offensive),
                'i' => Kind::Word(Severity::Insult),
                'm' => Kind::Word(Severity::Mild),
                'p' => Kind::Personal,
                _ if entry.contains(' ') => Kind::Allowed,
                _ => {
                    let after = allowed.partition_point(|other| *other < entry);
                    allowed.insert(after, entry);
                    continue;
                }
            };
            entries.push(Entry {
                is_open_before: entry.starts_with('~'),
                is_open_after: entry.ends_with('~'),
                entry,
                kind,
                language: match language {
                    's' => Language::Spanish,
                    _ => Language::English,
                },
            });
        }
        let patterns = Patterns::new(
            entries
                .iter()
                .map(|entry| (entry.word(), entry.is_open_before)),
        );
        Self {
            entries,
            allowed,
            patterns,
        }
    }

    /// The entries that a reading has, with their severity there.
    fn matches(&'static self, reading: &str) -> Vec<(&'static Entry, Severity)> {
        let mut excused = Excused::default();
        let mut found: Vec<(&'static Entry, Match<'_>)> = Vec::new();
        for word in self.patterns.find(reading) {
            let Some(entry) = self.entries.get(word.index) else {
                continue;
            };
            let (starts, ends) = (word.starts_word(), word.ends_word());
            let is_open = (starts || entry.is_open_before) && (ends || entry.is_open_after);
            if starts && ends || is_open && !self.is_allowed(&word) {
                match entry.kind {
                    Kind::Allowed => excused.add(&word),
                    Kind::Word(_) | Kind::Personal => found.push((entry, word)),
                }
            }
        }
        let counted = found
            .into_iter()
            .filter(|(_, word)| !excused.has(word))
            .filter_map(|(entry, word)| {
                let severity = match entry.kind {
                    Kind::Word(severity) => severity,
                    Kind::Personal if personal::is_said_of_somebody(&word) => Severity::Insult,
                    Kind::Personal => Severity::Mild,
                    Kind::Allowed => return None,
                };
                Some((entry, severity))
            });
        counted.collect()
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

/// The phrases of a text that make the words in them innocent, as ranges of bytes in the order of their ends.
#[derive(Default)]
struct Excused(Vec<Range<usize>>);

impl Excused {
    fn add(&mut self, phrase: &Match<'_>) {
        self.0.push(phrase.range());
    }

    /// Few phrases end close to a word, however many there are.
    fn has(&self, word: &Match<'_>) -> bool {
        let word = word.range();
        let first = self.0.partition_point(|phrase| phrase.end < word.end);
        self.0
            .iter()
            .skip(first)
            .take_while(|phrase| phrase.end < word.end + MAX_PHRASE_BYTES)
            .any(|phrase| phrase.start <= word.start)
    }
}

/// No phrase of the lists is longer.
const MAX_PHRASE_BYTES: usize = 64;

/// Bounds the work around a match; no innocent word is longer.
const MAX_WORD_CHARS: usize = 24;

/// The levels, languages and entries of the list. They are kept as long as the program runs.
fn written() -> impl Iterator<Item = (char, char, &'static str)> {
    let mut heading = (' ', ' ');
    whole().lines().filter_map(move |line| {
        let Some(letters) = line.strip_prefix('=') else {
            return Some((heading.0, heading.1, line));
        };
        let mut letters = letters.chars();
        heading = (letters.next()?, letters.next()?);
        None
    })
}

/// The list with each entry whole, on a line of its own.
fn whole() -> &'static str {
    let mut whole = String::with_capacity(2 * ENTRIES.len());
    let mut start = 0;
    for c in ENTRIES.chars() {
        let shared = match c {
            'B'..='J' => c as usize - 'A' as usize,
            '\n' => 0,
            _ => {
                whole.push(c);
                continue;
            }
        };
        let before = whole.get(start..).unwrap_or_default();
        let beginning: String = before.chars().take(shared).collect();
        whole.push('\n');
        start = whole.len();
        whole.push_str(&beginning);
    }
    whole.leak()
}

impl Entry {
    /// Without its `~`.
    fn word(&self) -> &'static str {
        self.entry.trim_matches('~')
    }

    /// A word of another language than the text's says less, for it may mean something else here.
    fn severity_in(&self, language: Language, severity: Severity) -> Option<Severity> {
        if language == self.language || language == Language::Other {
            return Some(severity);
        }
        match severity {
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
        for (_, _, entry) in written() {
            assert_eq!(fold(entry).text, entry);
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
                Some(("gilipoll", Severity::Offensive)),
            ),
            ("gilipollas", English, Some(("gilipoll", Severity::Mild))),
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
