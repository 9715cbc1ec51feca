//! PNG, by png.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::Decoded;
use crate::{
    failure::{Code, Failure},
    limits::MAX_METADATA_BYTES,
    picture::{LONGEST_SIDE, Picture},
    resize::Rows,
};

#[inline(never)]
pub(crate) fn decode(file: &[u8]) -> Result<Decoded, Failure> {
    let limits = Limits {
        bytes: 2 * MAX_METADATA_BYTES,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| failure(&error))?;
    let (color, depth) = reader.output_color_type();
    if depth != BitDepth::Eight {
        return Err(Failure::new(
            Code::UnsupportedColor,
            "the PNG has colors of an unknown depth",
        ));
    }
    let picture = match color {
        ColorType::Grayscale => read::<1>(&mut reader),
        ColorType::GrayscaleAlpha => read::<2>(&mut reader),
        ColorType::Rgb => read::<3>(&mut reader),
        ColorType::Rgba => read::<4>(&mut reader),
        // It was expanded.
        ColorType::Indexed => Ok(None),
    };
    let picture = picture.map_err(|error| failure(&error))?.ok_or_else(|| {
        Failure::new(
            Code::UnsupportedColor,
            "the palette of the PNG cannot be used",
        )
    })?;
    let info = reader.info();
    // A grey profile does not fit the channels that grey is spread to.
    let is_color = !matches!(
        info.color_type,
        ColorType::Grayscale | ColorType::GrayscaleAlpha
    );
    let profile = info.icc_profile.as_ref().filter(|_| is_color);
    Ok(Decoded {
        width: info.width,
        height: info.height,
        picture,
        exif: info.exif_metadata.as_ref().map(|exif| exif.to_vec()),
        profile: profile.map(|profile| profile.to_vec()),
        orientation: None,
        has_more: false,
    })
}

/// Row by row, unless they come interlaced.
fn read<const CHANNELS: usize>(
    reader: &mut Reader<Cursor<&[u8]>>,
) -> Result<Option<Picture>, DecodingError> {
    let info = reader.info();
    let (width, height, is_interlaced) = (info.width, info.height, info.interlaced);
    let mut rows = Rows::<CHANNELS>::new(width, height, LONGEST_SIDE);
    if is_interlaced {
        let mut pixels = vec![0; reader.output_buffer_size().unwrap_or_default()];
        let frame = reader.next_frame(&mut pixels)?;
        for row in pixels.chunks_exact(frame.line_size.max(1)) {
            rows.push(row);
        }
    } else {
        for _ in 0..height {
            match reader.next_row()? {
                Some(row) => rows.push(row.data()),
                None => break,
            }
        }
    }
    Ok(rows.into_picture())
}

fn failure(error: &DecodingError) -> Failure {
    match error {
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Failure::new(Code::Truncated, "the PNG ends before its picture does")
        }
        DecodingError::LimitsExceeded => Failure::new(
            Code::TooMuchMemory,
            "the PNG holds more than its pixels: too much to read",
        ),
        DecodingError::IoError(_) | DecodingError::Format(_) | DecodingError::Parameter(_) => {
            Failure::new(Code::Corrupt, format!("the PNG is broken: {error}"))
        }
    }
}
