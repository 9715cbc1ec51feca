//! JPEG: planes as they are stored, made smaller while they are decoded. zune-jpeg reads the header, and the picture if it
//! is not progressive.

mod codes;
mod coefficients;
mod idct;
mod progressive;

use std::fmt::Display;

use zune_jpeg::{
    JpegDecoder, PlaneInfo, RawImcuRowStatus,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{Decoded, restarts};
use crate::{
    color,
    failure::{Code, Failure},
    header::Header,
    limits::MAX_SCANS,
    picture::{LONGEST_SIDE, Picture, Plane, halved},
    resample::{Resampler, Span},
    resize,
};

#[inline(never)]
pub(crate) fn decode(file: &[u8], header: &Header) -> Result<Decoded, Failure> {
    let roomy;
    let file = match header.restarting_scan {
        Some(scan) if !header.is_progressive => {
            roomy = restarts::with_room(file, scan);
            &roomy
        }
        _ => file,
    };
    // A decoder that is not strict fills what is missing with grey.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_max_scans(MAX_SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder
        .decode_headers()
        .map_err(|error| failure(file, &error))?;
    let colors = decoder.input_colorspace();
    let (exif, profile) = (decoder.exif().cloned(), decoder.icc_profile());
    let mut planes = planes(&mut decoder);
    if header.is_progressive {
        drop(decoder);
        progressive::decode(file, &mut planes).map_err(|error| failure(file, &error))?;
    } else {
        by_row(&mut decoder, &mut planes).map_err(|error| failure(file, &error))?;
    }
    let planes = planes.into_iter().map(Resampler::into_plane).collect();
    let picture = picture(colors, planes, header.is_adobe).ok_or_else(|| {
        Failure::new(
            Code::UnsupportedColor,
            "the JPEG has colors of an unknown kind; please save it as a normal JPEG",
        )
    })?;
    Ok(Decoded {
        width: header.width,
        height: header.height,
        picture,
        exif,
        profile,
        orientation: None,
    })
}

type Decoder<'file> = JpegDecoder<ZCursor<&'file [u8]>>;

/// One for each component.
#[inline(never)]
fn planes(decoder: &mut Decoder) -> Vec<Resampler> {
    let is_halved = decoder.input_colorspace() == Some(ColorSpace::YCbCr);
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let raw = decoder.raw_output();
    let layout = raw.layout().unwrap_or_default();
    let layout = layout.get(..raw.num_components().unwrap_or_default());
    resamplers(layout.unwrap_or_default(), width, height, is_halved)
}

/// Takes planes as they are stored, a row of blocks at a time.
#[inline(never)]
fn by_row(decoder: &mut Decoder, planes: &mut [Resampler]) -> Result<(), DecodeErrors> {
    let mut raw = decoder.raw_output();
    let layout = raw.layout().unwrap_or_default();
    let strides: Vec<_> = planes.iter().map(Resampler::stride).collect();
    loop {
        let mut rooms: Vec<_> = planes
            .iter_mut()
            .zip(&layout)
            .map(|(plane, info)| plane.room(8 * info.vertical_sampling_factor))
            .collect();
        match raw.decode_next_imcu_row(&mut rooms, &strides)? {
            RawImcuRowStatus::RowReady { rows_written } => {
                for (plane, rows) in planes.iter_mut().zip(rows_written) {
                    plane.wrote(rows);
                }
            }
            RawImcuRowStatus::Complete => return Ok(()),
            // There is no more: the file was cut off.
            RawImcuRowStatus::NeedMoreInput | _ => return Err(DecodeErrors::ExhaustedData),
        }
    }
}

/// From each plane to its size in what is published. With `is_halved` the planes of color get half of it, whatever they
/// have now.
fn resamplers(
    layout: &[PlaneInfo],
    width: usize,
    height: usize,
    is_halved: bool,
) -> Vec<Resampler> {
    let side = |side: usize| u32::try_from(side).unwrap_or_default();
    let full = resize::fit(side(width), side(height), LONGEST_SIDE);
    let most = |factor: fn(&PlaneInfo) -> usize| layout.iter().map(factor).max().unwrap_or(1);
    let most_horizontal = most(|plane| plane.horizontal_sampling_factor);
    let most_vertical = most(|plane| plane.vertical_sampling_factor);
    // A sample of color stands for two pixels, of which the last may be beyond the edge.
    let span = |samples: usize,
                pixels: usize,
                factor: usize,
                most: usize,
                full: u32,
                half: Option<u32>| {
        let beyond = half.map_or(1.0, |half| f64::from(2 * half) / f64::from(full));
        Span {
            source: samples,
            target: half.unwrap_or(full) as usize,
            from: 0.0,
            length: pixels as f64 * factor as f64 / most as f64 * beyond,
        }
    };
    layout
        .iter()
        .enumerate()
        .map(|(index, plane)| {
            let half = (is_halved && index > 0).then(|| halved(full.0, full.1));
            let (half_width, half_height) = half.unzip();
            Resampler::new(
                span(
                    plane.width,
                    width,
                    plane.horizontal_sampling_factor,
                    most_horizontal,
                    full.0,
                    half_width,
                ),
                span(
                    plane.height,
                    height,
                    plane.vertical_sampling_factor,
                    most_vertical,
                    full.1,
                    half_height,
                ),
            )
        })
        .collect()
}

#[inline(never)]
fn picture(colors: Option<ColorSpace>, planes: Vec<Plane>, is_adobe: bool) -> Option<Picture> {
    let planes = match <[Plane; 1]>::try_from(planes) {
        Ok([grey]) => return Some(Picture::Grey(grey)),
        Err(planes) => planes,
    };
    let planes = match <[Plane; 4]>::try_from(planes) {
        Ok(planes) => {
            let inks = match colors {
                Some(ColorSpace::YCCK) => color::Inks::Ycc,
                _ => color::Inks::Cmy,
            };
            return Some(color::from_inks(planes, inks, is_adobe));
        }
        Err(planes) => <[Plane; 3]>::try_from(planes).ok()?,
    };
    match colors {
        Some(ColorSpace::YCbCr) => Some(Picture::Ycc(planes)),
        Some(ColorSpace::RGB) => Some(Picture::Rgb(planes)),
        _ => None,
    }
}

/// A file without an end of image was cut off, whatever the decoder stumbled over.
fn failure(file: &[u8], error: &impl Display) -> Failure {
    if file.windows(2).any(|bytes| bytes == [0xff, 0xd9]) {
        Failure::new(Code::Corrupt, format!("the JPEG is broken: {error}"))
    } else {
        Failure::new(Code::Truncated, "the JPEG ends before its picture does")
    }
}
