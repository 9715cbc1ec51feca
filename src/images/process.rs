//! The whole way from an upload to its variants.

use serde::Serialize;
use serde_bytes::ByteBuf;

use crate::{
    color,
    decode::{self, Decoded},
    encode::{self, Effort},
    failure::{Code, Failure},
    format::{self, Format},
    limits,
    metadata::{self, Exif, Options},
    orientation::Orientation,
    picture::Picture,
    stripped,
};

/// What became of an upload.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Answer {
    /// It has variants.
    Processed(Box<Processed>),
    /// It cannot have any.
    Refused(Failure),
    /// It is a HEIC picture: the package `heic` processes it. That one, and a crate with all features, never answers this.
    Heic,
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

const MEDIUM: u32 = 400;
const THUMBNAIL: u32 = 100;

/// Processes an upload.
#[must_use]
pub fn process(upload: Vec<u8>, options: &Options) -> Answer {
    let answer = limits::check_bytes(upload.len()).and_then(|()| {
        if format::is_heic(&upload) {
            heic(upload, options)
        } else {
            let (format, decoded) = decode::decode(&upload)?;
            processed(decoded, format, upload, options)
        }
    });
    answer.unwrap_or_else(Answer::Refused)
}

/// HEIC is read only where somebody has decided so: its codec has patents.
fn heic(upload: Vec<u8>, options: &Options) -> Result<Answer, Failure> {
    if !options.heic {
        return Err(Failure::new(
            Code::UnsupportedFormat,
            "the file is a HEIC picture, which is not taken here; please upload a JPEG, PNG, WebP or GIF",
        ));
    }
    #[cfg(feature = "heic")]
    return processed(
        decode::heic::decode(&upload)?,
        Format::Heic,
        upload,
        options,
    );
    #[cfg(not(feature = "heic"))]
    {
        drop(upload);
        Ok(Answer::Heic)
    }
}

fn processed(
    decoded: Decoded,
    format: Format,
    upload: Vec<u8>,
    options: &Options,
) -> Result<Answer, Failure> {
    let (orientation, exif) = match &decoded.exif {
        Some(tiff) => metadata::read(tiff, options),
        None => (Orientation::new(1), Exif::default()),
    };
    let orientation = decoded.orientation.unwrap_or(orientation);
    let (width, height) = (decoded.width, decoded.height);
    let may_stay = may_stay(format, &decoded, orientation);
    let own = may_stay.then(|| stripped::jpeg(&upload)).flatten();
    // Memory that is free here is not asked for by the encoders.
    drop(upload);
    let original = shown(decoded.picture, orientation, decoded.profile.as_deref());
    let medium = original.fitted(MEDIUM);
    let (medium_width, medium_height) = medium.size();
    // Of the smaller one, where that has pixels enough.
    let thumbnail = if medium_width.min(medium_height) >= 2 * THUMBNAIL {
        medium.covered(THUMBNAIL)
    } else {
        original.covered(THUMBNAIL)
    };
    let hashed = medium.fitted(THUMBNAIL);
    let (hashed_width, hashed_height) = hashed.size();
    let hashed = hashed.to_rgba();
    let variants = [
        ("original", original, Effort::Large),
        ("medium", medium, Effort::Small),
        ("thumbnail", thumbnail, Effort::Small),
    ];
    let mut variants: Vec<_> = variants
        .into_iter()
        .map(|(name, picture, effort)| variant(name, picture, effort))
        .collect::<Result<_, _>>()?;
    if let (Some(own), Some(original)) = (own, variants.first_mut())
        && own.len() < original.bytes.len()
    {
        original.bytes = ByteBuf::from(own);
    }
    Ok(Answer::Processed(Box::new(Processed {
        format,
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
            hashed_width as usize,
            hashed_height as usize,
            &hashed,
        )),
        exif,
        variants,
    })))
}

/// Whether the pixels of the upload may be published as they are, if they take fewer bytes: a picture is not improved by
/// being compressed twice.
fn may_stay(format: Format, decoded: &Decoded, orientation: Orientation) -> bool {
    let is_plain = match &decoded.picture {
        Picture::Ycc(_) | Picture::Grey(_) => true,
        Picture::Rgb(_) | Picture::Rgba(_) => false,
    };
    let profile = decoded.profile.as_deref();
    format == Format::Jpeg
        && !decoded.has_more
        && decoded.picture.size() == (decoded.width, decoded.height)
        && orientation == Orientation::new(1)
        && is_plain
        && profile.is_none_or(color::is_srgb)
}

/// Upright, in sRGB. The picture is as large as what is published: this is work for each pixel.
fn shown(picture: Picture, orientation: Orientation, profile: Option<&[u8]>) -> Picture {
    let picture = orientation.upright(picture);
    match profile {
        Some(profile) => color::to_srgb(picture, profile),
        None => picture,
    }
}

fn variant(name: &'static str, picture: Picture, effort: Effort) -> Result<Variant, Failure> {
    let (width, height) = picture.size();
    let (format, bytes) = encode::encoded(picture, effort)?;
    Ok(Variant {
        name,
        format,
        width,
        height,
        bytes: ByteBuf::from(bytes),
    })
}
