//! Reads the fields of a message one by one, so that an error can name the field at fault.

use std::{borrow::Cow, collections::BTreeMap, ops::RangeInclusive};

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Reject;
use crate::base::{
    Timestamp, excerpt,
    object::{self, Object, kind},
};

/// Deepest nesting of a message; far below the limits of the parsers that read it.
const MAX_DEPTH: usize = 32;
/// Most top-level fields of a message.
const MAX_FIELDS: usize = 64;
/// Earliest time of an event, Unix time: 2010 began before any app of this kind.
const EARLIEST_TIMESTAMP_SECS: i64 = 1_262_304_000;
/// How far a producer's clock may be ahead of the database's.
const MAX_CLOCK_SKEW_SECS: i64 = 24 * 60 * 60;

/// The fields of a message that its type does not know, passed on unchanged.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, Box<RawValue>>);

impl Metadata {
    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a value under its name; appends underscores if the name is taken.
    pub(crate) fn insert(&mut self, mut name: String, value: Box<RawValue>) {
        while self.0.contains_key(&name) {
            name.push('_');
        }
        self.0.insert(name, value);
    }

    fn extend(&mut self, object: Object<'_>) {
        for (name, value) in object {
            self.insert(name.into_owned(), value.to_owned());
        }
    }
}

/// The fields of a message that have not been read yet.
pub(crate) struct Fields<'a>(Object<'a>);

impl<'a> Fields<'a> {
    pub(crate) fn parse(body: &'a str) -> Result<Self, Reject> {
        Self::parse_nested(body, MAX_DEPTH)
    }

    /// The same for a message that is passed on: its unknown fields move down by one level.
    pub(crate) fn parse_passed_on(body: &'a str) -> Result<Self, Reject> {
        Self::parse_nested(body, MAX_DEPTH - 1)
    }

    fn parse_nested(body: &'a str, max: usize) -> Result<Self, Reject> {
        match kind(body) {
            "an object" => {}
            found => return Err(Reject::NotAnObject { found }),
        }
        if depth(body) > max {
            let what = "levels of nesting";
            return Err(Reject::TooComplex { what, max });
        }
        let fields = Object::parse(body).map_err(|_| Reject::NotAnObject {
            found: "invalid JSON",
        })?;
        if fields.len() > MAX_FIELDS {
            return Err(Reject::TooComplex {
                what: "fields",
                max: MAX_FIELDS,
            });
        }
        Ok(Self(fields))
    }

    /// Rejects every version but 1. A message without `v` has version 1.
    pub(crate) fn version_1(&mut self) -> Result<(), Reject> {
        match self.take("v").map(RawValue::get) {
            None | Some("1") => Ok(()),
            Some(other) => Err(Reject::UnknownVersion {
                found: excerpt(other, 32),
            }),
        }
    }

    pub(crate) fn uuid(&mut self, field: &'static str) -> Result<Uuid, Reject> {
        self.optional_uuid(field)?
            .ok_or(Reject::MissingField { field })
    }

    pub(crate) fn optional_uuid(&mut self, field: &'static str) -> Result<Option<Uuid>, Reject> {
        let Some(text) = self.text_of(field)? else {
            return Ok(None);
        };
        match Uuid::try_parse(&text) {
            Ok(uuid) => Ok(Some(uuid)),
            Err(_) => Err(Reject::InvalidField {
                field,
                problem: "is not a UUID",
            }),
        }
    }

    /// Text of 1 to `max_chars` characters.
    pub(crate) fn text(&mut self, field: &'static str, max_chars: usize) -> Result<String, Reject> {
        self.optional_text(field, max_chars)?
            .ok_or(Reject::MissingField { field })
    }

