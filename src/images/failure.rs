//! Why an upload has no variants. Each reason is permanent: the same bytes fail again.

use serde::Serialize;

/// A reason, stable for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// There are no bytes.
    Empty,
    /// The file has more bytes than an upload may have.
    TooManyBytes,
    /// The header names more pixels than are processed.
    TooManyPixels,
    /// Decoding would take more memory than there is.
    TooMuchMemory,
    /// The file is a picture of a kind that is not processed, or no picture.
    UnsupportedFormat,
    /// The colours are of a kind that is not processed.
    UnsupportedColor,
    /// The file ends before its picture does.
    Truncated,
    /// The file contradicts its format.
    Corrupt,
    /// The picture was decoded, but a variant could not be made of it.
    NotEncoded,
}

/// A reason with words for the person who uploaded the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The reason, stable for programs.
    pub code: Code,
    /// The reason in words.
    pub error: String,
}

impl Failure {
    pub(crate) fn new(code: Code, error: impl Into<String>) -> Self {
        Self {
            code,
            error: error.into(),
        }
    }
}
