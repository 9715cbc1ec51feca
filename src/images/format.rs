//! The formats that are processed, and what tells HEIC and AVIF, which share a container, from the others.

use serde::Serialize;

/// A format that is processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JPEG, baseline or progressive.
    Jpeg,
    /// PNG; of an animation the still picture.
    Png,
    /// WebP, lossy or lossless.
    Webp,
    /// GIF; of an animation the first frame.
    Gif,
    /// HEIC, by a package of its own.
    Heic,
}

const AVIF: [&[u8; 4]; 2] = [b"avif", b"avis"];
const HEIC: [&[u8; 4]; 8] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
];

pub(crate) fn is_avif(file: &[u8]) -> bool {
    brands(file).any(|brand| AVIF.contains(&brand))
}

/// Whether the file says that it is a HEIC. Some name a brand for any codec first, and the codec behind it.
pub(crate) fn is_heic(file: &[u8]) -> bool {
    brands(file)
        .next()
        .is_some_and(|major| HEIC.contains(&major))
        && !is_avif(file)
}

/// The brand of an ISO media file, and those that it is compatible with.
fn brands(file: &[u8]) -> impl Iterator<Item = &[u8; 4]> {
    const MAX_BYTES: usize = 256;
    let (words, _) = file
        .get(..file.len().min(MAX_BYTES))
        .unwrap_or_default()
        .as_chunks::<4>();
    let bytes = words.first().map_or(0, |size| u32::from_be_bytes(*size)) as usize;
    let words = words.get(..words.len().min(bytes / 4)).unwrap_or_default();
    let is_media = words.get(1) == Some(b"ftyp");
    // Behind the brand is its version.
    let brands = words.iter().enumerate().skip(2).filter(|(at, _)| *at != 3);
    brands.filter(move |_| is_media).map(|(_, brand)| brand)
}
