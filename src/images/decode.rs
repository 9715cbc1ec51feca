//! From a file to pixels, with what is needed to show them as they were meant.

mod gif;
mod jpeg;
mod png;
mod restarts;
mod webp;

use crate::{
    failure::Failure,
    header::{Format, Header},
    picture::Picture,
};

/// A picture within the size of what is published, neither turned nor converted.
pub(crate) struct Decoded {
    /// The size of the upload.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) picture: Picture,
    /// TIFF, as EXIF has it.
    pub(crate) exif: Option<Vec<u8>>,
    pub(crate) profile: Option<Vec<u8>>,
}

/// `header` was read from `file` and is within the limits.
pub(crate) fn decode(file: &[u8], header: &Header) -> Result<Decoded, Failure> {
    match header.format {
        Format::Jpeg => jpeg::decode(file, header),
        Format::Png => png::decode(file),
        Format::Webp => webp::decode(file),
        Format::Gif => gif::decode(file),
    }
}
