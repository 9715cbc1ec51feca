//! Colors: to sRGB, between brightness and red, green and blue, and the one that stands for all.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use crate::picture::{Picture, Plane, halved};

/// Converts a picture with the profile to sRGB. A profile that cannot be read, or is not for RGB, is ignored, as
/// browsers do.
pub(crate) fn to_srgb(picture: Picture, profile: &[u8]) -> Picture {
    match conversion(profile) {
        Some(convert) if !keeps_colors(&convert) => converted(picture, &convert),
        _ => picture,
    }
}

/// Whether colors with this profile are shown right without it.
pub(crate) fn is_srgb(profile: &[u8]) -> bool {
    conversion(profile).is_none_or(|convert| keeps_colors(&convert))
}

/// Packed red, green and blue, to the same in sRGB.
fn conversion(profile: &[u8]) -> Option<impl Fn(&[u8], &mut [u8]) -> bool> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    if profile.color_space != DataColorSpace::Rgb {
        return None;
    }
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let transform = profile
        .create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options)
        .ok()?;
    Some(move |from: &[u8], to: &mut [u8]| transform.transform(from, to).is_ok())
}

/// Whether the profile is sRGB by another name.
fn keeps_colors(convert: &dyn Fn(&[u8], &mut [u8]) -> bool) -> bool {
    const LEVELS: [u8; 6] = [0, 40, 100, 150, 210, 255];
    let mut colors = Vec::new();
    for r in LEVELS {
        for g in LEVELS {
            colors.extend(LEVELS.into_iter().flat_map(|b| [r, g, b]));
        }
    }
    let mut seen = vec![0; colors.len()];
    convert(&colors, &mut seen)
        && colors
            .iter()
            .zip(&seen)
            .all(|(color, seen)| color.abs_diff(*seen) <= 2)
}

/// Converts two rows at a time, so that there is no second copy of the picture.
fn converted(picture: Picture, convert: &dyn Fn(&[u8], &mut [u8]) -> bool) -> Picture {
    let (width, height) = picture.size();
    let (width, height) = (width as usize, height as usize);
    let mut rows = vec![0; 2 * 3 * width];
    let mut shown = rows.clone();
    match picture {
        Picture::Ycc(mut planes) => {
            for y in (0..height).step_by(2) {
                ycc_to_rgb(&planes, y, &mut rows);
                if convert(&rows, &mut shown) {
                    rgb_to_ycc(&shown, y, &mut planes);
                }
            }
            Picture::Ycc(planes)
        }
        Picture::Rgb(mut planes) => {
            convert_rgb(&mut planes, width, convert);
            Picture::Rgb(planes)
        }
        Picture::Rgba([mut r, mut g, mut b, alpha]) => {
            let mut planes = [r, g, b];
            convert_rgb(&mut planes, width, convert);
            [r, g, b] = planes;
            Picture::Rgba([r, g, b, alpha])
        }
        // A profile for RGB says nothing about grey.
        Picture::Grey(plane) => Picture::Grey(plane),
    }
}

fn convert_rgb(planes: &mut [Plane; 3], width: usize, convert: &dyn Fn(&[u8], &mut [u8]) -> bool) {
    let [r, g, b] = planes;
    let [r, g, b] = [r, g, b].map(|plane| plane.samples.chunks_exact_mut(width.max(1)));
    for ((r, g), b) in r.zip(g).zip(b) {
        let colors = r.iter().zip(&*g).zip(&*b);
        let packed: Vec<u8> = colors.flat_map(|((r, g), b)| [*r, *g, *b]).collect();
        let mut shown = vec![0; packed.len()];
        if convert(&packed, &mut shown) {
            let colors = r.iter_mut().zip(g).zip(b);
            for (((r, g), b), shown) in colors.zip(shown.as_chunks::<3>().0) {
                [*r, *g, *b] = *shown;
            }
        }
    }
}

