//! What a file says of itself in its first bytes, whatever its name or its type claims.

use crate::{
    failure::{Code, Failure},
    format::{self, Format},
    limits::{self, MAX_BLOCK_BYTES},
    segments::Segment,
};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) format: Format,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// All coefficients are held until the last scan.
    pub(crate) is_progressive: bool,
    /// What decoding holds at once.
    pub(crate) decoding_bytes: u64,
}

/// Reads the header.
pub(crate) fn read(file: &[u8]) -> Result<Header, Failure> {
    match file {
        [0xff, 0xd8, 0xff, ..] => jpeg(file),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, rest @ ..] => png(rest),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', rest @ ..] => gif(rest),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => webp(file),
        _ => Err(Failure::new(Code::UnsupportedFormat, unsupported(file))),
    }
}

/// What a person can do about a file of another kind.
fn unsupported(file: &[u8]) -> String {
    let kind = match file {
        _ if format::is_avif(file) => "an AVIF picture",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "a video",
        [b'I', b'I', 0x2a, 0, ..] | [b'M', b'M', 0, 0x2a, ..] => "a TIFF or raw picture",
        [b'B', b'M', ..] => "a BMP picture",
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "a video",
        [0xff, 0x0a, ..] | [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => "a JPEG XL picture",
        _ if is_svg(file) => "an SVG drawing",
        _ => "of an unknown kind",
    };
    format!("the file is {kind}; please upload a JPEG, PNG, WebP or GIF")
}

fn is_svg(file: &[u8]) -> bool {
    let start = file.get(..file.len().min(1_000)).unwrap_or_default();
    start.windows(4).any(|bytes| bytes == b"<svg")
}

fn truncated() -> Failure {
    Failure::new(Code::Truncated, "the file ends within its header")
}

fn be16(bytes: &[u8], at: usize) -> Result<u32, Failure> {
    match bytes.get(at..at.saturating_add(2)) {
        Some(&[high, low]) => Ok(u32::from(high) << 8 | u32::from(low)),
        _ => Err(truncated()),
    }
}

/// Finds the frame header and then the first scan.
fn jpeg(file: &[u8]) -> Result<Header, Failure> {
    let corrupt = || Failure::new(Code::Corrupt, "the JPEG has no frame before its first scan");
    let mut at = 2;
    let mut frame = None;
    loop {
        let segment = Segment::read(file, at)?;
        at = segment.end;
        match (segment.marker, &frame) {
            (0xc0..=0xc2, None) => {
                let read = Frame::read(segment.content, segment.marker == 0xc2)?;
                // Before the rest of the header is looked for, which may not be there.
                limits::check_pixels(read.width, read.height, read.is_progressive)?;
                frame = Some(read);
            }
            (0xda, Some(frame)) => {
                let scanned = *segment.content.first().ok_or_else(corrupt)?;
                return Ok(frame.header(scanned));
            }
            (0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf, _) => {
                return Err(Failure::new(
                    Code::UnsupportedFormat,
                    "the JPEG is lossless, hierarchical or arithmetically coded; please save it as a normal JPEG",
                ));
            }
            (0xc0..=0xc2 | 0xd8..=0xda, _) => return Err(corrupt()),
            _ => {}
        }
    }
}

/// What a JPEG says of its picture.
struct Frame {
    width: u32,
    height: u32,
    is_progressive: bool,
    components: u8,
    /// The blocks of all components, also those beyond the edges.
    blocks: u64,
}

impl Frame {
    fn read(content: &[u8], is_progressive: bool) -> Result<Self, Failure> {
        let bits = *content.first().ok_or_else(truncated)?;
        if bits != 8 {
            return Err(Failure::new(
                Code::UnsupportedFormat,
                format!(
                    "the JPEG has {bits} bits for a sample; please save it as a normal JPEG, with 8"
                ),
            ));
        }
        let (height, width) = (be16(content, 1)?, be16(content, 3)?);
        let components = *content.get(5).ok_or_else(truncated)?;
        if !matches!(components, 1 | 3 | 4) {
            return Err(Failure::new(
                Code::UnsupportedColor,
                format!("the JPEG has {components} color channels; please save it as RGB"),
            ));
        }
        let mut factors = Vec::new();
        for component in 0..usize::from(components) {
            let packed = *content.get(7 + 3 * component).ok_or_else(truncated)?;
            factors.push((u32::from(packed >> 4), u32::from(packed & 15)));
        }
        if let [one] = factors.as_mut_slice() {
            *one = (1, 1);
        }
        let across = factors.iter().map(|(across, _)| *across).max();
        let down = factors.iter().map(|(_, down)| *down).max();
        let units = |side: u32, most: Option<u32>| side.div_ceil(8 * most.unwrap_or(1).max(1));
        let units = u64::from(units(width, across)) * u64::from(units(height, down));
        let in_unit = factors.iter().map(|(across, down)| across * down);
        Ok(Self {
            width,
            height,
            is_progressive,
            components,
            blocks: units * u64::from(in_unit.sum::<u32>()),
        })
    }

    /// `scanned` components are in the first scan.
    fn header(&self, scanned: u8) -> Header {
        let decoding_bytes = if self.is_progressive || scanned < self.components {
            self.blocks * MAX_BLOCK_BYTES
        } else {
            0
        };
        Header {
            format: Format::Jpeg,
            width: self.width,
            height: self.height,
            is_progressive: self.is_progressive,
            decoding_bytes,
        }
    }
}

fn be32(bytes: &[u8], at: usize) -> Result<u32, Failure> {
    Ok(be16(bytes, at)? << 16 | be16(bytes, at + 2)?)
}

fn whole(format: Format, width: u32, height: u32, decoding_bytes_per_pixel: u64) -> Header {
    let pixels = u64::from(width) * u64::from(height);
    Header {
        format,
        width,
        height,
        is_progressive: false,
        decoding_bytes: pixels.saturating_mul(decoding_bytes_per_pixel),
    }
}

fn png(chunks: &[u8]) -> Result<Header, Failure> {
    if chunks.get(4..8).ok_or_else(truncated)? != b"IHDR" {
        return Err(Failure::new(Code::Corrupt, "the PNG has no header"));
    }
    let is_interlaced = *chunks.get(20).ok_or_else(truncated)? != 0;
    // Eight bits for each of four channels, if not row by row.
    let bytes = if is_interlaced { 4 } else { 0 };
    Ok(whole(
        Format::Png,
        be32(chunks, 8)?,
        be32(chunks, 12)?,
        bytes,
    ))
}

fn gif(screen: &[u8]) -> Result<Header, Failure> {
    let le16 = |at| be16(screen, at).map(|value| value >> 8 | (value & 0xff) << 8);
    // The frame.
    Ok(whole(Format::Gif, le16(0)?, le16(2)?, 1))
}

/// The decoder reads the header of WebP, which has three forms, without decoding.
fn webp(file: &[u8]) -> Result<Header, Failure> {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(file))
        .map_err(|error| Failure::new(Code::Corrupt, format!("the WebP is broken: {error}")))?;
    let (width, height) = decoder.dimensions();
    // The decoder believes a frame, not the header, and allocates what that asks for.
    if lossy_frames(file.get(12..).unwrap_or_default(), 0)
        .iter()
        .any(|(frame_width, frame_height)| *frame_width > width || *frame_height > height)
    {
        return Err(Failure::new(
            Code::Corrupt,
            "the WebP is broken: a frame is larger than the picture",
        ));
    }
    let bytes = match (decoder.is_lossy(), decoder.has_alpha()) {
        // The pixels and their planes.
        (true, false) => 5,
        // The pixels, and opacity as a lossless picture of its own. The second of this kind finds no place for some of
        // that in the memory which the first has left.
        (true, true) => 15,
        // The pixels with opacity, and a copy without.
        (false, _) => 8,
    };
    Ok(whole(Format::Webp, width, height, bytes))
}

/// The sizes of the frames of VP8 in the chunks of a WebP, also in those of an animation.
fn lossy_frames(chunks: &[u8], depth: u8) -> Vec<(u32, u32)> {
    const FRAME_HEADER_BYTES: usize = 16;
    let mut sizes = Vec::new();
    let mut rest = chunks;
    while let Some((head, behind)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, length @ ..] = *head;
        let length = u32::from_le_bytes(length) as usize;
        let content = behind.get(..length.min(behind.len())).unwrap_or_default();
        match &[a, b, c, d] {
            b"VP8 " => {
                let le16 = |at: usize| match content.get(at..at + 2) {
                    // The upper two bits say how it is meant to be enlarged.
                    Some(&[low, high]) => u32::from(high & 0x3f) << 8 | u32::from(low),
                    _ => 0,
                };
                sizes.push((le16(6), le16(8)));
            }
            b"ANMF" if depth == 0 => {
                let frame = content.get(FRAME_HEADER_BYTES..).unwrap_or_default();
                sizes.extend(lossy_frames(frame, 1));
            }
            _ => {}
        }
        // Chunks have an even length.
        let end = length.saturating_add(length % 2);
        rest = behind.get(end..).unwrap_or_default();
    }
    sizes
}
