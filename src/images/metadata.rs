//! What the camera wrote, by a list of what may be known of a picture.

use exif::{In, Reader, Tag, Value};
use serde::{Deserialize, Serialize};

use crate::orientation::Orientation;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Where the picture was taken.
    pub location: bool,
    /// The serial number of the camera.
    pub serial_number: bool,
    /// Whether HEIC is read.
    pub heic: bool,
}

/// What is known of how a picture was taken. Anything else that a camera writes is dropped.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Exif {
    /// The maker of the camera.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub make: Option<String>,
    /// The camera.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The lens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// The exposure in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure_secs: Option<f64>,
    /// The aperture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub f_number: Option<f64>,
    /// The sensitivity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso: Option<u32>,
    /// The focal length in millimetres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focal_length_mm: Option<f64>,
    /// When it was taken, in ISO 8601; without an offset if the camera knew none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    /// Where it was taken, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The camera's serial number, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
}

/// A place, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Location {
    /// North of the equator.
    pub latitude: f64,
    /// East of Greenwich.
    pub longitude: f64,
}

/// Reads TIFF as EXIF has it. What is broken is left out: a picture is none the worse for it.
pub(crate) fn read(tiff: &[u8], options: &Options) -> (Orientation, Exif) {
    let tiff = tiff.strip_prefix(b"Exif\0\0").unwrap_or(tiff).to_vec();
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    let read = reader
        .read_raw(tiff)
        .or_else(|error| error.distill_partial_result(|_| ()));
    let Ok(fields) = read else {
        return (Orientation::new(1), Exif::default());
    };
    let text = |tag| text(&fields, tag);
    let number = |tag| number(&fields, tag);
    let whole = |tag| fields.get_field(tag, In::PRIMARY)?.value.get_uint(0);
    let exif = Exif {
        make: text(Tag::Make),
        model: text(Tag::Model),
        lens: text(Tag::LensModel),
        exposure_secs: number(Tag::ExposureTime),
        f_number: number(Tag::FNumber),
        iso: whole(Tag::PhotographicSensitivity),
        focal_length_mm: number(Tag::FocalLength),
        taken_at: taken_at(&fields),
        location: location(&fields).filter(|_| options.location),
        serial_number: text(Tag::BodySerialNumber).filter(|_| options.serial_number),
    };
    (Orientation::new(whole(Tag::Orientation).unwrap_or(1)), exif)
}

/// Text that can be shown and stored: PostgreSQL has no NUL.
fn text(fields: &exif::Exif, tag: Tag) -> Option<String> {
    const MAX_CHARS: usize = 100;
    let text = String::from_utf8_lossy(ascii(fields, tag)?);
    let shown: String = text
        .trim()
        .chars()
        .filter(|char| !char.is_control())
        .take(MAX_CHARS)
        .collect();
    Some(shown).filter(|text| !text.is_empty())
}

fn ascii(fields: &exif::Exif, tag: Tag) -> Option<&[u8]> {
    let Value::Ascii(parts) = &fields.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    parts.first().map(Vec::as_slice)
}

fn number(fields: &exif::Exif, tag: Tag) -> Option<f64> {
    let Value::Rational(values) = &fields.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    Some(values.first()?.to_f64()).filter(|number| number.is_finite())
}

fn taken_at(fields: &exif::Exif) -> Option<String> {
    let mut at = exif::DateTime::from_ascii(ascii(fields, Tag::DateTimeOriginal)?).ok()?;
    let is_date = (1..=12).contains(&at.month) && (1..=31).contains(&at.day);
    if !is_date || at.hour > 23 || at.minute > 59 || at.second > 60 {
        return None;
    }
    let offset = ascii(fields, Tag::OffsetTimeOriginal)
        .and_then(|offset| at.parse_offset(offset).ok().and(at.offset))
        .map(|minutes| {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        });
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
        at.year,
        at.month,
        at.day,
        at.hour,
        at.minute,
        at.second,
        offset.unwrap_or_default()
    ))
}

fn location(fields: &exif::Exif) -> Option<Location> {
    let degrees = |tag, reference, negative: u8, max: f64| {
        let Value::Rational(parts) = &fields.get_field(tag, In::PRIMARY)?.value else {
            return None;
        };
        let [degrees, minutes, seconds] = parts.as_slice() else {
            return None;
        };
        let angle = degrees.to_f64() + minutes.to_f64() / 60.0 + seconds.to_f64() / 3_600.0;
        let side = ascii(fields, reference)?.first()?;
        let angle = if side.to_ascii_uppercase() == negative {
            -angle
        } else {
            angle
        };
        Some(angle).filter(|angle| angle.abs() <= max)
    };
    Some(Location {
        latitude: degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S', 90.0)?,
        longitude: degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W', 180.0)?,
    })
}