/// The rows `at` and `at + 1`. `rows` has room for both.
fn ycc_to_rgb([y, cb, cr]: &[Plane; 3], at: usize, rows: &mut [u8]) {
    let width = y.width as usize;
    let (cb, cr) = (cb.row(at / 2), cr.row(at / 2));
    for (row, target) in rows.chunks_exact_mut(3 * width.max(1)).enumerate() {
        let colors = cb.iter().zip(cr);
        let pairs = target.chunks_mut(6).zip(y.row(at + row).chunks(2));
        for ((target, y), (cb, cr)) in pairs.zip(colors) {
            let (cb, cr) = (i32::from(*cb) - 128, i32::from(*cr) - 128);
            let r = (91_881 * cr + HALF) >> 16;
            let g = (-22_554 * cb - 46_802 * cr + HALF) >> 16;
            let b = (116_130 * cb + HALF) >> 16;
            let (target, _) = target.as_chunks_mut::<3>();
            for (target, y) in target.iter_mut().zip(y) {
                *target = [r, g, b].map(|part| clamped(i32::from(*y) + part));
            }
        }
    }
}

pub(crate) const HALF: i32 = 1 << 15;

/// The rows `at` and `at + 1`, as far as they are in the picture.
fn rgb_to_ycc(rows: &[u8], at: usize, [y, cb, cr]: &mut [Plane; 3]) {
    let (width, height) = (y.width as usize, y.height as usize);
    let (pixels, _) = rows.as_chunks::<3>();
    let pixels = pixels
        .get(..(height - at).min(2) * width)
        .unwrap_or_default();
    let target = y.samples.get_mut(at * width..).unwrap_or_default();
    for (y, [r, g, b]) in target.iter_mut().zip(pixels) {
        let [r, g, b] = [*r, *g, *b].map(i32::from);
        *y = clamped((19_595 * r + 38_470 * g + 7_471 * b + HALF) >> 16);
    }
    let (first, second) = pixels.split_at_checked(width).unwrap_or_default();
    // The last row and the last column stand for what is beyond the edge.
    let second = if second.is_empty() { first } else { second };
    let start = at / 2 * cb.width as usize;
    let colors = cb.samples.get_mut(start..).unwrap_or_default().iter_mut();
    let colors = colors.zip(cr.samples.get_mut(start..).unwrap_or_default());
    for ((cb, cr), (first, second)) in colors.zip(first.chunks(2).zip(second.chunks(2))) {
        let mut sums = [0; 3];
        for pixels in [first, second] {
            for pixel in [pixels.first(), pixels.last()].into_iter().flatten() {
                for (sum, part) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(*part);
                }
            }
        }
        let [r, g, b] = sums;
        *cb = clamped(((-11_059 * r - 21_709 * g + 32_768 * b + 2 * HALF * 2) >> 18) + 128);
        *cr = clamped(((32_768 * r - 27_439 * g - 5_329 * b + 2 * HALF * 2) >> 18) + 128);
    }
}

/// How a JPEG for print stores its inks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inks {
    /// Cyan, magenta and yellow themselves.
    Cmy,
    /// Cyan, magenta and yellow as brightness and two planes of color.
    Ycc,
}

/// From inks to what they look like on paper, roughly: without a profile nobody knows. `is_inverted` if the largest
/// sample is no ink, as Adobe writes them.
pub(crate) fn from_inks(planes: [Plane; 4], inks: Inks, is_inverted: bool) -> Picture {
    let [mut c, mut m, mut y, k] = planes;
    let samples = c.samples.iter_mut().zip(&mut m.samples).zip(&mut y.samples);
    for (((c, m), y), k) in samples.zip(&k.samples) {
        let mut colors = [*c, *m, *y];
        if inks == Inks::Ycc {
            let [y, cb, cr] = colors.map(i32::from);
            let (cb, cr) = (cb - 128, cr - 128);
            colors = [
                y + ((91_881 * cr + HALF) >> 16),
                y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16),
                y + ((116_130 * cb + HALF) >> 16),
            ]
            .map(|color| 255 - clamped(color));
        }
        let light = |sample: u8| u16::from(if is_inverted { sample } else { 255 - sample });
        let shown = |color| u8::try_from((light(color) * light(*k) + 127) / 255).unwrap_or(u8::MAX);
        [*c, *m, *y] = colors.map(shown);
    }
    Picture::Rgb([c, m, y])
}

pub(crate) fn clamped(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or_default()
}

