//! JPEG, by zune-jpeg.

use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::Decoded;
use crate::{
    failure::{Code, Failure},
    limits::MAX_SCANS,
    picture::{Channels, Picture},
};

pub(crate) fn decode(file: &[u8]) -> Result<Decoded, Failure> {
    // A decoder that is not strict fills what is missing with grey.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    let failed = |error| failure(file, &error);
    let pixels = decoder.decode().map_err(failed)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let side = |side: usize| u32::try_from(side).unwrap_or_default();
    Ok(Decoded {
        picture: Picture {
            width: side(width),
            height: side(height),
            channels: Channels::Rgb,
            pixels,
        },
        exif: decoder.exif().cloned(),
        profile: decoder.icc_profile(),
    })
}

/// A file without an end of image was cut off, whatever the decoder stumbled over.
fn failure(file: &[u8], error: &zune_jpeg::errors::DecodeErrors) -> Failure {
    if file.windows(2).any(|bytes| bytes == [0xff, 0xd9]) {
        Failure::new(Code::Corrupt, format!("the JPEG is broken: {error}"))
    } else {
        Failure::new(Code::Truncated, "the JPEG ends before its picture does")
    }
}
