//! Colors: to sRGB, and the one that stands for all.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use crate::picture::{Channels, Picture};

/// Converts a picture with the profile to sRGB. A profile that cannot be read, or is not for RGB, is ignored, as
/// browsers do.
pub(crate) fn to_srgb(picture: Picture, profile: &[u8]) -> Picture {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else {
        return picture;
    };
    if profile.color_space != DataColorSpace::Rgb {
        return picture;
    }
    let layout = match picture.channels {
        Channels::Rgb => Layout::Rgb,
        Channels::Rgba => Layout::Rgba,
    };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) =
        profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default())
    else {
        return picture;
    };
    let mut pixels = vec![0; picture.pixels.len()];
    match transform.transform(&picture.pixels, &mut pixels) {
        Ok(()) => Picture { pixels, ..picture },
        Err(_) => picture,
    }
}

/// The mean of the most frequent colors of the visible pixels, as `#rrggbb`.
pub(crate) fn dominant(picture: &Picture) -> String {
    const LEVELS: usize = 8;
    let bin = |[r, g, b]: [u8; 3]| {
        let level = |value: u8| usize::from(value) * LEVELS / 256;
        (level(r) * LEVELS + level(g)) * LEVELS + level(b)
    };
    // The number of pixels and the sum of each channel.
    let mut bins = [[0_u64; 4]; LEVELS * LEVELS * LEVELS];
    for [r, g, b, alpha] in picture.to_rgba().as_chunks::<4>().0 {
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
