//! Fits texts into payloads, headers and errors.

use std::borrow::Cow;

use super::Push;
use crate::base::{Code, Failure};

/// Characters that [`printable_words`] reads.
const MAX_SAID_CHARS: usize = 1_000;
/// Longest word that it keeps; device tokens are longer.
const MAX_WORD_BYTES: usize = 40;
/// Bytes left for title and body; a link that leaves less is dropped.
const MIN_ROOM: usize = 512;

/// The payload of a push, with title and body cut so that it has at most `max` bytes. `write` makes it
/// from title, body and link. Fails with `payload_too_large` if it has more even without them.
pub(super) fn fitted(
    push: &Push<'_>,
    max: usize,
    write: &dyn Fn(&str, &str, Option<&str>) -> String,
) -> Result<String, Failure> {
    let mut link = push.link;
    let mut room = max.saturating_sub(write("", "", link).len());
    if room < MIN_ROOM {
        link = None;
        room = max.saturating_sub(write("", "", link).len());
    }
    let title = cut(
        push.title,
        room.saturating_sub(json_len(push.body).min(room / 2)),
    );
    let body = cut(push.body, room.saturating_sub(json_len(&title)));
    let payload = write(&title, &body, link);
    if payload.len() > max {
        let error = format!("the payload has more than {max} bytes");
        return Err(Failure::new(Code::PayloadTooLarge, error));
    }
    Ok(payload)
}

/// Cuts a text so that it has at most `max` bytes in JSON, ellipsis included.
fn cut(text: &str, max: usize) -> Cow<'_, str> {
    const ELLIPSIS: char = '…';
    if json_len(text) <= max {
        return Cow::Borrowed(text);
    }
    let Some(mut room) = max.checked_sub(ELLIPSIS.len_utf8()) else {
        return Cow::Borrowed("");
    };
    let mut start = String::new();
    for c in text.chars() {
        match room.checked_sub(json_char_len(c)) {
            Some(left) => room = left,
            None => break,
        }
        start.push(c);
    }
    start.truncate(start.trim_end().len());
    start.push(ELLIPSIS);
    Cow::Owned(start)
}

fn json_len(text: &str) -> usize {
    text.chars().map(json_char_len).sum()
}

/// The bytes of a character in a JSON string, as `serde_json` writes it.
fn json_char_len(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        _ => c.len_utf8(),
    }
}

/// A text as a header value: one line without control characters.
pub(super) fn one_line(text: &str) -> String {
    let printable: String = text
        .chars()
        .map(|c| match c {
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    printable.trim().to_owned()
}

/// The plain words of an untrusted text. Everything else, such as tokens, addresses, URLs and numbers,
/// becomes an ellipsis.
pub(super) fn printable_words(text: &str) -> String {
    let end = text.char_indices().nth(MAX_SAID_CHARS);
    let text = text.get(..end.map_or(text.len(), |(end, _)| end));
    let mut words = String::new();
    for word in text.unwrap_or_default().split_whitespace() {
        let is_plain = word.len() <= MAX_WORD_BYTES && word.chars().all(is_of_a_word);
        let word = if is_plain { word } else { "…" };
        if is_plain || !words.ends_with('…') {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
    }
    words
}

fn is_of_a_word(c: char) -> bool {
    c.is_ascii_alphabetic() || ".,:;!?'`()_-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_text_between_characters_by_its_size_in_json() {
        assert_eq!(cut("añañañ", 9), "añañañ");
        assert_eq!(cut("añañañ", 8), "aña…");
        assert_eq!(cut("\u{1}\u{1}\u{1}", 17), "\u{1}\u{1}…");
        assert_eq!(cut("🙂🙂", 7), "🙂…");
        assert_eq!(cut("🙂🙂", 6), "…");
        assert_eq!(cut("🙂🙂", 2), "");
        assert_eq!(cut("one two", 7), "one two");
        assert_eq!(cut("one two three", 7), "one…");
    }

    #[test]
    fn the_size_in_json_matches_serde_json() {
        for c in (0..=0x2FFF).filter_map(char::from_u32).chain(['🙂']) {
            let json = serde_json::to_string(&c).unwrap();
            assert_eq!(json_char_len(c), json.len() - 2, "{c:?}");
        }
    }

    #[test]
    fn makes_one_line_for_headers() {
        assert_eq!(
            one_line("a\r\nBcc: x@y.z\0\u{85}\u{2028}b\n"),
            "a  Bcc: x@y.z   b"
        );
    }

    #[test]
    fn drops_words_that_may_be_addresses_or_tokens() {
        for (said, words) in [
            (
                "The domain.com domain is not verified.",
                "The domain.com domain is not verified.",
            ),
            ("Invalid: ann@example.org, <bob@b.c>!", "Invalid: …"),
            (
                "token 740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad is bad",
                "token … is bad",
            ),
            (
                "cQ7xW:APA91bH_abc-123 abc%40d.e https://web.push.apple.com/QGuQyav",
                "…",
            ),
            (
                "error sending request for url (https://api.push.apple.com/x): timed out",
                "error sending request for url … timed out",
            ),
            ("", ""),
        ] {
            assert_eq!(printable_words(said), words);
        }
        assert_eq!(printable_words(&"abcdef".repeat(11)), "…");
        assert!(printable_words(&"ab ".repeat(100_000)).len() <= MAX_SAID_CHARS);
    }
}
