//! Why a body is not a message.

use thiserror::Error;

/// Why a body is not a message. The text names the field, never its value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reject {
    /// The body is not a JSON object.
    #[error("the message must be an object, found {found}")]
    NotAnObject {
        /// The kind of JSON value that it is.
        found: &'static str,
    },
    /// The body is larger than its queue allows.
    #[error("the message has {size_bytes} bytes, at most {max_bytes} are allowed")]
    TooLarge {
        /// Its size as JSON text.
        size_bytes: u64,
        /// The queue's limit.
        max_bytes: u64,
    },
    /// The body nests too deep or has too many fields.
    #[error("{what}: at most {max} are allowed")]
    TooComplex {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// A required field is missing or null.
    #[error("`{field}` is missing")]
    MissingField {
        /// The field.
        field: &'static str,
    },
    /// A field has the wrong JSON type.
    #[error("`{field}` must be {expected}, found {found}")]
    WrongType {
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
        /// The kind of JSON value that it is.
        found: &'static str,
    },
    /// A field's text or number cannot be what it should be.
    #[error("`{field}` {problem}")]
    InvalidField {
        /// The field.
        field: &'static str,
        /// What is wrong, to be read after the field's name.
        problem: &'static str,
    },
    /// The message says it is something that this version does not know.
    #[error("`{field}` names an unknown {what}: \"{found}\"")]
    Unknown {
        /// The field.
        field: &'static str,
        /// A type or a version.
        what: &'static str,
        /// What it says, cut short.
        found: String,
    },
}

impl Reject {
    /// The stable code of the reason, as stored with the dead letter.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject { .. } => "not_an_object",
            Self::TooLarge { .. } => "message_too_large",
            Self::TooComplex { .. } => "message_too_complex",
            Self::MissingField { .. } => "missing_field",
            Self::WrongType { .. } => "wrong_type",
            Self::InvalidField { .. } => "invalid_field",
            Self::Unknown {
                what: "version", ..
            } => "unknown_version",
            Self::Unknown { .. } => "unknown_type",
        }
    }
}
