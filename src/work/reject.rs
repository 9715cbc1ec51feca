//! Why a body is not a message.

use thiserror::Error;

use crate::base::Code;

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
    /// The message says it is of a type that this version does not know.
    #[error("`{field}` names an unknown type: \"{found}\"")]
    UnknownType {
        /// The field that names the type.
        field: &'static str,
        /// The type, cut short.
        found: String,
    },
    /// The message says it is of a version that this version does not know.
    #[error("`v` names an unknown version: \"{found}\"")]
    UnknownVersion {
        /// The version, cut short.
        found: String,
    },
}

impl Reject {
    /// The stable code of the reason, as stored with the dead letter.
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
