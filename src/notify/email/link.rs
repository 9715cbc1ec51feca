//! Validates links.

const MAX_CHARS: usize = 2000;

/// The URL if it is an absolute http or https URL of plain characters, so that all programs read it
/// alike.
pub(super) fn http(url: &str) -> Option<&str> {
    let rest = after(url, "https://").or_else(|| after(url, "http://"))?;
    let first = rest.bytes().next()?;
    let has_host = first.is_ascii_alphanumeric() || first == b'[';
    let is_plain = url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&byte));
    (has_host && is_plain && url.len() <= MAX_CHARS).then_some(url)
}

fn after<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = url.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_absolute_http_urls_alone() {
        for url in [
            "https://app.example/posts/1?a=1&b='2'#c",
            "HTTP://localhost:3000/",
            "http://[::1]/",
        ] {
            assert_eq!(http(url), Some(url));
        }
        for url in [
            "",
            "/posts/1",
            "//app.example",
            "https:app.example",
            "https:///posts/1",
            "javascript:alert(1)",
            "javascript://app.example/%0aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            " https://app.example",
            "https://app.example/a b",
            "https://app.example/\nBcc: x@y.z",
            "https://app.example/\"><script>",
            "https://app.example/\u{202e}gpj.exe",
            "https://app.example\\@evil.example",
            "https://аpp.example/",
        ] {
            assert_eq!(http(url), None, "{url}");
        }
        assert_eq!(http(&format!("https://a.b/{}", "c".repeat(2000))), None);
    }
}
