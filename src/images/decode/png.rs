//! PNG, by png.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations};

use super::Decoded;
use crate::{
    failure::{Code, Failure},
    limits::{MAX_DECODING_BYTES, MAX_METADATA_BYTES},
    picture::{Channels, Picture},
};

pub(crate) fn decode(file: &[u8]) -> Result<Decoded, Failure> {
    let limits = Limits {
        bytes: 2 * MAX_METADATA_BYTES,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| failure(&error))?;
    let size = reader.output_buffer_size().unwrap_or(usize::MAX);
    if size as u64 > MAX_DECODING_BYTES {
        return Err(Failure::new(
            Code::TooMuchMemory,
            "the PNG is larger than its header says",
        ));
    }
    let mut pixels = vec![0; size];
    let frame = reader
        .next_frame(&mut pixels)
        .map_err(|error| failure(&error))?;
    pixels.truncate(frame.buffer_size());
    let (color, depth) = reader.output_color_type();
    if depth != BitDepth::Eight {
        return Err(Failure::new(
            Code::UnsupportedColor,
            "the PNG has colors of an unknown depth",
        ));
    }
    let (channels, pixels) = match color {
        ColorType::Rgb => (Channels::Rgb, pixels),
        ColorType::Rgba => (Channels::Rgba, pixels),
        ColorType::Grayscale => (
            Channels::Rgb,
            pixels.iter().flat_map(|grey| [*grey; 3]).collect(),
        ),
        ColorType::GrayscaleAlpha => {
            let (greys, _) = pixels.as_chunks::<2>();
            (
                Channels::Rgba,
                greys
                    .iter()
                    .flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha])
                    .collect(),
            )
        }
        ColorType::Indexed => {
            return Err(Failure::new(
                Code::UnsupportedColor,
                "the palette of the PNG cannot be used",
            ));
        }
    };
    let info = reader.info();
    // A grey profile does not fit the channels that grey is spread to.
    let is_color = !matches!(
        info.color_type,
        ColorType::Grayscale | ColorType::GrayscaleAlpha
    );
    Ok(Decoded {
        picture: Picture {
            width: frame.width,
            height: frame.height,
            channels,
            pixels,
        },
        exif: info.exif_metadata.as_ref().map(|exif| exif.to_vec()),
        profile: info
            .icc_profile
            .as_ref()
            .filter(|_| is_color)
            .map(|profile| profile.to_vec()),
    })
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
