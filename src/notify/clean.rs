//! Sanitizes text of people: removes invisible characters and those that change the direction of text,
//! bounds its length, and keeps addresses in it from becoming links.

use super::graphemes;
use crate::base::excerpt;

/// Combining marks on one letter. No script needs more; fifty would cover the lines above and below.
const MAX_MARKS: usize = 3;

/// Longest name in a notification, in characters.
const NAME_CHARS: usize = 40;
/// Bounds the work for absurdly long names.
const NAME_CHARS_READ: usize = 1_000;

/// A name as notifications show it, in the app, in pushes and in emails; `None` if nothing visible is left.
pub(crate) fn name(name: &str) -> Option<String> {
    let name = line(&excerpt(name, NAME_CHARS_READ), NAME_CHARS_READ);
    let mut name = excerpt(&name, NAME_CHARS);
    while name.ends_with([' ', '\u{200c}', '\u{200d}']) {
        name.pop();
    }
    (!name.is_empty()).then(|| unlinked(&name))
}

/// Inserts a word joiner after each character that can be part of an address, such as the dot in
/// `gift-card.example`. The text looks the same, but mail programs and apps do not make a link of it.
pub(crate) fn unlinked(text: &str) -> String {
    const WORD_JOINER: char = '\u{2060}';
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        let is_of_addresses = matches!(
            c,
            '.' | ':'
                | '@'
                | '\u{2024}'
                | '\u{3002}'
                | '\u{fe52}'
                | '\u{ff0e}'
                | '\u{ff20}'
                | '\u{ff61}'
        );
        let goes_on = |next: &char| !next.is_whitespace() && *next != WORD_JOINER;
        if is_of_addresses && chars.peek().is_some_and(goes_on) {
            out.push(WORD_JOINER);
        }
    }
    out
}

/// The text as one line of at most `max_chars` characters.
pub(crate) fn line(text: &str, max_chars: usize) -> String {
    let mut out = String::new();
    let mut last = ' ';
    let mut marks = 0;
    for c in text.chars() {
        let class = Class::of(c);
        let is_kept = match class {
            Class::Visible => true,
            Class::Space => last != ' ',
            Class::Invisible => false,
            // A single joiner combines characters: families, flags, Indic and Persian letters. Any other is
            // invisible.
            Class::Joiner => can_join(last, c),
            Class::Mark => last != ' ' && marks < MAX_MARKS,
        };
        if !is_kept {
            continue;
        }
        match class {
            Class::Mark => marks += 1,
            Class::Joiner => {}
            Class::Visible | Class::Space | Class::Invisible => marks = 0,
        }
        last = if class == Class::Space { ' ' } else { c };
        out.push(last);
    }
    if last == ' ' {
        out.pop();
    }
    cut(&out, max_chars)
}

fn can_join(last: char, joiner: char) -> bool {
    match (last, joiner) {
        // A rainbow flag is a white flag, a variation selector, a joiner and a rainbow.
        // Letters of a region, as in the flag of England, are tags after a black flag.
        ('\u{1f3f4}' | '\u{e0020}'..='\u{e007f}', '\u{e0020}'..='\u{e007f}') => true,
        (_, '\u{e0020}'..='\u{e007f}') => false,
        ('\u{fe0f}', '\u{200d}') | ('0'..='9' | '#' | '*', '\u{fe0f}') => true,
        _ => !last.is_ascii() && !Class::of(last).is_joiner(),
    }
}

/// The first `max_lines` lines that are not empty, `max_chars` characters in all.
pub(crate) fn lines(text: &str, max_chars: usize, max_lines: usize) -> String {
    let mut out = String::new();
    let mut left = max_lines;
    for text in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        let line = line(text, max_chars);
        if line.is_empty() {
            continue;
        }
        if left == 0 {
            out.push_str(" …");
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&line);
        left -= 1;
    }
    cut(&out, max_chars)
}

/// The first characters of a text, with an ellipsis if it is longer. What people see as one character is not cut.
pub(crate) fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let mut head = excerpt(text, max_chars.saturating_sub(1));
    let mut next = text.chars().nth(max_chars.saturating_sub(1));
    while next.is_some_and(|next| graphemes::joins(&head, next)) {
        next = head.pop();
    }
    while head.ends_with(|c| matches!(Class::of(c), Class::Space | Class::Joiner)) {
        head.pop();
    }
    head.push('…');
    head
}

