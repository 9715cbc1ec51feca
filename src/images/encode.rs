//! The bytes that are published. They hold pixels and what is needed to show them, and no metadata.

use mozjpeg_rs::{Encoder, Preset, QuantTableIdx, Subsampling, TrellisConfig};
use serde::Serialize;

use crate::{
    failure::{Code, Failure},
    picture::{Channels, Picture},
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

pub(crate) fn encoded(picture: &Picture, effort: Effort) -> Result<(Format, Vec<u8>), Failure> {
    match picture.channels {
        Channels::Rgb => jpeg(picture, effort).map(|bytes| (Format::Jpeg, bytes)),
        Channels::Rgba => png(picture).map(|bytes| (Format::Png, bytes)),
    }
}

fn jpeg(picture: &Picture, effort: Effort) -> Result<Vec<u8>, Failure> {
    let encoder = match effort {
        Effort::Small => Encoder::new(Preset::ProgressiveBalanced),
        Effort::Large => Encoder::new(Preset::BaselineBalanced)
            .trellis(TrellisConfig::disabled())
            .overshoot_deringing(false),
    };
    encoder
        .quality(QUALITY)
        .subsampling(Subsampling::S420)
        // At equal quality the encoder's own default takes more bytes.
        .quant_tables(QuantTableIdx::JpegAnnexK)
        .encode_rgb(&picture.pixels, picture.width, picture.height)
        .map_err(|error| Failure::new(Code::NotEncoded, format!("cannot write a JPEG: {error}")))
}

fn png(picture: &Picture) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(&picture.pixels)?;
            writer.finish()
        })
        .map_err(|error| Failure::new(Code::NotEncoded, format!("cannot write a PNG: {error}")))?;
    Ok(bytes)
}
