//! JSON in and out.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Unexpected},
};
use serde_json::value::{RawValue, to_raw_value};

use super::{Code, Failure};

/// Reads JSON that the database or the host has written.
///
/// # Errors
/// A failure with this code if the text is not what it should be.
pub(crate) fn read<'a, T: Deserialize<'a>>(code: Code, json: &'a [u8]) -> Result<T, Failure> {
    parse(json).map_err(|error| Failure::new(code, error.to_string()))
}

/// Parses the bytes as text, like all other JSON: `serde_json::from_slice` would compile a second parser.
pub(crate) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> serde_json::Result<T> {
    serde_json::from_str(str::from_utf8(json).map_err(Error::custom)?)
}

/// Writes one of our own types. Only a map whose keys are not text could fail, and there is none.
pub(crate) fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Writes one of our own types to be embedded in another.
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Named texts, written as an object. The names must be unique.
pub(crate) struct Texts<'a>(pub(crate) Vec<(&'a str, &'a str)>);

impl Texts<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// Implements `Serialize` for enums without fields by the names that strum derives.
macro_rules! written_by_name {
    ($($name:ty),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.into())
            }
        }
    )*};
}

/// Implements `Deserialize` for enums without fields by the names that strum derives.
macro_rules! read_by_name {
    ($($name:ty: $expected:literal),*) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::base::json::text(deserializer, $expected, |name| name.parse().ok())
            }
        }
    )*};
}

pub(crate) use {read_by_name, written_by_name};

/// Reads a text and parses it.
pub(crate) fn text<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &expected))
}
