//! The first frame of a GIF, by gif.

use std::io::ErrorKind;

use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};

use super::Decoded;
use crate::{
    failure::{Code, Failure},
    limits::MAX_HELD_BYTES,
    picture::LONGEST_SIDE,
    resize::Rows,
};

#[inline(never)]
pub(crate) fn decode(file: &[u8]) -> Result<Decoded, Failure> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(
        MAX_HELD_BYTES
            .try_into()
            .unwrap_or(std::num::NonZeroU64::MIN),
    ));
    // A frame beyond its screen would make the picture larger than its header says.
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(file).map_err(|error| failure(&error))?;
    let (width, height) = (decoder.width(), decoder.height());
    let Some(frame) = decoder
        .next_frame_info()
        .map_err(|error| failure(&error))?
        .cloned()
    else {
        return Err(Failure::new(
            Code::Truncated,
            "the GIF ends before its first frame",
        ));
    };
    // Into a buffer of our own, as what the decoder hands out would have to be copied.
    let mut indices = vec![0; decoder.buffer_size()];
    decoder
        .read_into_buffer(&mut indices)
        .map_err(|error| failure(&error))?;
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
    let mut rows = Rows::<4>::new(width.into(), height.into(), LONGEST_SIDE);
    let mut row = vec![0; usize::from(width) * 4];
    let mut frame_rows = indices.chunks_exact(usize::from(frame.width).max(1));
    for y in 0..height {
        row.fill(0);
        // The frame may be a part of the screen.
        let source = if y < frame.top {
            None
        } else {
            frame_rows.next()
        };
        let (target, _) = row.as_chunks_mut::<4>();
        let target = target.iter_mut().skip(usize::from(frame.left));
        for (target, index) in target.zip(source.unwrap_or_default()) {
            *target = color(*index);
        }
        rows.push(&row);
    }
    let picture = rows.into_picture().ok_or_else(|| {
        Failure::new(
            Code::UnsupportedColor,
            "the colors of the GIF cannot be used",
        )
    })?;
    Ok(Decoded {
        width: width.into(),
        height: height.into(),
        picture,
        exif: None,
        profile: None,
        orientation: None,
        has_more: false,
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
