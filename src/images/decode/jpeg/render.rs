//! From coefficients to rows of samples.

use super::{block::Block, frame::Component, idct};
use crate::resample::Resampler;

/// What becomes of the samples of a component.
pub(super) struct Output {
    pub(super) plane: Resampler,
    /// Blocks are made of half the samples to a side, because the plane gets smaller than that anyway.
    pub(super) is_halved: bool,
}

impl Output {
    /// Takes a row of blocks.
    #[inline(never)]
    pub(super) fn render(&mut self, component: &Component, row: usize) {
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
            halved(blocks, &steps, room, stride);
        } else {
            full(blocks, &steps, room, stride);
        }
        self.plane.wrote(rows);
    }
}

#[inline(never)]
fn full(blocks: &[Block], steps: &[i16; 64], room: &mut [u8], stride: usize) {
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
fn halved(blocks: &[Block], steps: &[i16; 64], room: &mut [u8], stride: usize) {
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
