//! From coefficients to the plane of a component.

use super::{
    block::Block,
    frame::{Component, Frame},
    idct,
};
use crate::{
    picture::{LONGEST_SIDE, Plane, halved},
    resample::{Resampler, Span},
    resize,
};

/// What becomes of the samples of a component.
pub(super) struct Output {
    plane: Resampler,
    /// Blocks are made of half the samples to a side, because the plane gets smaller than that anyway.
    is_halved: bool,
}

impl Output {
    /// From the size of a component to that in what is published, or half of that if it `is_color`.
    pub(super) fn new(frame: &Frame, component: &Component, is_color: bool) -> Self {
        let side = |side: usize| u32::try_from(side).unwrap_or_default();
        let full = resize::fit(side(frame.width), side(frame.height), LONGEST_SIDE);
        let (half_width, half_height) = is_color.then(|| halved(full.0, full.1)).unzip();
        let across = (component.across, frame.most.0);
        let down = (component.down, frame.most.1);
        let spans = [
            span(frame.width, across, full.0, half_width),
            span(frame.height, down, full.1, half_height),
        ];
        let is_halved = spans
            .iter()
            .all(|span| span.length >= 2.0 * span.target as f64);
        let [horizontal, vertical] = if is_halved {
            spans.map(|span| Span {
                source: span.source.div_ceil(2),
                length: span.length / 2.0,
                ..span
            })
        } else {
            spans
        };
        Self {
            plane: Resampler::new(horizontal, vertical),
            is_halved,
        }
    }

    /// Takes the blocks of a row of units.
    #[inline(never)]
    pub(super) fn render(&mut self, component: &Component, row: usize) {
        for down in 0..component.down {
            self.render_blocks(component, row * component.down + down);
        }
    }

    #[inline(never)]
    fn render_blocks(&mut self, component: &Component, row: usize) {
        let side = if self.is_halved { 4 } else { 8 };
        let rows = self.plane.missing().min(side);
        if rows == 0 {
            return;
        }
        let start = component.start(row);
        let range = start..start + component.columns;
        let blocks = component.blocks.get(range).unwrap_or_default();
        let steps = component.quantization.unwrap_or([1; 64]);
        let stride = self.plane.stride();
        let room = self.plane.room(side);
        if self.is_halved {
            half_samples(blocks, &steps, room, stride);
        } else {
            samples(blocks, &steps, room, stride);
        }
        self.plane.wrote(rows);
    }

    pub(super) fn into_plane(self) -> Plane {
        self.plane.into_plane()
    }
}

/// One side of a component, which has `factor` samples for `most` pixels. `full` is the side of what is published, and
/// `half` that of the component if it gets half of it.
fn span(pixels: usize, (factor, most): (usize, usize), full: u32, half: Option<u32>) -> Span {
    // A sample of color stands for two pixels, of which the last may be beyond the edge. Of whole numbers, what stays as
    // it is has exactly its length.
    let (beyond, of) = half.map_or((1, 1), |half| (2 * half as usize, full as usize));
    Span {
        source: (pixels * factor).div_ceil(most),
        target: half.unwrap_or(full) as usize,
        from: 0.0,
        length: (pixels * factor * beyond) as f64 / (most * of.max(1)) as f64,
    }
}

#[inline(never)]
fn samples(blocks: &[Block], steps: &[i16; 64], room: &mut [u8], stride: usize) {
    let mut lines: [&mut [[u8; 8]]; 8] = Default::default();
    for (line, room) in lines.iter_mut().zip(room.chunks_exact_mut(stride)) {
        *line = room.as_chunks_mut().0;
    }
    for (at, block) in blocks.iter().enumerate() {
        let samples = if block.used == 0 {
            [[even(block, steps); 8]; 8]
        } else {
            idct::samples(&placed(block, block.used, steps))
        };
        for (line, samples) in lines.iter_mut().zip(samples) {
            if let Some(to) = line.get_mut(at) {
                *to = samples;
            }
        }
    }
}

#[inline(never)]
fn half_samples(blocks: &[Block], steps: &[i16; 64], room: &mut [u8], stride: usize) {
    let mut lines: [&mut [[u8; 4]]; 4] = Default::default();
    for (line, room) in lines.iter_mut().zip(room.chunks_exact_mut(stride)) {
        *line = room.as_chunks_mut().0;
    }
    for (at, block) in blocks.iter().enumerate() {
        // The coefficients that make a difference to half the samples.
        let used = block.used & idct::IN_HALF;
        let samples = if used == 0 {
            [[even(block, steps); 4]; 4]
        } else {
            idct::half_samples(&placed(block, used, steps))
        };
        for (line, samples) in lines.iter_mut().zip(samples) {
            if let Some(to) = line.get_mut(at) {
                *to = samples;
            }
        }
    }
}

/// The samples of a block without other coefficients than the first.
#[inline(always)]
fn even(block: &Block, steps: &[i16; 64]) -> u8 {
    idct::even(block.first.wrapping_mul(steps[0]))
}

/// Dequantizes the coefficients, and puts them where the transform expects them.
#[inline(always)]
fn placed(block: &Block, mut used: u64, steps: &[i16; 64]) -> [i16; 64] {
    let mut placed = [0; 64];
    placed[0] = block.first.wrapping_mul(steps[0]);
    while used != 0 {
        let place = used.trailing_zeros();
        used &= used - 1;
        let to = idct::PLACES.get(place as usize);
        let to = to.and_then(|to| placed.get_mut(*to));
        if let (Some(to), Some(step)) = (to, steps.get(place as usize)) {
            *to = block.get(place).wrapping_mul(*step);
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Such planes are copied.
    #[test]
    fn planes_of_color_that_keep_their_size_have_exactly_that_length() {
        for pixels in 1..=LONGEST_SIDE {
            let half = pixels.div_ceil(2);
            let span = span(pixels as usize, (1, 2), pixels, Some(half));
            let expected = Span {
                source: half as usize,
                target: half as usize,
                from: 0.0,
                length: f64::from(half),
            };
            assert_eq!(span, expected);
        }
    }
}
