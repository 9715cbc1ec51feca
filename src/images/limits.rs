//! What an upload may cost, decided from its header.
//!
//! An Edge Function has 256 MB for everything, of which the runtime takes some 60 MB. WebAssembly memory has 160 MiB
//! (`local/tools/build.sh`), so that a file that gets past these limits ends the call, not the worker.

use crate::failure::{Code, Failure};

/// The bytes of an upload.
pub(crate) const MAX_UPLOAD_BYTES: usize = 20_000_000;
/// The pixels of a picture, whatever its format.
pub(crate) const MAX_PIXELS: u64 = 50_000_000;
/// The pixels of a progressive JPEG, whose scans each go through all of its coefficients.
pub(crate) const MAX_PROGRESSIVE_PIXELS: u64 = 16_000_000;
/// The pixels of a HEIC, of which one takes twice the time of one of a JPEG.
pub(crate) const MAX_HEIC_PIXELS: u64 = 16_000_000;
/// The pixels of all tiles of a HEIC, and of its opacity, each times the slices of its tile: a slice may go through all
/// of a tile. Cameras write one.
pub(crate) const MAX_HEIC_SLICED_PIXELS: u64 = 64_000_000;
/// The tiles of a HEIC. Cameras write some 50.
pub(crate) const MAX_HEIC_TILES: usize = 512;
/// What is held at once while decoding: the upload in JavaScript and in WebAssembly, and what the decoder needs. The
/// runtime and the pictures that are made take some 90 MB beside it, so the process stays below 220 MB.
pub(crate) const MAX_HELD_BYTES: u64 = 130_000_000;
/// A block of a JPEG whose coefficients are all held, if one of them needs two bytes. Most blocks take half of that.
pub(crate) const MAX_BLOCK_BYTES: u64 = 152;
/// The Huffman and quantization tables of a JPEG. Encoders write up to five for each scan.
pub(crate) const MAX_TABLES: usize = 256;
/// The scans of a JPEG. Encoders write some ten if it is progressive.
pub(crate) const MAX_SCANS: usize = 24;
/// The bytes of metadata that are read: a color profile, or what the camera wrote.
pub(crate) const MAX_METADATA_BYTES: usize = 1_000_000;

pub(crate) fn check_bytes(bytes: usize) -> Result<(), Failure> {
    match bytes {
        0 => Err(Failure::new(Code::Empty, "the file is empty")),
        bytes if bytes > MAX_UPLOAD_BYTES => Err(Failure::new(
            Code::TooManyBytes,
            format!("the file has {bytes} bytes; at most {MAX_UPLOAD_BYTES} are allowed"),
        )),
        _ => Ok(()),
    }
}

/// `decoding_bytes` are what the decoder needs, `upload_bytes` those of the upload, which is held twice.
pub(crate) fn check_memory(
    (width, height): (u32, u32),
    decoding_bytes: u64,
    upload_bytes: usize,
) -> Result<(), Failure> {
    if decoding_bytes > 0 && decoding_bytes + 2 * upload_bytes as u64 > MAX_HELD_BYTES {
        return Err(Failure::new(
            Code::TooMuchMemory,
            format!(
                "the picture has {width} × {height} pixels, which is too much for a picture of its kind; \
                please upload it smaller, or as a normal JPEG"
            ),
        ));
    }
    Ok(())
}

pub(crate) fn check_pixels(width: u32, height: u32, is_progressive: bool) -> Result<(), Failure> {
    if is_progressive {
        check_at_most(
            width,
            height,
            MAX_PROGRESSIVE_PIXELS,
            " of a progressive JPEG",
        )
    } else {
        check_at_most(width, height, MAX_PIXELS, "")
    }
}

pub(crate) fn check_heic(width: u32, height: u32) -> Result<(), Failure> {
    check_at_most(width, height, MAX_HEIC_PIXELS, " of a HEIC")
}

fn check_at_most(width: u32, height: u32, max: u64, kind: &str) -> Result<(), Failure> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(Failure::new(Code::Corrupt, "the picture has no pixels"));
    }
    if pixels > max {
        return Err(Failure::new(
            Code::TooManyPixels,
            format!(
                "the picture has {width} × {height} pixels; at most {} megapixels{kind} are allowed",
                max / 1_000_000
            ),
        ));
    }
    Ok(())
}