    pub(crate) fn optional_text(
        &mut self,
        field: &'static str,
        max_chars: usize,
    ) -> Result<Option<String>, Reject> {
        let Some(text) = self.text_of(field)? else {
            return Ok(None);
        };
        // ASCII white space alone: databases differ in what else is white space.
        if text
            .chars()
            .all(|c| c.is_ascii_whitespace() || c == '\u{b}')
        {
            return Err(Reject::InvalidField {
                field,
                problem: "is empty",
            });
        }
        if text.chars().nth(max_chars).is_some() {
            return Err(Reject::InvalidField {
                field,
                problem: "is too long",
            });
        }
        Ok(Some(text.into_owned()))
    }

    /// The first `max_chars` characters of a text of any length.
    pub(crate) fn optional_excerpt(
        &mut self,
        field: &'static str,
        max_chars: usize,
    ) -> Result<Option<String>, Reject> {
        let text = self.text_of(field)?;
        Ok(text.map(|text| excerpt(&text, max_chars)))
    }

    /// A whole number in the range. Accepts `7.0`, which is how a numeric column writes it.
    pub(crate) fn integer(
        &mut self,
        field: &'static str,
        range: RangeInclusive<i64>,
    ) -> Result<i64, Reject> {
        self.optional_integer(field, range)?
            .ok_or(Reject::MissingField { field })
    }

    pub(crate) fn optional_integer(
        &mut self,
        field: &'static str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, Reject> {
        let Some(raw) = self.take(field) else {
            return Ok(None);
        };
        let text = raw.get();
        if kind(text) != "a number" {
            let expected = "a whole number";
            return Err(Reject::WrongType {
                field,
                expected,
                found: kind(text),
            });
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let number = whole.parse::<i64>().ok();
        match number.filter(|_| fraction.bytes().all(|digit| digit == b'0')) {
            None => Err(Reject::InvalidField {
                field,
                problem: "is not a whole number",
            }),
            Some(number) if range.contains(&number) => Ok(Some(number)),
            Some(_) => Err(Reject::InvalidField {
                field,
                problem: "is out of range",
            }),
        }
    }

    /// A boolean; false if missing.
    pub(crate) fn flag(&mut self, field: &'static str) -> Result<bool, Reject> {
        match self.take(field).map(RawValue::get) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Reject::WrongType {
                field,
                expected: "a boolean",
                found: kind(other),
            }),
        }
    }

    /// A timestamp with an offset (RFC 3339) that is not implausibly early and not in the future.
    pub(crate) fn timestamp(
        &mut self,
        field: &'static str,
        now: Timestamp,
    ) -> Result<Timestamp, Reject> {
        let Some(text) = self.text_of(field)? else {
            return Err(Reject::MissingField { field });
        };
        let at = Timestamp::parse(&text).ok_or(Reject::InvalidField {
            field,
            problem: "is not a timestamp with an offset (RFC 3339)",
        })?;
        if at.unix_secs() < EARLIEST_TIMESTAMP_SECS {
            return Err(Reject::InvalidField {
                field,
                problem: "is too far in the past",
            });
        }
        if at.unix_secs() - now.unix_secs() > MAX_CLOCK_SKEW_SECS {
            return Err(Reject::InvalidField {
                field,
                problem: "is in the future",
            });
        }
        Ok(at)
    }

    /// All fields that are left, and those of the message's own `metadata`.
    pub(crate) fn metadata(mut self) -> Result<Metadata, Reject> {
        let field = "metadata";
        let mut metadata = Metadata::default();
        if let Some(raw) = self.take(field) {
            let object = Object::parse(raw.get()).map_err(|_| Reject::WrongType {
                field,
                expected: "an object",
                found: kind(raw.get()),
            })?;
            metadata.extend(object);
        }
        metadata.extend(self.0);
        Ok(metadata)
    }

    /// Takes out a field; null counts as missing.
    fn take(&mut self, field: &str) -> Option<&'a RawValue> {
        let value = self.0.take(field)?;
        (value.get() != "null").then_some(value)
    }

    fn text_of(&mut self, field: &'static str) -> Result<Option<Cow<'a, str>>, Reject> {
        let Some(raw) = self.take(field) else {
            return Ok(None);
        };
        match object::text(raw) {
            Some(text) => Ok(Some(text)),
            None => Err(Reject::WrongType {
                field,
                expected: "text",
                found: kind(raw.get()),
            }),
        }
    }
}

