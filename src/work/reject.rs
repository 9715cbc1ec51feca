//! Why a body is not a message.

use thiserror::Error;

use crate::base::Code;

/// Why a body is not a message. The text names the field, never its value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reject {
    /// The body is not a JSON object.
    #[error("the message must be an object, found {found}")]
    NotAnObject {
        /// The kind of JSON value that it has.
        found: &'static str,
    },
    /// The body is larger than its queue allows.
    #[error("the message has {size_bytes} bytes; its queue allows {max_bytes}")]
    TooLarge {
        /// Its size as JSON text.
        size_bytes: u64,
        /// The queue's limit.
        max_bytes: u64,
    },
    /// The body nests too deep or has too many fields.
    #[error("the message has more than {max} {what}")]
    TooComplex {
        /// What exceeds the limit.
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
        /// The expected type.
        expected: &'static str,
        /// The kind of JSON value that it has.
        found: &'static str,
    },
    /// A field has a value that it cannot have.
    #[error("`{field}` {problem}")]
    InvalidField {
        /// The field.
        field: &'static str,
        /// What is wrong; completes a sentence that starts with the field.
        problem: &'static str,
    },
    /// The message names a type that this version does not know.
    #[error("`{field}` names an unknown type: \"{found}\"")]
    UnknownType {
        /// The field that names the type.
        field: &'static str,
        /// The type, cut short.
        found: String,
    },
    /// The message names a version that this version does not know.
    #[error("`v` names an unknown version: \"{found}\"")]
    UnknownVersion {
        /// The version, cut short.
        found: String,
    },
}

impl Reject {
    /// The code that is stored with the dead letter.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NotAnObject { .. } => Code::NotAnObject,
            Self::TooLarge { .. } => Code::MessageTooLarge,
            Self::TooComplex { .. } => Code::MessageTooComplex,
            Self::MissingField { .. } => Code::MissingField,
            Self::WrongType { .. } => Code::WrongType,
            Self::InvalidField { .. } => Code::InvalidField,
            Self::UnknownType { .. } => Code::UnknownType,
            Self::UnknownVersion { .. } => Code::UnknownVersion,
        }
    }
}
