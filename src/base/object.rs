//! Reads untrusted JSON field by field, so that an error can name the field at fault.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// A JSON value does not have the expected type.
#[derive(Debug)]
pub(crate) struct Malformed;

/// The fields of an object, in the order in which they came.
#[derive(Default)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads a whole text.
    pub(crate) fn parse(json: &'a str) -> Result<Self, Malformed> {
        serde_json::from_str(json).map_err(|_| Malformed)
    }

    /// Reads a whole text that came as bytes.
    pub(crate) fn parse_bytes(json: &'a [u8]) -> Result<Self, Malformed> {
        Self::parse(str::from_utf8(json).map_err(|_| Malformed)?)
    }

    /// Takes out a field, unparsed.
    pub(crate) fn take(&mut self, field: &str) -> Option<&'a RawValue> {
        let index = self.0.iter().position(|(name, _)| name == field)?;
        Some(self.0.swap_remove(index).1)
    }

    /// Takes out a field that is text, null or missing.
    pub(crate) fn text(&mut self, field: &str) -> Result<Option<String>, Malformed> {
        match self.take(field) {
            Some(json) if json.get() != "null" => {
                let text = text(json).ok_or(Malformed)?;
                Ok(Some(text.into_owned()))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Takes out a field that is an array of objects, null or missing.
    pub(crate) fn objects(&mut self, field: &str) -> Result<Vec<Self>, Malformed> {
        match self.take(field) {
            Some(json) if json.get() != "null" => {
                serde_json::from_str(json.get()).map_err(|_| Malformed)
            }
            Some(_) | None => Ok(Vec::new()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, &'a RawValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some((Text(name), value)) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// Text, borrowed unless it holds escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text of a JSON string; `None` for any other value.
pub(crate) fn text(json: &RawValue) -> Option<Cow<'_, str>> {
    let json = json.get();
    let plain = json.strip_prefix('"')?.strip_suffix('"')?;
    if plain.contains('\\') {
        let Text(text) = serde_json::from_str(json).ok()?;
        return Some(text);
    }
    Some(Cow::Borrowed(plain))
}

/// The kind of a JSON value, by its first character.
pub(crate) fn kind(json: &str) -> &'static str {
    match json.trim_start().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(b'-' | b'0'..=b'9') => "a number",
        _ => "invalid JSON",
    }
}
