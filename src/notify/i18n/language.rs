//! The languages that people are written to in.

/// A language with a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Spanish as it is read all over Latin America.
    Es,
}

impl Language {
    /// The language of a profile: a tag such as `es` or `es-AR`. What is missing or unknown is English.
    #[must_use]
    pub fn of(tag: Option<&str>) -> Self {
        match tag.unwrap_or_default().as_bytes() {
            [b'e' | b'E', b's' | b'S'] | [b'e' | b'E', b's' | b'S', b'-' | b'_', ..] => Self::Es,
            _ => Self::En,
        }
    }

    /// Its tag, as in HTML's `lang`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spanish_of_any_region_is_spanish_and_all_else_english() {
        for tag in ["es", "ES", "es-AR", "es_MX", "es-419"] {
            assert_eq!(Language::of(Some(tag)), Language::Es, "{tag}");
        }
        for tag in ["en", "en-US", "est", "e", "", "-es", "español", "pt-BR"] {
            assert_eq!(Language::of(Some(tag)), Language::En, "{tag}");
        }
        assert_eq!(Language::of(None), Language::En);
    }
}