/// The deepest nesting of a JSON text, without recursion.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json.bytes() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str) -> Fields<'_> {
        Fields::parse(body).unwrap()
    }

    #[test]
    fn rejects_a_message_that_is_not_an_object() {
        for (body, found) in [
            ("null", "null"),
            ("[{}]", "an array"),
            ("\"like\"", "text"),
            ("7", "a number"),
            ("true", "a boolean"),
        ] {
            assert_eq!(
                Fields::parse(body).err(),
                Some(Reject::NotAnObject { found })
            );
        }
    }

    #[test]
    fn measures_nesting_outside_of_strings() {
        assert_eq!(depth(r#"{"a":[{"b":"[[[\"{{"}]}"#), 3);
        let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
        assert!(matches!(
            Fields::parse(&deep),
            Err(Reject::TooComplex { .. })
        ));
        let bottomless = format!(r#"{{"a":{}"#, "[".repeat(100_000));
        assert!(Fields::parse(&bottomless).is_err());
    }

    #[test]
    fn accepts_whole_numbers_of_a_numeric_column() {
        assert_eq!(fields(r#"{"n":7.00}"#).integer("n", 0..=9), Ok(7));
        for body in [
            r#"{"n":7.5}"#,
            r#"{"n":1e3}"#,
            r#"{"n":99999999999999999999}"#,
            r#"{"n":-1}"#,
        ] {
            assert!(matches!(
                fields(body).integer("n", 0..=9),
                Err(Reject::InvalidField { field: "n", .. })
            ));
        }
        assert!(matches!(
            fields(r#"{"n":"7"}"#).integer("n", 0..=9),
            Err(Reject::WrongType { .. })
        ));
    }

    #[test]
    fn rejects_timestamps_without_offset_or_with_an_implausible_date() {
        let now = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
        let read = |at: &str| fields(&format!(r#"{{"t":"{at}"}}"#)).timestamp("t", now);
        assert!(read("2026-11-23T11:59:59.123456+00:00").is_ok());
        assert!(read("2026-11-23 11:59:59.123+00").is_ok());
        assert!(read("2026-11-24T11:00:00Z").is_ok());
        for at in [
            "2026-11-25T12:00:01Z",
            "0001-01-01T00:00:00Z",
            "1999-12-31T23:59:59Z",
            "2026-11-23T11:59:59",
            "2026-13-01T00:00:00Z",
            "yesterday",
            "",
        ] {
            assert!(
                matches!(read(at), Err(Reject::InvalidField { field: "t", .. })),
                "{at}"
            );
        }
    }

    #[test]
    fn keeps_unknown_fields_as_metadata_and_overwrites_none() {
        let metadata = fields(r#"{"metadata":{"a":1},"a":2,"b":[3]}"#)
            .metadata()
            .unwrap();
        assert_eq!(
            serde_json::to_string(&metadata).unwrap(),
            r#"{"a":1,"a_":2,"b":[3]}"#
        );
    }

    #[test]
    fn unescapes_text_and_counts_its_length_in_characters() {
        assert_eq!(
            fields(r#"{"s":"a\u00f1\"b"}"#).text("s", 4),
            Ok("añ\"b".to_owned())
        );
        assert!(fields(r#"{"s":"añañañ"}"#).text("s", 5).is_err());
        assert!(fields(r#"{"s":"  "}"#).text("s", 5).is_err());
        assert_eq!(
            fields(r#"{"s":null}"#).text("s", 5),
            Err(Reject::MissingField { field: "s" })
        );
    }
}
