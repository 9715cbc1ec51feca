//! What an upload may cost, decided from its header.
//!
//! An Edge Function has 256 MB for everything: the runtime takes some 50 MB, the upload is held up to twice. WebAssembly
//! memory has 160 MiB (`local/tools/build.sh`), so that a file that gets past these limits ends the call, not the worker.

use crate::{
    failure::{Code, Failure},
    header::Header,
};

/// The bytes of an upload.
pub(crate) const MAX_UPLOAD_BYTES: usize = 20_000_000;
/// The pixels of a picture, whatever its format.
pub(crate) const MAX_PIXELS: u64 = 50_000_000;
/// The pixels of a progressive JPEG, whose scans each go through all of its coefficients.
pub(crate) const MAX_PROGRESSIVE_PIXELS: u64 = 16_000_000;
/// What decoding holds at once, beside the upload.
pub(crate) const MAX_DECODING_BYTES: u64 = 110_000_000;
/// The decoded pixels, which resizing needs with some 45 MB for itself: 25 megapixels without transparency.
pub(crate) const MAX_PICTURE_BYTES: u64 = 75_000_000;
/// The scans of a progressive JPEG. Encoders write some ten.
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

pub(crate) fn check_header(header: &Header) -> Result<(), Failure> {
    let Header { width, height, .. } = *header;
    let pixels = u64::from(width) * u64::from(height);
    let max = if header.is_progressive {
        MAX_PROGRESSIVE_PIXELS
    } else {
        MAX_PIXELS
    };
    if pixels == 0 {
        return Err(Failure::new(Code::Corrupt, "the picture has no pixels"));
    }
    if pixels > max {
        let kind = if header.is_progressive {
            " of a progressive JPEG"
        } else {
            ""
        };
        return Err(Failure::new(
            Code::TooManyPixels,
            format!(
                "the picture has {width} × {height} pixels; at most {} megapixels{kind} are allowed",
                max / 1_000_000
            ),
        ));
    }
    if header.picture_bytes > MAX_PICTURE_BYTES || header.decoding_bytes > MAX_DECODING_BYTES {
        return Err(Failure::new(
            Code::TooMuchMemory,
            format!(
                "the picture has {width} × {height} pixels, which is too much for a picture of its kind; \
                please upload it smaller, or as a JPEG that is not progressive"
            ),
        ));
    }
    Ok(())
}
