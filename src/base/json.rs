//! JSON in and out.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Unexpected},
};
use serde_json::value::{RawValue, to_raw_value};

use super::{Code, Failure};

/// Reads what our own side has written.
///
/// # Errors
/// A failure with this code if the text is not what it should be.
pub(crate) fn read<'a, T: Deserialize<'a>>(code: Code, json: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(json).map_err(|error| Failure::new(code, error.to_string()))
}

/// Writes one of our own types. Only a map with keys that are not text could fail, and there is none.
pub(crate) fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Writes one of our own types as a part of another one.
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Implements `Serialize` for enums without fields: the name that strum gives them.
macro_rules! written_by_name {
    ($($name:ty),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.into())
            }
        }
    )*};
}

/// Implements `Deserialize` for enums without fields: the name that strum gives them.
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

/// Reads a text as what it should be.
pub(crate) fn text<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &expected))
}