/// A sentence for places without a `dir` attribute. They would lay out one that begins with a
/// right-to-left name from right to left; the mark prevents that.
pub(crate) fn left_to_right(text: &str) -> String {
    let first = text.chars().find(|&c| is_letter(c));
    let mut out = String::new();
    if first.is_some_and(is_right_to_left) {
        out.push('\u{200e}');
    }
    out.push_str(text);
    out
}

/// An approximation: not a digit, a symbol, punctuation or an emoji, which have no direction.
fn is_letter(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{1fff}' | '\u{3040}'..='\u{1efff}' | '\u{20000}'..)
}

fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Visible,
    Space,
    /// Controls, marks of direction, and other characters without a width.
    Invisible,
    /// Zero-width joiners and variation selectors.
    Joiner,
    /// Marks that combine with any letter.
    Mark,
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            ' '..='~' if c != ' ' => Self::Visible,
            c if c.is_whitespace() => Self::Space,
            // The braille cell without dots.
            '\u{2800}' => Self::Space,
            '\u{200c}'
            | '\u{200d}'
            | '\u{180b}'..='\u{180d}'
            | '\u{180f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{e0020}'..='\u{e007f}'
            | '\u{e0100}'..='\u{e01ef}' => Self::Joiner,
            '\u{300}'..='\u{34e}'
            | '\u{350}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}' => Self::Mark,
            c if c.is_control() => Self::Invisible,
            // The Default_Ignorable_Code_Points of Unicode that are not joiners, and U+FFF0–FFFF without
            // the replacement characters.
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}'
            | '\u{ffff}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d159}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}' => Self::Invisible,
            _ => Self::Visible,
        }
    }

    fn is_joiner(self) -> bool {
        self == Self::Joiner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_visible_character_is_none() {
        for code in [
            7, 10, 32, 127, 133, 160, 173, 847, 1564, 4447, 4448, 5760, 6068, 6069, 6155, 6157,
            6158, 6159, 8192, 8202, 8203, 8204, 8205, 8206, 8207, 8232, 8233, 8234, 8238, 8239,
            8287, 8288, 8292, 8293, 8294, 8297, 8303, 10240, 12288, 12644, 65024, 65039, 65279,
            65440, 65528, 65531, 113_824, 119_129, 119_155, 917_505, 917_536, 917_631, 917_760,
            917_999, 0x301, 0x20dd, 0x489,
        ] {
            let c = char::from_u32(code).unwrap();
            for hidden in [
                c.to_string(),
                format!("\u{200b}{c} ").repeat(30),
                c.to_string().repeat(2_000),
            ] {
                assert_eq!(name(&hidden), None, "{code:x}");
                assert_eq!(
                    name(&format!("{hidden}ann")),
                    if hidden.chars().count() < NAME_CHARS_READ {
                        Some("ann".to_owned())
                    } else {
                        None
                    },
                    "{code:x}"
                );
            }
        }
        assert_eq!(name(""), None);
    }

    #[test]
    fn a_name_is_one_short_line() {
        for (written, shown) in [
            ("ann", "ann"),
            (" ann \u{3000}\u{a0} lee\u{200d} ", "ann lee"),
            ("a\u{202e}b\u{7}c\u{200b}d", "abcd"),
            ("{others}{name}", "{others}{name}"),
            ("👨\u{200d}👩\u{200d}👧 fam", "👨\u{200d}👩\u{200d}👧 fam"),
            ("ann ❤\u{fe0f}", "ann ❤\u{fe0f}"),
            (
                "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
                "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            ),
            ("نام\u{200c}ها", "نام\u{200c}ها"),
            ("김철수", "김철수"),
        ] {
            assert_eq!(name(written).as_deref(), Some(shown));
        }
        let long = "n".repeat(100);
        assert_eq!(name(&long), Some("n".repeat(40)));
        let cut = "ñ".repeat(39) + "\u{200d}👧";
        assert_eq!(name(&cut), Some("ñ".repeat(39)));
    }

    #[test]
    fn an_address_is_no_link() {
        for (written, shown) in [
            ("gift-card.example/login", "gift-card.\u{2060}example/login"),
            ("lucia.photos", "lucia.\u{2060}photos"),
            ("https://a.example", "https:\u{2060}//a.\u{2060}example"),
            ("ann@mail.example", "ann@\u{2060}mail.\u{2060}example"),
            ("mailto:ann", "mailto:\u{2060}ann"),
            ("例え。テスト", "例え。\u{2060}テスト"),
            (
                "a．example a․example a｡example",
                "a．\u{2060}example a․\u{2060}example a｡\u{2060}example",
            ),
            (
                "www.\u{200b}a.\u{2060}\u{2060}example",
                "www.\u{2060}a.\u{2060}example",
            ),
            ("Ann Lee Jr.", "Ann Lee Jr."),
            ("J. R. R.", "J. R. R."),
        ] {
            assert_eq!(name(written).as_deref(), Some(shown));
            assert_eq!(unlinked(shown), shown);
        }
    }

    #[test]
    fn keeps_text_as_people_write_it() {
        for text in [
            "José Ñandú, “¡qué foto!” <3 & \"más\"",
            "محمد",
            "می‌خواهم",
            "क्‍ष",
            "👩‍👩‍👧 ❤️ 🏳️‍🌈 👍🏽 1️⃣",
            "e\u{301}t\u{302}\u{323}",
            "日本語",
        ] {
            assert_eq!(line(text, 100), text);
        }
    }

    #[test]
    fn removes_invisible_characters_and_marks_of_direction() {
        let hidden = "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200b}\
                      \u{200c}\u{200d}\u{200e}\u{200f}\u{61c}\u{feff}\u{2060}\u{ad}\u{0}\u{1b}\u{7f}\
                      \u{9b}\u{e0041}\u{fe0f}";
        assert_eq!(line(&format!("A{hidden}na"), 100), "Ana");
        assert_eq!(line(hidden, 100), "");
        assert_eq!(line("\u{3164}\u{2800}\u{115f}", 100), "");
        assert_eq!(line("é\u{200d}\u{200d}\u{200c}\u{fe0f}a", 9), "é\u{200d}a");
    }

    #[test]
    fn keeps_three_marks_on_a_letter_and_none_on_a_space() {
        let zalgo = "\u{30d}".repeat(50);
        assert_eq!(
            line(&format!("{zalgo}a{zalgo}b {zalgo}"), 100),
            "a\u{30d}\u{30d}\u{30d}b"
        );
        assert_eq!(
            line(&"a\u{30d}\u{200d}".repeat(9), 100)
                .matches('a')
                .count(),
            9
        );
    }

    #[test]
    fn makes_one_line_with_single_spaces() {
        assert_eq!(
            line(" a\r\nBcc: x@y.z\t\u{2028}\u{a0}\u{3000} b\u{85} ", 100),
            "a Bcc: x@y.z b"
        );
    }

    #[test]
    fn cuts_long_text_and_appends_an_ellipsis() {
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("abcd efg", 6), "abcd…");
        assert_eq!(line("ab👩\u{200d}👩", 4), "ab…");
        assert_eq!(line("ab👩\u{200d}👩", 5), "ab👩\u{200d}👩");
        assert_eq!(line("e\u{301}e\u{301}e\u{301}", 4), "e\u{301}…");
        assert_eq!(lines("a\n\n \u{200b}\nb\r\nc", 100, 3), "a\nb\nc");
        assert_eq!(lines("a\nb\nc\nd\n", 100, 3), "a\nb\nc …");
        assert_eq!(lines("abc\ndefg", 6, 3), "abc\nd…");
        assert_eq!(lines(" \n ", 6, 3), "");
    }

    #[test]
    fn marks_a_sentence_that_begins_with_a_right_to_left_name() {
        assert_eq!(
            left_to_right("محمد liked your photo"),
            "\u{200e}محمد liked your photo"
        );
        assert_eq!(left_to_right("A محمد le gustó"), "A محمد le gustó");
        assert_eq!(left_to_right("“3” שרה"), "\u{200e}“3” שרה");
    }
}
