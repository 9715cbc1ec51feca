//! Compatibility forms (NFKC), case, marks and characters without a width.

use super::compatible::compatible;

/// A text in lower case without marks and invisible characters, and how many of these it had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Folded {
    /// The text. White space is a single space.
    pub(crate) text: String,
    /// Zero-width and bidirectional controls.
    pub(crate) hidden: usize,
    /// Marks beyond the third on one letter.
    pub(crate) piled_marks: usize,
}

/// No script needs more on one letter.
const MAX_MARKS: usize = 3;

/// Folds a text. What is folded already stays as it is.
pub(crate) fn fold(text: &str) -> Folded {
    let mut folded = Folded {
        text: String::with_capacity(text.len()),
        ..Folded::default()
    };
    if text.is_ascii() {
        for c in text.chars() {
            folded.push(c.to_ascii_lowercase());
        }
    } else {
        let mut marks = 0;
        for c in text.chars() {
            if is_hidden(c) {
                folded.hidden += usize::from(is_suspect(c));
            } else if is_mark(c) {
                marks += 1;
                folded.mark(c, marks);
            } else {
                marks = 0;
                folded.letter(c);
            }
        }
    }
    if folded.text.ends_with(' ') {
        folded.text.pop();
    }
    folded
}

impl Folded {
    fn push(&mut self, c: char) {
        if c.is_whitespace() || c == '\u{2800}' {
            if !self.text.is_empty() && !self.text.ends_with(' ') {
                self.text.push(' ');
            }
        } else if c.is_control() {
            self.hidden += 1;
        } else {
            self.text.push(c);
        }
    }

    fn letter(&mut self, c: char) {
        if c.is_ascii() {
            self.push(c.to_ascii_lowercase());
        } else if let Some(compatible) = compatible(c) {
            compatible.for_each(|c| self.push(c));
        } else {
            self.push(c);
        }
    }

    /// Drops marks, but `ñ` is a letter of its own: *coño* and *cono* are different words.
    fn mark(&mut self, mark: char, on_this_letter: usize) {
        if mark == '\u{303}' && on_this_letter == 1 && self.text.ends_with('n') {
            self.text.pop();
            self.text.push('ñ');
        }
        self.piled_marks += usize::from(on_this_letter > MAX_MARKS);
    }
}

/// The Default_Ignorable_Code_Points of Unicode, and what has no place in text.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that combine with letters of any kind, and the vowel points of Hebrew and Arabic. The vowels of Indic scripts are
/// letters.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Emoji, flags and Persian need joiners, variation selectors and tags: these do not count.
fn is_suspect(c: char) -> bool {
    !matches!(c,
        '\u{200c}' | '\u{200d}' | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_forms_case_marks_and_spaces() {
        for (written, folded) in [
            ("  Qué   TAL\n¿Coño? ", "que tal ¿coño?"),
            ("ﬁne Ｆｕｃｋ 𝓯𝓾𝓬𝓴 ⓢⓗⓘⓣ", "fine fuck fuck shit"),
            ("con\u{303}o", "coño"),
            ("f\u{200b}u\u{202e}c\u{2060}k", "fuck"),
            ("İstanbul ẞ", "istanbul ß"),
            ("z\u{300}\u{301}\u{302}\u{303}\u{304}algo", "zalgo"),
            ("a\u{0}b\u{7}c", "abc"),
            ("", ""),
        ] {
            assert_eq!(fold(written).text, folded, "{written:?}");
        }
    }

    #[test]
    fn counts_what_is_hidden_but_not_what_emoji_need() {
        assert_eq!(fold("f\u{200b}u\u{202e}ck\u{feff}").hidden, 3);
        assert_eq!(fold("👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}").hidden, 0);
        assert_eq!(fold("z\u{300}\u{301}\u{302}\u{303}\u{304}").piled_marks, 2);
    }

    /// The table leaves out scripts in which no words are looked for.
    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn letters_and_digits_fold_as_unicode_says() {
        let nfkd = icu_normalizer::DecomposingNormalizerBorrowed::new_nfkd();
        let mut compared = 0;
        let mut different = Vec::new();
        for c in '\u{80}'..='\u{1ffff}' {
            let lower = nfkd.normalize(&c.to_string()).to_lowercase();
            let expected = nfkd.normalize(&lower);
            let expected: String = expected.chars().filter(|c| !is_mark(*c)).collect();
            let is_plain = expected.chars().all(|c| c.is_ascii_alphanumeric());
            if is_plain && (1..=4).contains(&expected.len()) && !expected.starts_with('n') {
                compared += 1;
                if fold(&c.to_string()).text != expected {
                    different.push(c);
                }
            }
        }
        assert!(compared > 1_000, "{compared}");
        // Newer than the table.
        assert_eq!(different, ['\u{209d}', '\u{209e}', '\u{209f}', '\u{a7f1}']);
    }

    #[test]
    fn every_character_folds_once_and_for_all() {
        // The planes in between have ideographs alone.
        for c in ('\0'..='\u{1ffff}').chain('\u{e0000}'..='\u{e0fff}') {
            let once = fold(&format!("n{c}a")).text;
            assert_eq!(fold(&once).text, once, "{:x}", u32::from(c));
        }
    }
}
