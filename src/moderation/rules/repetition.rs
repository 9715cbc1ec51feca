//! Text that repeats itself.

use super::super::reason::{Reason, ReasonCode};

/// Fewer words cannot repeat much.
const MIN_WORDS: usize = 12;
/// Each word occurs more often than this on average.
const TIMES: usize = 4;
/// A run of one character this long is no stress any more.
const RUN_CHARS: usize = 40;

/// Whether a folded text says the same over and over.
pub(crate) fn repetition(folded: &str) -> Option<Reason> {
    let repeats = repeats_words(folded) || longest_run(folded) >= RUN_CHARS;
    repeats.then(|| ReasonCode::Repetition.alone())
}

fn repeats_words(text: &str) -> bool {
    let words = text.split(' ').count();
    let mut different: Vec<&str> = Vec::new();
    for word in text.split(' ') {
        if words < MIN_WORDS || words <= TIMES * different.len() {
            return false;
        }
        if let Err(at) = different.binary_search(&word) {
            different.insert(at, word);
        }
    }
    words > TIMES * different.len()
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for c in text.chars() {
        run = if last == Some(c) { run + 1 } else { 1 };
        last = Some(c);
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_text_that_repeats_itself() {
        for (text, repeats) in [
            ("buy now ".repeat(20), true),
            ("a".repeat(50), true),
            ("so so so so beautiful".to_owned(), false),
            ("jajajajajaja nooooooooo!!!!!!!".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(repetition(text.trim()).is_some(), repeats, "{text}");
        }
    }
}
