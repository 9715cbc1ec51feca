//! The bytes that are published. They hold pixels and what is needed to show them, and no metadata.

mod baseline;
mod blocks;
mod fdct;
mod symbols;

use mozjpeg_rs::{Encoder, Preset, QuantTableIdx, Subsampling};
use serde::Serialize;

use crate::{
    failure::{Code, Failure},
    picture::{Picture, Plane},
};

/// The format of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Format {
    /// For pictures without transparency.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// For the others.
    #[serde(rename = "image/png")]
    Png,
}

/// How much work a file is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// For a few pixels: the fewest bytes.
    Small,
    /// For millions of pixels: most of what there is to save, in a fraction of the time.
    Large,
}

/// Visually the same as the upload at the distances of a feed.
const QUALITY: u8 = 82;
/// At equal quality the default of mozjpeg-rs takes more bytes.
const STEPS: QuantTableIdx = QuantTableIdx::JpegAnnexK;

/// A picture has its transparency in a PNG.
pub(crate) fn encoded(picture: Picture, effort: Effort) -> Result<(Format, Vec<u8>), Failure> {
    match &picture {
        Picture::Rgba(_) => png(&picture).map(|bytes| (Format::Png, bytes)),
        Picture::Ycc(_) | Picture::Grey(_) | Picture::Rgb(_) => {
            jpeg(&picture.into_ycc(), effort).map(|bytes| (Format::Jpeg, bytes))
        }
    }
}

fn jpeg(planes: &[Plane; 3], effort: Effort) -> Result<Vec<u8>, Failure> {
    match effort {
        Effort::Large => baseline::encoded(planes)
            .ok_or_else(|| Failure::new(Code::NotEncoded, "cannot write a JPEG without samples")),
        Effort::Small => progressive(planes),
    }
}

fn progressive([y, cb, cr]: &[Plane; 3]) -> Result<Vec<u8>, Failure> {
    Encoder::new(Preset::ProgressiveBalanced)
        .quality(QUALITY)
        .subsampling(Subsampling::S420)
        .quant_tables(STEPS)
        .encode_ycbcr_planar(&y.samples, &cb.samples, &cr.samples, y.width, y.height)
        .map_err(|error| Failure::new(Code::NotEncoded, format!("cannot write a JPEG: {error}")))
}

fn png(picture: &Picture) -> Result<Vec<u8>, Failure> {
    let (width, height) = picture.size();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(&picture.to_rgba())?;
            writer.finish()
        })
        .map_err(|error| Failure::new(Code::NotEncoded, format!("cannot write a PNG: {error}")))?;
    Ok(bytes)
}
