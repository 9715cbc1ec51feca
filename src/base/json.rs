//! JSON in and out, by plain functions: one that is generic over reader, writer and type would be
//! compiled anew for each, and the core is downloaded with every cold start. Values are read one by
//! one, so that a problem can name the field at fault.

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

/// Writes one of our own types. Only a map with keys that are not text could fail, and there is none.
pub(crate) fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Writes one of our own types as a part of another one.
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Why a JSON text is not what it should be.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The field at fault, by the names on the way to it; empty for the text as a whole.
    path: String,
    /// What is wrong, to be read after the field's name.
    what: &'static str,
}

impl Problem {
    pub(crate) fn new(what: &'static str) -> Self {
        let path = String::new();
        Self { path, what }
    }

    /// The same, as a problem of what has this field.
    pub(crate) fn within(mut self, field: &str) -> Self {
        if !self.path.is_empty() {
            self.path.insert(0, '.');
        }
        self.path.insert_str(0, field);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str("it ")?,
            path => {
                for part in ["`", path, "` "] {
                    f.write_str(part)?;
                }
            }
        }
        f.write_str(self.what)
    }
}

/// What a JSON value can be read as.
pub(crate) trait FromJson: Sized {
    fn from_json(json: &RawValue) -> Result<Self, Problem>;

    /// What a missing field stands for.
    fn missing() -> Result<Self, Problem> {
        Err(Problem::new("is missing"))
    }
}

/// The fields of an object, in the order in which they came.
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads a whole text.
    pub(crate) fn parse(json: &'a str) -> Result<Self, Problem> {
        serde_json::from_str(json).map_err(|_| Problem::new("is not a JSON object"))
    }

    /// Reads a whole text that came as bytes.
    pub(crate) fn parse_bytes(json: &'a [u8]) -> Result<Self, Problem> {
        match str::from_utf8(json) {
            Ok(json) => Self::parse(json),
            Err(_) => Err(Problem::new("is not UTF-8")),
        }
    }

    /// Takes a field out as it came.
    pub(crate) fn take(&mut self, field: &str) -> Option<&'a RawValue> {
        let index = self.0.iter().position(|(name, _)| name == field)?;
        Some(self.0.swap_remove(index).1)
    }

    /// Takes a field out as what it should be.
    pub(crate) fn get<T: FromJson>(&mut self, field: &str) -> Result<T, Problem> {
        match self.take(field) {
            Some(json) => T::from_json(json),
            None => T::missing(),
        }
        .map_err(|problem| problem.within(field))
    }

    /// The same for a field that may be missing or null.
    pub(crate) fn get_or<T: FromJson>(&mut self, field: &str, default: T) -> Result<T, Problem> {
        let value: Option<T> = self.get(field)?;
        Ok(value.unwrap_or(default))
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

/// Text borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text that a JSON value is, if it is one.
pub(crate) fn text(json: &RawValue) -> Option<Cow<'_, str>> {
    let json = json.get();
    let plain = json.strip_prefix('"')?.strip_suffix('"')?;
    if plain.contains('\\') {
        let Text(text) = serde_json::from_str(json).ok()?;
        return Some(text);
    }
    Some(Cow::Borrowed(plain))
}

/// The kind of a JSON value, told by its first character.
pub(crate) fn kind(json: &str) -> &'static str {
    match json.trim_start().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(b'-' | b'0'..=b'9') => "a number",
        _ => "no JSON",
    }
}

impl FromJson for Box<RawValue> {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        Ok(json.to_owned())
    }
}

impl FromJson for String {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let text = text(json).ok_or(Problem::new("is not text"))?;
        Ok(text.into_owned())
    }
}

impl FromJson for bool {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        match json.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Problem::new("is not a boolean")),
        }
    }
}

impl FromJson for i64 {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let number = json.get().parse();
        number.map_err(|_| Problem::new("is not a whole number in range"))
    }
}

impl FromJson for u64 {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let number = json.get().parse();
        number.map_err(|_| Problem::new("is not a whole number in range"))
    }
}

impl FromJson for u32 {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let number = u64::from_json(json)?.try_into();
        number.map_err(|_| Problem::new("is not a whole number in range"))
    }
}

impl FromJson for Uuid {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let uuid = text(json).and_then(|text| Self::try_parse(&text).ok());
        uuid.ok_or(Problem::new("is not a UUID"))
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        match json.get() {
            "null" => Ok(None),
            _ => T::from_json(json).map(Some),
        }
    }

    fn missing() -> Result<Self, Problem> {
        Ok(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        elements(json)?.into_iter().map(T::from_json).collect()
    }
}

/// An object that names its values freely.
impl<K: FromStr + Ord, V: FromJson> FromJson for BTreeMap<K, V> {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut map = Self::new();
        for (name, json) in Object::parse(json.get())? {
            let value = V::from_json(json).map_err(|problem| problem.within(&name))?;
            let key = name
                .parse()
                .map_err(|_| Problem::new("is not such a name").within(&name))?;
            map.insert(key, value);
        }
        Ok(map)
    }
}

fn elements(json: &RawValue) -> Result<Vec<&RawValue>, Problem> {
    serde_json::from_str(json.get()).map_err(|_| Problem::new("is not an array"))
}
