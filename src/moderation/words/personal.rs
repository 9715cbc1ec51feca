//! Words that insult only where they are said of somebody: *eres un burro* and *pinche burro*, but not *el burro del pueblo*.

use super::Match;

/// Stand before such a word, with nothing but [`BETWEEN`] between them. Sorted.
const BEFORE: &[&str] = &[
    "banda", "bola", "bunch", "cara", "complete", "dumb", "eres", "fuckin", "fucking", "he's",
    "hes", "lying", "maldita", "malditas", "maldito", "malditos", "manga", "menuda", "menudo",
    "panda", "pareceis", "pareces", "pedazo", "pinche", "pinches", "pobre", "pura", "puras",
    "puro", "puros", "puta", "putas", "puto", "putos", "sarta", "she's", "shes", "sois", "sos",
    "stupid", "these", "they're", "theyre", "total", "tremenda", "tremendo", "u", "ur", "vaya",
    "you", "you're", "youre",
];

/// Sorted.
const BETWEEN: &[&str] = &[
    "a",
    "absolute",
    "all",
    "an",
    "are",
    "as",
    "bien",
    "big",
    "biggest",
    "completa",
    "completo",
    "damn",
    "de",
    "el",
    "fucking",
    "gran",
    "grandisima",
    "grandisimo",
    "just",
    "la",
    "las",
    "little",
    "los",
    "mas",
    "muy",
    "nothing",
    "of",
    "old",
    "pinche",
    "poco",
    "puta",
    "puto",
    "real",
    "so",
    "such",
    "tan",
    "the",
    "toda",
    "todo",
    "un",
    "una",
    "unas",
    "unos",
    "very",
];

/// Begin what follows such a word.
const AFTER: &[&str] = &[
    "de mierda",
    "de porqueria",
    "asquerosa",
    "asqueroso",
    "inmunda",
    "inmundo",
    "hija de",
    "hijo de",
    "eres",
    "sos",
    "tenia que ser",
    "tenias que ser",
    "sin cerebro",
];

/// Words between.
const MAX_BETWEEN: usize = 3;
/// Bounds the work for absurdly long words.
const MAX_BYTES: usize = 64;

pub(super) fn is_said_of_somebody(word: &Match<'_>) -> bool {
    is_after(word.before) || is_before(word.after)
}

fn is_after(text: &str) -> bool {
    let start = text.len().saturating_sub(MAX_BYTES);
    let start = (start..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let near = text.get(start..).unwrap_or_default();
    // Another sentence speaks of somebody else.
    let Some(near) = near.strip_suffix(' ') else {
        return false;
    };
    near.rsplit(' ')
        .take(MAX_BETWEEN + 1)
        .map(|word| word.trim_start_matches(|c: char| !c.is_alphanumeric()))
        .find(|word| BETWEEN.binary_search(word).is_err() || BEFORE.binary_search(word).is_ok())
        .is_some_and(|word| BEFORE.binary_search(&word).is_ok())
}

fn is_before(text: &str) -> bool {
    text.strip_prefix(' ').is_some_and(|text| {
        let begins = |phrase: &&str| {
            text.strip_prefix(*phrase)
                .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        AFTER.iter().any(begins)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{super::language::Language, Severity, find};
    use super::*;

    #[test]
    fn tells_what_is_said_of_somebody() {
        for (text, insults) in [
            ("eres un burro", true),
            ("¡eres tan burro!", true),
            ("pinche burro", true),
            ("burro de mierda", true),
            ("burro tenias que ser", true),
            ("el burro del pueblo", false),
            ("tengo un burro, eres grande", false),
            ("eres grande. el burro no", false),
            ("yo soy feo", false),
        ] {
            let hits = find(&[text], Language::Spanish);
            let found = hits.iter().any(|hit| hit.severity == Severity::Insult);
            assert_eq!(found, insults, "{text}");
        }
        for (text, insults) in [
            ("you're such a rat", true),
            ("you are a rat", true),
            ("bunch of rats", true),
            ("the rat in the garden", false),
            ("thank you. a rat!", false),
        ] {
            let hits = find(&[text], Language::English);
            let found = hits.iter().any(|hit| hit.severity == Severity::Insult);
            assert_eq!(found, insults, "{text}");
        }
        for list in [BEFORE, BETWEEN] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}
