//! Links and shortened links.

use super::super::reason::{Reason, ReasonCode};

/// Links of a comment that are named.
const MAX_LINKS: usize = 3;
/// Longest host.
const MAX_HOST_CHARS: usize = 253;

/// A dot with spaces, before the commonest ending.
const SPACED: &[(&str, &str)] = &[
    (" . com", ".com"),
    (". com/", ".com/"),
    (" .com", ".com"),
    (" dot com", ".com"),
    (" punto com", ".com"),
];

/// Hosts whose links hide where they go. Sorted.
const SHORTENERS: &[&str] = &[
    "adf.ly",
    "bit.do",
    "bit.ly",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "linktr.ee",
    "lnkd.in",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "shorturl.at",
    "t.co",
    "t.ly",
    "t.me",
    "tiny.cc",
    "tinyurl.com",
    "v.gd",
    "wa.me",
];

/// Endings of hosts that are written without `https://`. Sorted.
const ENDINGS: &[&str] = &[
    "app", "ar", "biz", "br", "ca", "cc", "cl", "click", "club", "co", "com", "de", "do", "ee",
    "es", "eu", "fr", "gd", "gg", "gl", "gle", "info", "io", "it", "ly", "me", "mobi", "mx", "net",
    "online", "org", "pe", "ru", "shop", "site", "store", "to", "top", "tv", "uk", "us", "uy",
    "ve", "vip", "website", "ws", "xyz",
];

/// The links of a folded text.
pub(crate) fn links(folded: &str) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    // `evil . com/a` is meant to be put together by its readers.
    let joined = SPACED
        .iter()
        .fold(folded.to_owned(), |text, (spaced, dot)| {
            text.replace(spaced, dot)
        });
    for host in joined.split(' ').filter_map(host) {
        let code = if SHORTENERS.binary_search(&host).is_ok() {
            ReasonCode::ShortLink
        } else {
            ReasonCode::Link
        };
        let reason = code.with(host);
        if reasons.len() < MAX_LINKS && !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// A folded text without its links; `None` if it has none in one piece.
pub(crate) fn without_links(folded: &str) -> Option<String> {
    let is_link = |word: &&str| host(word).is_some();
    folded.split(' ').any(|word| is_link(&word)).then(|| {
        let words = folded.split(' ').filter(|word| !is_link(word));
        words.collect::<Vec<_>>().join(" ")
    })
}

/// The host of a word that is a link.
fn host(word: &str) -> Option<&str> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    if let Some((_, rest)) = word.split_once("://") {
        let host = until(rest, &['/', '?', '#', ':']);
        return Some(host.strip_prefix("www.").unwrap_or(host)).filter(|host| host.contains('.'));
    }
    // An email address has a rule of its own.
    if word.contains('@') {
        return None;
    }
    let host = until(
        word,
        &['/', '?', '#', ':', '"', '\'', '<', '>', '(', ')', ','],
    );
    let is_www = host.starts_with("www.");
    let host = host.strip_prefix("www.").unwrap_or(host);
    let (name, ending) = host.rsplit_once('.')?;
    let is_host = host.len() <= MAX_HOST_CHARS
        && name.len() > 1 - usize::from(word.contains('/'))
        && !name.ends_with('.')
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        && name.contains(char::is_alphabetic);
    // `end.Is` and `hola.de` are sentences without a space more often than links.
    let is_known = ENDINGS.binary_search(&ending).is_ok()
        && (ending.len() > 2 || word.contains('/') || SHORTENERS.binary_search(&host).is_ok());
    (is_host && (is_www || is_known)).then_some(host)
}

fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_hosts_of_links() {
        for (text, found) in [
            (
                "see https://www.evil.example/a?b=c now",
                vec![(ReasonCode::Link, "evil.example")],
            ),
            ("go to evil.com!", vec![(ReasonCode::Link, "evil.com")]),
            ("www.evil.example", vec![(ReasonCode::Link, "evil.example")]),
            ("bit.ly/2xyz", vec![(ReasonCode::ShortLink, "bit.ly")]),
            (
                "(http://t.co/a) http://t.co/b",
                vec![(ReasonCode::ShortLink, "t.co")],
            ),
            ("no.I mean 3.50 … e.g. this...or that.it is", vec![]),
            ("ann@evil.com", vec![]),
            ("http:// ://", vec![]),
            (
                "evil . com/a evil dot com",
                vec![(ReasonCode::Link, "evil.com")],
            ),
        ] {
            let found: Vec<Reason> = found
                .into_iter()
                .map(|(code, host)| code.with(host))
                .collect();
            assert_eq!(links(text), found, "{text}");
        }
        assert!(SHORTENERS.is_sorted() && ENDINGS.is_sorted());
    }

    #[test]
    fn takes_links_out() {
        for (text, without) in [
            ("see https://a.example/b, and evil.com!", Some("see and")),
            ("bit.ly/2xyz", Some("")),
            ("evil . com/a", None),
            ("no link", None),
        ] {
            assert_eq!(without_links(text).as_deref(), without, "{text}");
        }
    }
}
