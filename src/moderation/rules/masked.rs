//! Words whose letters are hidden behind stars: `f**k`, `s*it`, `p***`.

use super::super::reason::{Reason, ReasonCode};

/// Longest word that is read as masked.
const MAX_CHARS: usize = 16;

/// The first masked word of a folded text. Stars around a whole word stress it, and are no mask.
pub(crate) fn masked(folded: &str) -> Option<Reason> {
    folded
        .split(' ')
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '*'))
        .find(|word| is_masked(word))
        .map(|word| ReasonCode::MaskedWord.with(word))
}

fn is_masked(word: &str) -> bool {
    let word = word.trim_start_matches('*');
    if word.len() > MAX_CHARS || !word.starts_with(char::is_alphabetic) {
        return false;
    }
    let Some((_, after)) = word.split_once('*') else {
        return false;
    };
    let stars = word.chars().filter(|c| *c == '*').count();
    let others = word.chars().all(|c| c.is_alphabetic() || c == '*');
    others
        && if after.ends_with(char::is_alphabetic) {
            true
        } else {
            stars > 2
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_masked_words() {
        for (text, found) in [
            ("what the f**k", Some("f**k")),
            ("p*ta!", Some("p*ta")),
            ("you f*** idiot", Some("f***")),
            ("*great* **very** so* 5*4 2*x a * b", None),
        ] {
            let found = found.map(|word| ReasonCode::MaskedWord.with(word));
            assert_eq!(masked(text), found, "{text}");
        }
    }
}
