//! Floods of mentions.

use super::super::reason::{Reason, ReasonCode};

/// More mentions than this are a flood.
const MAX_MENTIONS: usize = 5;

/// Whether a folded text mentions more people than it talks to.
pub(crate) fn mentions(folded: &str) -> Option<Reason> {
    let is_mention = |word: &&str| {
        word.strip_prefix('@')
            .is_some_and(|name| name.starts_with(char::is_alphanumeric))
    };
    let mentions = folded.split(' ').filter(is_mention).count();
    (mentions > MAX_MENTIONS).then(|| ReasonCode::MentionFlood.with(&mentions.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_mentions() {
        assert_eq!(mentions("@ann @bob look! @ @@ mail@host"), None);
        let flood = "@ann ".repeat(10_000);
        assert_eq!(
            mentions(&flood),
            Some(ReasonCode::MentionFlood.with("10000"))
        );
    }
}