impl Picture {
    /// As JPEG has it, of a picture without transparency.
    pub(crate) fn into_ycc(self) -> [Plane; 3] {
        let (width, height) = self.size();
        let (half_width, half_height) = halved(width, height);
        let color = || Plane::new(half_width, half_height, 128);
        match self {
            Self::Ycc(planes) => planes,
            Self::Grey(y) => [y, color(), color()],
            Self::Rgb([r, g, b]) | Self::Rgba([r, g, b, _]) => {
                let mut planes = [Plane::new(width, height, 0), color(), color()];
                let mut rows = Vec::new();
                for y in (0..height as usize).step_by(2) {
                    rows.clear();
                    for y in [y, y + 1] {
                        let colors = r.row(y).iter().zip(g.row(y)).zip(b.row(y));
                        rows.extend(colors.flat_map(|((r, g), b)| [*r, *g, *b]));
                    }
                    rgb_to_ycc(&rows, y, &mut planes);
                }
                planes
            }
        }
    }

    /// With the plane as opacity, if that is of the same size and says anything.
    pub(crate) fn with_opacity(self, opacity: Plane) -> Self {
        let is_opaque = opacity.samples.iter().all(|opacity| *opacity == u8::MAX);
        if is_opaque || self.size() != (opacity.width, opacity.height) {
            return self;
        }
        let rgba = self.to_rgba();
        let channel = |channel: usize| Plane {
            samples: rgba.iter().skip(channel).step_by(4).copied().collect(),
            width: opacity.width,
            height: opacity.height,
        };
        let [r, g, b] = [0, 1, 2].map(channel);
        Self::Rgba([r, g, b, opacity])
    }

    /// Four bytes for each pixel.
    pub(crate) fn to_rgba(&self) -> Vec<u8> {
        let opaque = |r: &u8, g: &u8, b: &u8| [*r, *g, *b, u8::MAX];
        match self {
            Self::Ycc(planes) => {
                let (width, height) = self.size();
                let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
                let mut rows = vec![0; 2 * 3 * width as usize];
                for y in (0..height as usize).step_by(2) {
                    ycc_to_rgb(planes, y, &mut rows);
                    let (pixels, _) = rows.as_chunks::<3>();
                    let count = (height as usize - y).min(2) * width as usize;
                    rgba.extend(
                        pixels
                            .iter()
                            .take(count)
                            .flat_map(|[r, g, b]| opaque(r, g, b)),
                    );
                }
                rgba
            }
            Self::Grey(y) => y.samples.iter().flat_map(|y| opaque(y, y, y)).collect(),
            Self::Rgb([r, g, b]) => {
                let pixels = r.samples.iter().zip(&g.samples).zip(&b.samples);
                pixels.flat_map(|((r, g), b)| opaque(r, g, b)).collect()
            }
            Self::Rgba([r, g, b, alpha]) => {
                let pixels = r.samples.iter().zip(&g.samples).zip(&b.samples);
                pixels
                    .zip(&alpha.samples)
                    .flat_map(|(((r, g), b), alpha)| [*r, *g, *b, *alpha])
                    .collect()
            }
        }
    }
}

/// The mean of the most frequent colors of the visible pixels, as `#rrggbb`.
/// `rgba` has four bytes for each pixel.
pub(crate) fn dominant(rgba: &[u8]) -> String {
    const LEVELS: usize = 8;
    let bin = |[r, g, b]: [u8; 3]| {
        let level = |value: u8| usize::from(value) * LEVELS / 256;
        (level(r) * LEVELS + level(g)) * LEVELS + level(b)
    };
    // The number of pixels and the sum of each channel.
    let mut bins = [[0_u64; 4]; LEVELS * LEVELS * LEVELS];
    for [r, g, b, alpha] in rgba.as_chunks::<4>().0 {
        if let Some([count, sums @ ..]) = bins.get_mut(bin([*r, *g, *b])).filter(|_| *alpha >= 128)
        {
            *count += 1;
            for (sum, value) in sums.iter_mut().zip([r, g, b]) {
                *sum += u64::from(*value);
            }
        }
    }
    let [count, r, g, b] = bins
        .into_iter()
        .max_by_key(|[count, ..]| *count)
        .unwrap_or_default();
    let mean = |sum: u64| sum.checked_div(count).unwrap_or_default();
    format!("#{:02x}{:02x}{:02x}", mean(r), mean(g), mean(b))
}
