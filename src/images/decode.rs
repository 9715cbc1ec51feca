//! From a file to pixels, with what is needed to show them as they were meant.

#[cfg(feature = "common")]
mod gif;
#[cfg(feature = "heic")]
pub(crate) mod heic;
#[cfg(feature = "common")]
mod jpeg;
#[cfg(feature = "common")]
mod png;
#[cfg(feature = "common")]
mod webp;

use crate::{
    failure::{Code, Failure},
    format::Format,
    orientation::Orientation,
    picture::Picture,
};
#[cfg(feature = "common")]
use crate::{header, limits};

/// A picture within the size of what is published, neither turned nor converted.
pub(crate) struct Decoded {
    /// The size of the upload.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) picture: Picture,
    /// TIFF, as EXIF has it.
    pub(crate) exif: Option<Vec<u8>>,
    pub(crate) profile: Option<Vec<u8>>,
    /// The way up, if the format itself says it.
    pub(crate) orientation: Option<Orientation>,
    /// Whether the file of a JPEG has more than its picture among the data of that.
    pub(crate) has_more: bool,
}

/// Decodes a file of the common formats, if its header is within the limits.
#[cfg(feature = "common")]
pub(crate) fn decode(file: &[u8]) -> Result<(Format, Decoded), Failure> {
    let header = header::read(file)?;
    limits::check_pixels(header.width, header.height, header.is_progressive)?;
    limits::check_memory(
        (header.width, header.height),
        header.decoding_bytes,
        file.len(),
    )?;
    let decoded = match header.format {
        Format::Png => png::decode(file),
        Format::Webp => webp::decode(file),
        Format::Gif => gif::decode(file),
        Format::Jpeg => jpeg::decode(file, &header),
        Format::Heic => Err(elsewhere()),
    }?;
    Ok((header.format, decoded))
}

/// The package `heic` has no other decoders.
#[cfg(not(feature = "common"))]
pub(crate) fn decode(_: &[u8]) -> Result<(Format, Decoded), Failure> {
    Err(elsewhere())
}

fn elsewhere() -> Failure {
    let error = "the file is read by another package than this";
    Failure::new(Code::UnsupportedFormat, error)
}
