//! Shouting: capital letters alone.

use super::super::reason::{Reason, ReasonCode};

/// Shorter texts are names, abbreviations and cries of joy.
const MIN_LETTERS: usize = 20;

/// Whether nearly all letters of a text as it was written are capitals.
pub(crate) fn shouting(written: &str) -> Option<Reason> {
    let (mut capitals, mut letters) = (0, 0);
    for c in written.chars().filter(|c| c.is_alphabetic()) {
        letters += usize::from(c.is_uppercase() || c.is_lowercase());
        capitals += usize::from(c.is_uppercase());
    }
    (letters >= MIN_LETTERS && capitals * 10 >= letters * 8).then(|| ReasonCode::Shouting.alone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_capitals_alone() {
        for (text, shouts) in [
            ("GET OUT OF MY COUNTRY NOW", true),
            ("¡QUE FOTO TAN INCREÍBLE, AMIGA!", true),
            ("OMG WOW", false),
            ("Get out of my country now", false),
            ("漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字", false),
        ] {
            assert_eq!(shouting(text).is_some(), shouts, "{text}");
        }
    }
}
