//! The whole way from an upload to its variants.

use serde::Serialize;
use serde_bytes::ByteBuf;

use crate::{
    color, decode,
    encode::{self, Effort},
    failure::Failure,
    header::{self, Format},
    limits,
    metadata::{self, Exif, Options},
    picture::Picture,
    resize::{self, Orientation},
};

/// What became of an upload.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Answer {
    /// It has variants.
    Processed(Box<Processed>),
    /// It cannot have any.
    Refused(Failure),
}

/// The variants of an upload and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Processed {
    /// The format of the upload.
    pub format: Format,
    /// The width of the upload, upright.
    pub width: u32,
    /// The height of the upload, upright.
    pub height: u32,
    /// The most frequent color, as `#rrggbb`.
    pub color: String,
    /// What to show until a variant is loaded.
    pub thumbhash: ByteBuf,
    /// How it was taken.
    pub exif: Exif,
    /// The files to publish.
    pub variants: Vec<Variant>,
}

/// A file to publish.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variant {
    /// `original`, `medium` or `thumbnail`.
    pub name: &'static str,
    /// Its media type.
    #[serde(rename = "type")]
    pub format: encode::Format,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Its content.
    pub bytes: ByteBuf,
}

/// The longest side of the original as it is published.
const ORIGINAL: u32 = 2_560;
const MEDIUM: u32 = 400;
const THUMBNAIL: u32 = 100;

/// Processes an upload.
#[must_use]
pub fn process(upload: Vec<u8>, options: &Options) -> Answer {
    match processed(upload, options) {
        Ok(processed) => Answer::Processed(Box::new(processed)),
        Err(failure) => Answer::Refused(failure),
    }
}

fn processed(upload: Vec<u8>, options: &Options) -> Result<Processed, Failure> {
    limits::check_bytes(upload.len())?;
    let header = header::read(&upload)?;
    limits::check_header(&header)?;
    let decoded = decode::decode(&upload, &header)?;
    // Memory that is free here is not asked for by the encoders.
    drop(upload);
    let (orientation, exif) = match &decoded.exif {
        Some(tiff) => metadata::read(tiff, options),
        None => (Orientation::new(1), Exif::default()),
    };
    let (width, height) = (decoded.picture.width, decoded.picture.height);
    let original = shown(decoded.picture, orientation, decoded.profile.as_deref())?;
    let medium = resize::fitted(&original, MEDIUM)?;
    let thumbnail = resize::covered(&original, THUMBNAIL)?;
    let hashed = resize::fitted(&medium, THUMBNAIL)?;
    let variants = [
        ("original", &original, Effort::Large),
        ("medium", &medium, Effort::Small),
        ("thumbnail", &thumbnail, Effort::Small),
    ];
    Ok(Processed {
        format: header.format,
        width: if orientation.swaps_sides() {
            height
        } else {
            width
        },
        height: if orientation.swaps_sides() {
            width
        } else {
            height
        },
        color: color::dominant(&hashed),
        thumbhash: ByteBuf::from(thumbhash::rgba_to_thumb_hash(
            hashed.width as usize,
            hashed.height as usize,
            &hashed.to_rgba(),
        )),
        exif,
        variants: variants
            .into_iter()
            .map(|(name, picture, effort)| variant(name, picture, effort))
            .collect::<Result<_, _>>()?,
    })
}

/// As large as anything that is published, upright, in sRGB. Resizing comes first: the rest is work for each pixel.
fn shown(
    picture: Picture,
    orientation: Orientation,
    profile: Option<&[u8]>,
) -> Result<Picture, Failure> {
    let picture = if picture.is_transparent() {
        picture
    } else {
        picture.without_alpha()
    };
    let picture = if picture.width.max(picture.height) > ORIGINAL {
        resize::reduced(picture, ORIGINAL)?
    } else {
        picture
    };
    let picture = resize::upright(picture, orientation);
    Ok(match profile {
        Some(profile) => color::to_srgb(picture, profile),
        None => picture,
    })
}

fn variant(name: &'static str, picture: &Picture, effort: Effort) -> Result<Variant, Failure> {
    let (format, bytes) = encode::encoded(picture, effort)?;
    Ok(Variant {
        name,
        format,
        width: picture.width,
        height: picture.height,
        bytes: ByteBuf::from(bytes),
    })
}
