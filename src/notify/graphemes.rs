//! Where a text may be cut so that no letter, emoji or flag falls apart. An approximation of Unicode's rules: their tables
//! would be larger than all else that emails need.

const JOINER: char = '\u{200d}';

/// Whether a character belongs to the one that a text ends with, as people see it.
pub(crate) fn joins(before: &str, next: char) -> bool {
    let Some(last) = before.chars().next_back() else {
        return false;
    };
    extends(next)
        || last == JOINER
        || is_virama(last)
        // A flag is two letters; the next flag begins with the third.
        || (is_regional(next) && before.chars().rev().take_while(|&c| is_regional(c)).count() % 2 == 1)
}

/// Marks, vowel signs, variation selectors, tones of skin, and what follows the first part of a Korean letter.
fn extends(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{eb1}' | '\u{eb4}'..='\u{ebc}' | '\u{ec8}'..='\u{ece}'
        | '\u{1160}'..='\u{11ff}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{200c}' | JOINER | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
        || matches!(
            place_in_indic(c),
            Some(0..=3 | 0x3a..=0x3c | 0x3e..=0x4f | 0x51..=0x57 | 0x62 | 0x63)
        )
}

/// It joins the consonants around it.
fn is_virama(c: char) -> bool {
    place_in_indic(c) == Some(0x4d)
}

/// The scripts of India and Sri Lanka have blocks of one size, in which what is alike has the same place.
fn place_in_indic(c: char) -> Option<u32> {
    matches!(c, '\u{900}'..='\u{dff}').then_some(u32::from(c) & 0x7f)
}

fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_see_as_one_character_stays_whole() {
        for whole in [
            "e\u{301}",
            "👨\u{200d}👩\u{200d}👧",
            "👍🏽",
            "❤\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "🇨🇴",
            "क्षि",
            "நி",
            "กี่",
            "שָׁ",
            "مُ",
            "\u{1112}\u{1161}\u{11ab}",
            "が",
        ] {
            for (at, next) in whole.char_indices().skip(1) {
                assert!(joins(whole.get(..at).unwrap(), next), "{whole} at {at}");
            }
            assert!(!joins(whole, 'a') || whole.ends_with('\u{94d}'), "{whole}");
        }
    }

    #[test]
    fn characters_side_by_side_may_be_parted() {
        for (before, next) in [
            ("", 'a'),
            ("a", 'b'),
            ("a", ' '),
            ("🌅", '🌅'),
            ("🇨🇴", '🇨'),
            ("日", '本'),
            ("김", '철'),
        ] {
            assert!(!joins(before, next), "{before}|{next}");
        }
    }
}
