//! The languages of notifications and emails.

/// A supported language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Latin American Spanish.
    Es,
}

impl Language {
    /// The language of a tag such as `es` or `es-AR`; English if the tag is missing or unknown.
    #[must_use]
    pub fn of(tag: Option<&str>) -> Self {
        tag.and_then(Self::known).unwrap_or(Self::En)
    }

    fn known(tag: &str) -> Option<Self> {
        let language = tag
            .trim()
            .split(['-', '_', '.', '@'])
            .next()
            .unwrap_or_default();
        [Self::En, Self::Es]
            .into_iter()
            .find(|known| known.tag().eq_ignore_ascii_case(language))
    }

    /// The supported language that an `Accept-Language` header (RFC 9110, section 12.5.4) prefers.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let mut best = (Self::En, 0);
        for range in header.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let quality = quality(parameters);
            if let Some(language) = Self::known(tag.trim())
                && quality > best.1
            {
                best = (language, quality);
            }
        }
        best.0
    }

    /// Its tag, as in the `lang` attribute of HTML.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

/// The weight of a language range, in thousandths.
fn quality(parameters: &str) -> u16 {
    let Some(weight) = parameters.trim().strip_prefix("q=") else {
        return 1_000;
    };
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    format!("{whole}{fraction:0<3}").parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_the_preferred_language_of_a_browser() {
        for header in [
            "es",
            "es-AR,es;q=0.9,en;q=0.8",
            "en;q=0.5, ES",
            "pt, fr;q=0.9, es;q=0.1",
            "en;q=0.85,es;q=0.9",
            "en;q=0,es;q=0.001",
            "*,es;q=0.5",
        ] {
            assert_eq!(Language::accepted(header), Language::Es, "{header}");
        }
        for header in [
            "",
            "en-US,en;q=0.9,es;q=0.8",
            "en,es",
            "pt",
            "*",
            "es;q=0",
            "es;q=x",
            "es;q=0.9.9",
            ",;,;q=,",
            "español",
        ] {
            assert_eq!(Language::accepted(header), Language::En, "{header}");
        }
    }

    #[test]
    fn reads_spanish_of_any_region_and_defaults_to_english() {
        for tag in [
            "es",
            "ES",
            "es-AR",
            "es_MX",
            "es-419",
            " es_MX.UTF-8 ",
            "es@euro",
            "ES_mx",
        ] {
            assert_eq!(Language::of(Some(tag)), Language::Es, "{tag}");
        }
        for tag in ["en", "en-US", "est", "e", "", "-es", "español", "pt-BR"] {
            assert_eq!(Language::of(Some(tag)), Language::En, "{tag}");
        }
        assert_eq!(Language::of(None), Language::En);
    }
}
