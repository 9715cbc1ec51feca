//! The language of a text, by its function words.

use strum::{EnumString, IntoStaticStr};

use crate::base::json;

/// A language with lists and thresholds of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
pub(crate) enum Language {
    /// English.
    #[strum(serialize = "en")]
    English,
    /// Spanish.
    #[strum(serialize = "es")]
    Spanish,
    /// Another one, or too little text to say.
    #[strum(serialize = "other")]
    Other,
}

json::written_by_name!(Language);

/// Words of a text that are read.
const MAX_WORDS: usize = 200;

/// Sorted.
const ENGLISH: &[&str] = &[
    "a", "about", "all", "and", "are", "as", "at", "be", "because", "been", "but", "by", "can",
    "did", "do", "does", "don", "for", "from", "get", "going", "good", "had", "has", "have", "he",
    "her", "him", "his", "how", "i", "if", "im", "in", "is", "it", "its", "just", "like", "love",
    "me", "my", "not", "now", "of", "off", "on", "or", "our", "out", "people", "she", "so", "some",
    "that", "the", "their", "them", "then", "there", "they", "this", "those", "to", "u", "up",
    "ur", "us", "was", "we", "were", "what", "when", "which", "who", "why", "will", "with",
    "would", "you", "your",
];

/// Sorted.
const SPANISH: &[&str] = &[
    "a", "al", "asi", "como", "con", "cuando", "de", "del", "donde", "e", "el", "ella", "ellos",
    "en", "eres", "es", "esa", "ese", "eso", "esta", "estan", "estas", "este", "esto", "estos",
    "estoy", "fue", "ha", "han", "hasta", "hay", "la", "las", "le", "les", "lo", "los", "mas",
    "me", "mi", "mis", "mucho", "muy", "ni", "no", "nos", "o", "para", "pero", "por", "porque",
    "que", "quien", "se", "ser", "si", "sin", "sobre", "sois", "solo", "son", "soy", "su", "sus",
    "tambien", "tan", "te", "tiene", "tienes", "todo", "todos", "tu", "tus", "un", "una", "unos",
    "usted", "vos", "y", "ya", "yo",
];

impl Language {
    /// The language of a folded text. `hint` decides where the text does not: the language of its author.
    pub(crate) fn of(folded: &str, hint: Option<&str>) -> Self {
        let (mut english, mut spanish) = (0, 0);
        let words = folded.split(|c: char| !c.is_alphanumeric());
        let mut follows_letter = false;
        for word in words.filter(|word| !word.is_empty()).take(MAX_WORDS) {
            // Letters that stand apart are no words.
            let is_letter = word.chars().nth(1).is_none();
            let is_apart = is_letter && follows_letter;
            follows_letter = is_letter;
            if is_apart {
                continue;
            }
            english += i32::from(ENGLISH.binary_search(&word).is_ok());
            spanish += i32::from(SPANISH.binary_search(&word).is_ok());
            spanish += i32::from(word.contains('ñ'));
        }
        spanish += 2 * i32::from(folded.contains(['¿', '¡']));
        match english.cmp(&spanish) {
            std::cmp::Ordering::Greater => Self::English,
            std::cmp::Ordering::Less => Self::Spanish,
            std::cmp::Ordering::Equal => Self::named(hint),
        }
    }

    /// `es-MX` and `ES` are Spanish.
    fn named(hint: Option<&str>) -> Self {
        match hint.and_then(|hint| hint.get(..2)) {
            Some(code) if code.eq_ignore_ascii_case("en") => Self::English,
            Some(code) if code.eq_ignore_ascii_case("es") => Self::Spanish,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_languages_apart() {
        for (text, hint, language) in [
            ("what a light in this photo", None, Language::English),
            ("que bonita foto de la playa", None, Language::Spanish),
            ("¡guapa!", None, Language::Spanish),
            ("wow", None, Language::Other),
            ("wow", Some("es-MX"), Language::Spanish),
            ("wow", Some("EN"), Language::English),
            ("wow", Some("é"), Language::Other),
            ("p.u.t.a", None, Language::Other),
            ("", None, Language::Other),
        ] {
            assert_eq!(Language::of(text, hint), language, "{text}");
        }
        assert!(ENGLISH.is_sorted() && SPANISH.is_sorted());
    }
}
