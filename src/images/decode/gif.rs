//! The first frame of a GIF, by gif.

use std::io::ErrorKind;

use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};

use super::Decoded;
use crate::{
    failure::{Code, Failure},
    limits::MAX_DECODING_BYTES,
    picture::{Channels, Picture},
};

pub(crate) fn decode(file: &[u8]) -> Result<Decoded, Failure> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(
        MAX_DECODING_BYTES
            .try_into()
            .unwrap_or(std::num::NonZeroU64::MIN),
    ));
    // A frame beyond its screen would make the picture larger than its header says.
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(file).map_err(|error| failure(&error))?;
    let (width, height) = (decoder.width(), decoder.height());
    let Some(frame) = decoder
        .read_next_frame()
        .map_err(|error| failure(&error))?
        .cloned()
    else {
        return Err(Failure::new(
            Code::Truncated,
            "the GIF ends before its first frame",
        ));
    };
    let palette = frame
        .palette
        .as_deref()
        .or_else(|| decoder.global_palette())
        .unwrap_or_default();
    let (colors, _) = palette.as_chunks::<3>();
    let color = |index: u8| match colors.get(usize::from(index)) {
        Some([r, g, b]) if frame.transparent != Some(index) => [*r, *g, *b, 255],
        _ => [0; 4],
    };
    // A byte for each pixel of the frame, and four for each of the screen that it is drawn on.
    let mut pixels = vec![0; usize::from(width) * usize::from(height) * 4];
    let rows = pixels
        .chunks_exact_mut(usize::from(width).max(1) * 4)
        .skip(usize::from(frame.top));
    for (target, source) in rows.zip(frame.buffer.chunks_exact(usize::from(frame.width).max(1))) {
        let (target, _) = target.as_chunks_mut::<4>();
        for (target, index) in target.iter_mut().skip(usize::from(frame.left)).zip(source) {
            *target = color(*index);
        }
    }
    Ok(Decoded {
        picture: Picture {
            width: width.into(),
            height: height.into(),
            channels: Channels::Rgba,
            pixels,
        },
        exif: None,
        profile: None,
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the errors of another crate, of which few matter here"
)]
fn failure(error: &DecodingError) -> Failure {
    match error {
        DecodingError::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Failure::new(Code::Truncated, "the GIF ends before its first frame does")
        }
        _ => Failure::new(Code::Corrupt, format!("the GIF is broken: {error}")),
    }
}
