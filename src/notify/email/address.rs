//! Addresses of mailboxes (RFC 5322, section 3.4), as far as providers deliver to them.

use std::fmt;

/// Longest address (RFC 5321, section 4.5.3.1).
const MAX_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;

/// An address in ASCII, with an internationalised domain as IDNA spells it (RFC 5891). `None` if no
/// provider can deliver to it: without an `@` or a domain, or with other letters before the `@`.
pub(crate) fn deliverable(address: &str) -> Option<String> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let is_atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    let is_local = local.len() <= MAX_LOCAL_BYTES
        && local
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(is_atom));
    let domain = idna::domain_to_ascii_strict(domain).ok()?;
    let is_domain = domain.contains('.') && !domain.ends_with('.');
    let address = [local, "@", &domain].concat();
    (is_local && is_domain && address.len() <= MAX_BYTES).then_some(address)
}

/// A sender: `address`, or `Name <address>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mailbox {
    pub(crate) name: Option<String>,
    pub(crate) address: String,
}

impl Mailbox {
    /// Whether a text looks like a sender. What only reads the environment needs no table of IDNA.
    pub(crate) fn is_like_one(text: &str) -> bool {
        let (_, address) = Self::split(text);
        let parts = address.rsplit_once('@');
        parts.is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !address.contains([' ', ',', ';', '<', '"'])
        })
    }

    /// Reads a sender; the name may be quoted or not. `None` if its address cannot be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, address) = Self::split(text);
        let quoted = name
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'));
        let name = match quoted {
            Some(quoted) => unescape(quoted),
            None => name.to_owned(),
        };
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        Some(Self {
            name: (!name.is_empty()).then_some(name),
            address: deliverable(address)?,
        })
    }

    /// The name and the address.
    fn split(text: &str) -> (&str, &str) {
        let text = text.trim();
        let parts = text
            .strip_suffix('>')
            .and_then(|text| text.rsplit_once('<'));
        parts.map_or(("", text), |(name, address)| (name.trim(), address.trim()))
    }
}

fn unescape(quoted: &str) -> String {
    let mut chars = quoted.chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

/// As in a header: a name with a comma, for example, is quoted.
impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = &self.name else {
            return f.write_str(&self.address);
        };
        if name.contains(|c| "()<>[]:;@\\,.\"".contains(c)) {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "\"{escaped}\" <{}>", self.address)
        } else {
            write!(f, "{name} <{}>", self.address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_deliverable_in_ascii() {
        for (written, sent) in [
            ("ann@example.org", "ann@example.org"),
            (" Ann.Lee+1@Example.ORG\n", "Ann.Lee+1@example.org"),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
            ("ann@bu\u{308}cher.example", "ann@xn--bcher-kva.example"),
            ("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
            ("ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah"),
            ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ] {
            assert_eq!(deliverable(written).as_deref(), Some(sent));
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for address in [
            "",
            " ",
            "ann",
            "@example.org",
            "ann@",
            "ann@localhost",
            "ann@example.org.",
            "ann@.example.org",
            "ann@exam ple.org",
            "ann@-example.org",
            "ann@[127.0.0.1]",
            "ann lee@example.org",
            "ann@lee@example.org",
            ".ann@example.org",
            "a..b@example.org",
            "josé@example.org",
            "ann@example.org, bob@example.org",
            "ann@example.org\r\nBcc: bob@example.org",
            "<ann@example.org>",
            "3f2a9c0e5d1b7f8896aa",
            &long,
        ] {
            assert_eq!(deliverable(address), None, "{address}");
        }
    }

    #[test]
    fn a_sender_is_written_as_a_header_has_it() {
        for (set, header) in [
            ("hi@example.org", "hi@example.org"),
            ("<hi@example.org>", "hi@example.org"),
            ("App <hi@example.org>", "App <hi@example.org>"),
            (
                "App, Inc. <hi@example.org>",
                "\"App, Inc.\" <hi@example.org>",
            ),
            (
                "\"App, Inc.\" <hi@example.org>",
                "\"App, Inc.\" <hi@example.org>",
            ),
            (
                "The \"App\" <hi@example.org>",
                "\"The \\\"App\\\"\" <hi@example.org>",
            ),
            (
                "\"The \\\"App\\\"\" <hi@example.org>",
                "\"The \\\"App\\\"\" <hi@example.org>",
            ),
            (
                "Ánfora <hi@bücher.example>",
                "Ánfora <hi@xn--bcher-kva.example>",
            ),
        ] {
            assert!(Mailbox::is_like_one(set));
            assert_eq!(Mailbox::parse(set).unwrap().to_string(), header);
            assert_eq!(Mailbox::parse(header).unwrap().to_string(), header);
        }
        for set in [
            "",
            "App",
            "App <>",
            "App <hi>",
            "hi@example.org, ann@example.org",
        ] {
            assert_eq!(Mailbox::parse(set), None, "{set}");
            assert!(!Mailbox::is_like_one(set), "{set}");
        }
    }
}
