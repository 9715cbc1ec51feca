//! WebP, by image-webp.

use std::io::{Cursor, ErrorKind};

use image_webp::{DecodingError, WebPDecoder};

use super::Decoded;
use crate::{
    failure::{Code, Failure},
    limits::{MAX_HELD_BYTES, MAX_METADATA_BYTES},
    picture::{LONGEST_SIDE, Picture},
    resize::Rows,
};

#[inline(never)]
pub(crate) fn decode(file: &[u8]) -> Result<Decoded, Failure> {
    let failed = |error| failure(&error);
    let mut decoder = WebPDecoder::new(Cursor::new(file)).map_err(failed)?;
    decoder.set_memory_limit(MAX_METADATA_BYTES);
    let exif = decoder.exif_metadata().map_err(failed)?;
    let profile = decoder.icc_profile().map_err(failed)?;
    let size = decoder.output_buffer_size().unwrap_or(usize::MAX);
    let limit = usize::try_from(MAX_HELD_BYTES).unwrap_or(usize::MAX);
    if size > limit {
        return Err(Failure::new(
            Code::TooMuchMemory,
            "the WebP is larger than its header says",
        ));
    }
    decoder.set_memory_limit(limit);
    let has_alpha = decoder.has_alpha();
    let (width, height) = decoder.dimensions();
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels).map_err(failed)?;
    let picture = if has_alpha {
        picture::<4>(&pixels, width, height)
    } else {
        picture::<3>(&pixels, width, height)
    };
    Ok(Decoded {
        width,
        height,
        picture: picture.ok_or_else(|| {
            Failure::new(
                Code::UnsupportedColor,
                "the colors of the WebP cannot be used",
            )
        })?,
        exif,
        profile,
        orientation: None,
        has_more: false,
    })
}

fn picture<const CHANNELS: usize>(pixels: &[u8], width: u32, height: u32) -> Option<Picture> {
    let mut rows = Rows::<CHANNELS>::new(width, height, LONGEST_SIDE);
    for row in pixels.chunks_exact((width as usize * CHANNELS).max(1)) {
        rows.push(row);
    }
    rows.into_picture()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the errors of another crate, of which few matter here"
)]
fn failure(error: &DecodingError) -> Failure {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Failure::new(Code::Truncated, "the WebP ends before its picture does")
        }
        DecodingError::BitStreamError => {
            Failure::new(Code::Truncated, "the WebP ends before its picture does")
        }
        DecodingError::MemoryLimitExceeded => Failure::new(
            Code::TooMuchMemory,
            "the WebP holds more than its pixels: too much to read",
        ),
        _ => Failure::new(Code::Corrupt, format!("the WebP is broken: {error}")),
    }
}
