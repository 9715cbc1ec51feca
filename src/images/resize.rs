//! Other sizes of a picture.

use crate::{
    picture::{Picture, Plane, halved},
    resample::{Resampler, Span},
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

impl Picture {
    /// The picture within `max × max`.
    pub(crate) fn fitted(&self, max: u32) -> Self {
        let (width, height) = self.size();
        let target = fit(width, height, max);
        self.resized((0.0, 0.0), (f64::from(width), f64::from(height)), target)
    }

    /// The middle of the picture, `side × side`.
    pub(crate) fn covered(&self, side: u32) -> Self {
        let (width, height) = self.size();
        let cut = f64::from(width.min(height));
        let from = (
            (f64::from(width) - cut) / 2.0,
            (f64::from(height) - cut) / 2.0,
        );
        self.resized(from, (cut, cut), (side, side))
    }

    /// The part of the picture from `from` on, in pixels.
    fn resized(&self, from: (f64, f64), length: (f64, f64), target: (u32, u32)) -> Self {
        // One side: of how many samples, of how many pixels each, to how many samples.
        let span = |source: u32, each: f64, from: f64, length: f64, target: u32, full: u32| Span {
            source: source as usize,
            target: target as usize,
            from: from / each,
            // An odd side has half a sample of color beyond its end.
            length: length / each * f64::from(target) * each / f64::from(full),
        };
        let resized = |plane: &Plane, each: f64, to: (u32, u32)| {
            let horizontal = span(plane.width, each, from.0, length.0, to.0, target.0);
            let vertical = span(plane.height, each, from.1, length.1, to.1, target.1);
            Resampler::new(horizontal, vertical).plane(plane)
        };
        match self {
            Self::Ycc([y, cb, cr]) => {
                let half = halved(target.0, target.1);
                Self::Ycc([
                    resized(y, 1.0, target),
                    resized(cb, 2.0, half),
                    resized(cr, 2.0, half),
                ])
            }
            Self::Grey(plane) => Self::Grey(resized(plane, 1.0, target)),
            Self::Rgb(planes) => {
                Self::Rgb(planes.each_ref().map(|plane| resized(plane, 1.0, target)))
            }
            Self::Rgba(planes) => {
                let mut planes = planes.clone();
                weighted(&mut planes, multiplied);
                let mut planes = planes.each_ref().map(|plane| resized(plane, 1.0, target));
                weighted(&mut planes, divided);
                Self::Rgba(planes)
            }
        }
    }
}

/// Colors are weighted by their opacity while they are summed up.
fn weighted(planes: &mut [Plane; 4], weight: fn(u8, u8) -> u8) {
    let [colors @ .., alpha] = planes;
    for color in colors {
        for (sample, alpha) in color.samples.iter_mut().zip(&alpha.samples) {
            *sample = weight(*sample, *alpha);
        }
    }
}

fn multiplied(sample: u8, alpha: u8) -> u8 {
    let product = u16::from(sample) * u16::from(alpha);
    u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
}

fn divided(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u16::from(sample), u16::from(alpha));
    let quotient = (sample * 255 + alpha / 2).checked_div(alpha);
    u8::try_from(quotient.unwrap_or(0)).unwrap_or(u8::MAX)
}

/// Takes the rows of a picture with `CHANNELS` bytes for each pixel, and makes it as large as what is published.
pub(crate) struct Rows<const CHANNELS: usize> {
    planes: [Resampler; CHANNELS],
    is_weighted: bool,
}

impl<const CHANNELS: usize> Rows<CHANNELS> {
    pub(crate) fn new(width: u32, height: u32, max: u32) -> Self {
        let target = fit(width, height, max);
        Self {
            planes: std::array::from_fn(|_| {
                Resampler::new(Span::whole(width, target.0), Span::whole(height, target.1))
            }),
            // What is not made smaller stays as it is.
            is_weighted: matches!(CHANNELS, 2 | 4) && target != (width, height),
        }
    }

    pub(crate) fn push(&mut self, row: &[u8]) {
        let (pixels, _) = row.as_chunks::<CHANNELS>();
        for (channel, plane) in self.planes.iter_mut().enumerate() {
            let is_color = channel + 1 < CHANNELS;
            for (target, pixel) in plane.room(1).iter_mut().zip(pixels) {
                let sample = pixel.get(channel).copied().unwrap_or_default();
                *target = match pixel.last() {
                    Some(alpha) if self.is_weighted && is_color => multiplied(sample, *alpha),
                    _ => sample,
                };
            }
            plane.wrote(1);
        }
    }

    pub(crate) fn into_picture(self) -> Option<Picture> {
        let planes: Vec<_> = self.planes.into_iter().map(Resampler::into_plane).collect();
        let planes = match <[Plane; 1]>::try_from(planes) {
            Ok([grey]) => return Some(Picture::Grey(grey)),
            Err(planes) => planes,
        };
        let planes = match <[Plane; 3]>::try_from(planes) {
            Ok(planes) => return Some(Picture::Rgb(planes)),
            Err(planes) => planes,
        };
        let mut planes = match <[Plane; 2]>::try_from(planes) {
            Ok([grey, alpha]) => [grey.clone(), grey.clone(), grey, alpha],
            Err(planes) => <[Plane; 4]>::try_from(planes).ok()?,
        };
        if self.is_weighted {
            weighted(&mut planes, divided);
        }
        let [r, g, b, alpha] = planes;
        Some(if alpha.samples.iter().all(|alpha| *alpha == u8::MAX) {
            Picture::Rgb([r, g, b])
        } else {
            Picture::Rgba([r, g, b, alpha])
        })
    }
}
