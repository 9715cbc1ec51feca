//! Other sizes of a picture, and the way up.

use fast_image_resize::{
    FilterType, MulDiv, PixelTrait, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::{U8x3, U8x4},
};

use crate::{
    failure::{Code, Failure},
    picture::{Channels, Picture},
};

/// The size within `max × max` that keeps the proportions; never larger than the picture.
pub(crate) fn fit(width: u32, height: u32, max: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= max {
        return (width, height);
    }
    let scaled = |side: u32| {
        let rounded =
            (u64::from(side) * u64::from(max) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(rounded).unwrap_or(max).max(1)
    };
    (scaled(width), scaled(height))
}

/// The picture within `max × max`.
pub(crate) fn fitted(picture: &Picture, max: u32) -> Result<Picture, Failure> {
    let (width, height) = fit(picture.width, picture.height, max);
    resized(picture, width, height, &options())
}

/// The picture within `max × max`, for one so large that there is no memory for a copy of it: colors are weighted by
/// their opacity in place.
pub(crate) fn reduced(mut picture: Picture, max: u32) -> Result<Picture, Failure> {
    if picture.channels == Channels::Rgb {
        return fitted(&picture, max);
    }
    let failed = |error: String| {
        Failure::new(
            Code::NotEncoded,
            format!("cannot weigh transparency: {error}"),
        )
    };
    let weights = MulDiv::new();
    let mut image =
        TypedImage::<U8x4>::from_buffer(picture.width, picture.height, &mut picture.pixels)
            .map_err(|error| failed(error.to_string()))?;
    weights
        .multiply_alpha_inplace_typed(&mut image)
        .map_err(|error| failed(error.to_string()))?;
    let (width, height) = fit(picture.width, picture.height, max);
    let mut small = resized(&picture, width, height, &options().use_alpha(false))?;
    let mut image = TypedImage::<U8x4>::from_buffer(width, height, &mut small.pixels)
        .map_err(|error| failed(error.to_string()))?;
    weights
        .divide_alpha_inplace_typed(&mut image)
        .map_err(|error| failed(error.to_string()))?;
    Ok(small)
}

/// The middle of the picture, `side × side`.
pub(crate) fn covered(picture: &Picture, side: u32) -> Result<Picture, Failure> {
    resized(picture, side, side, &options().fit_into_destination(None))
}

fn options() -> ResizeOptions {
    ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
}

fn resized(
    picture: &Picture,
    width: u32,
    height: u32,
    options: &ResizeOptions,
) -> Result<Picture, Failure> {
    let pixels = match picture.channels {
        Channels::Rgb => resampled::<U8x3>(picture, width, height, options),
        Channels::Rgba => resampled::<U8x4>(picture, width, height, options),
    };
    let pixels = pixels.map_err(|error| {
        Failure::new(
            Code::NotEncoded,
            format!("cannot resize to {width} × {height}: {error}"),
        )
    })?;
    Ok(Picture {
        width,
        height,
        channels: picture.channels,
        pixels,
    })
}

/// By the type of the pixels: if the value of a `PixelType` decided, the code and the tables for all 15 would more than
/// double the module.
fn resampled<P: PixelTrait>(
    picture: &Picture,
    width: u32,
    height: u32,
    options: &ResizeOptions,
) -> Result<Vec<u8>, String> {
    let source = TypedImageRef::<P>::from_buffer(picture.width, picture.height, &picture.pixels)
        .map_err(|error| error.to_string())?;
    let mut pixels = vec![0; width as usize * height as usize * picture.channels.bytes()];
    let mut target = TypedImage::<P>::from_buffer(width, height, &mut pixels)
        .map_err(|error| error.to_string())?;
    Resizer::new()
        .resize_typed(&source, &mut target, options)
        .map_err(|error| error.to_string())?;
    Ok(pixels)
}

/// How the camera was held: a number from 1 to 8, as in EXIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation(u8);

impl Orientation {
    /// Upright if the number is unknown.
    pub(crate) fn new(number: u32) -> Self {
        Self(
            u8::try_from(number)
                .ok()
                .filter(|number| (1..=8).contains(number))
                .unwrap_or(1),
        )
    }

    pub(crate) fn swaps_sides(self) -> bool {
        self.0 >= 5
    }
}

/// Turns the picture upright.
pub(crate) fn upright(picture: Picture, orientation: Orientation) -> Picture {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let (right, bottom) = (width.saturating_sub(1), height.saturating_sub(1));
    // From where in the source the pixel at (x, y) of the upright picture comes.
    let source = |x: usize, y: usize| match orientation.0 {
        2 => (right - x, y),
        3 => (right - x, bottom - y),
        4 => (x, bottom - y),
        5 => (y, x),
        6 => (y, bottom - x),
        7 => (right - y, bottom - x),
        8 => (right - y, x),
        _ => (x, y),
    };
    if orientation.0 == 1 {
        return picture;
    }
    let (columns, rows) = if orientation.swaps_sides() {
        (height, width)
    } else {
        (width, height)
    };
    let size = picture.channels.bytes();
    let mut pixels = Vec::with_capacity(picture.pixels.len());
    for y in 0..rows {
        for x in 0..columns {
            let (from_x, from_y) = source(x, y);
            let at = (from_y * width + from_x) * size;
            pixels.extend_from_slice(picture.pixels.get(at..at + size).unwrap_or_default());
        }
    }
    let (width, height) = if orientation.swaps_sides() {
        (picture.height, picture.width)
    } else {
        (picture.width, picture.height)
    };
    Picture {
        width,
        height,
        pixels,
        ..picture
    }
}
