//! Why something did not succeed.

use std::borrow::Cow;

use super::excerpt;

/// Longest text of an error that is stored or answered, in characters.
pub const MAX_ERROR_CHARS: usize = 500;

/// Why something did not succeed: a stable code for programs and a text for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable, `snake_case`.
    pub code: Cow<'static, str>,
    /// What happened, at most [`MAX_ERROR_CHARS`] characters.
    pub error: String,
}

impl Failure {
    /// A failure with its text cut to the length that is stored.
    pub fn new(code: impl Into<Cow<'static, str>>, error: impl AsRef<str>) -> Self {
        Self {
            code: code.into(),
            error: excerpt(error.as_ref(), MAX_ERROR_CHARS),
        }
    }
}
