//! Web addresses.

/// Whether a text is the absolute address of a web page or an API: `http` or `https`, a host without
/// user information, and no white space.
pub(crate) fn is_web_address(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let is_space = |byte: u8| byte <= b' ' || byte == b'\x7f';
    let mut parts = rest.split(['/', '?', '#']);
    is_http && !url.bytes().any(is_space) && parts.next().is_some_and(is_authority)
}

/// The host of a web address, without the port.
pub(crate) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://").filter(|_| is_web_address(url))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.get(..host_end(authority))
}

fn host_end(authority: &str) -> usize {
    match authority.find(']') {
        Some(end) => end + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    }
}

fn is_authority(authority: &str) -> bool {
    let (host, port) = authority.split_at(host_end(authority));
    is_host(host) && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return !address.is_empty() && address.bytes().all(|c| c.is_ascii_hexdigit() || c == b':');
    }
    !host.is_empty() && !host.bytes().any(|c| b"\"%<>@[\\]^`{|}".contains(&c))
}

fn is_port(digits: &str) -> bool {
    digits.bytes().all(|c| c.is_ascii_digit()) && digits.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_has_no_port() {
        for (url, host) in [
            ("https://app.example.org:8443/a:b", Some("app.example.org")),
            ("http://[::1]:9000", Some("[::1]")),
            ("https://app.example.org?a", Some("app.example.org")),
            ("app.example.org", None),
        ] {
            assert_eq!(host_of(url), host);
        }
    }

    #[test]
    fn accepts_absolute_addresses_with_a_host_alone() {
        for url in [
            "https://app.example.org",
            "https://app.example.org/",
            "http://127.0.0.1:54321/functions",
            "http://kong:8000",
            "HTTPS://App.Example.org/a?b=c#d",
            "http://[::1]:9000/",
            "https://ánfora.example",
        ] {
            assert!(is_web_address(url), "{url}");
        }
        for url in [
            "",
            "app.example.org",
            "/posts",
            "//app.example.org",
            "https:app.example.org",
            "https://",
            "https:///posts",
            "https://:80/",
            "javascript:alert(1)",
            "javascript://app.example.org/%0aalert(1)",
            "ftp://app.example.org",
            "https://app example.org",
            "https://app.example.org/a b",
            "https://app.example.org/\n",
            "https://ann@app.example.org",
            "https://ann:secret@app.example.org",
            "https://app.example.org:99999",
            "https://app.example.org:x",
            "https://[::1",
            "https://[example]/",
            "https://[::1]x/",
            "https://app%00.example.org",
        ] {
            assert!(!is_web_address(url), "{url}");
        }
    }
}
