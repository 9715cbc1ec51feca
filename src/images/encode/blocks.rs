//! From the samples of a block to its coefficients in whole steps.

use wide::{i16x8, u8x16, u16x8};

use super::fdct;

/// What coefficients are divided by, as multiplications, for each row of a block.
pub(super) struct Steps([Step; 8]);

#[derive(Clone, Copy)]
struct Step {
    correction: u16x8,
    factor: u16x8,
    scale: u16x8,
}

impl Steps {
    /// `steps` are those of a block, by rows.
    pub(super) fn new(steps: &[u16; 64]) -> Self {
        Self(std::array::from_fn(|row| {
            let row = steps.as_chunks::<8>().0.get(row).copied();
            // The coefficients are eight times as large.
            let divisions = row
                .unwrap_or([1; 8])
                .map(|step| division(8 * u64::from(step.max(1))));
            Step {
                correction: u16x8::from(divisions.map(|(correction, ..)| correction)),
                factor: u16x8::from(divisions.map(|(_, factor, _)| factor)),
                scale: u16x8::from(divisions.map(|(.., scale)| scale)),
            }
        }))
    }
}

/// What to add to a number, and two factors of which only the upper 16 bits of the product count, for the rounded
/// quotient. The first factor has 16 bits, so that no quotient of a coefficient is off.
fn division(by: u64) -> (u16, u16, u16) {
    let bits = 16 + by.ilog2();
    let one = 1 << bits;
    let half = by / 2;
    let (factor, bits, correction) = match one % by {
        0 => (one / by / 2, bits - 1, half),
        rest if rest <= half => (one / by, bits, half + 1),
        _ => (one / by + 1, bits, half),
    };
    let narrow = |number: u64| u16::try_from(number).unwrap_or(u16::MAX);
    (narrow(correction), narrow(factor), narrow(1 << (32 - bits)))
}

/// The coefficients of a block by rows, and which of them are not zero. Its rows begin at `strip`, and are `width`
/// blocks apart.
#[inline(never)]
pub(super) fn quantized(strip: &[[u8; 8]], width: usize, steps: &Steps) -> ([i16; 64], u64) {
    let mut rows = [i16x8::ZERO; 8];
    for (row, samples) in rows.iter_mut().zip(strip.iter().step_by(width)) {
        *row = i16x8::from(samples.map(i16::from)) - i16x8::from(128);
    }
    let mut block = [0; 64];
    let mut used = 0;
    let rows = fdct::coefficients(rows).into_iter().zip(&steps.0);
    let rows = block.as_chunks_mut::<8>().0.iter_mut().zip(rows);
    for (at, (row, (coefficients, step))) in rows.enumerate() {
        let signs: i16x8 = coefficients >> 15;
        let sizes: u16x8 = bytemuck::cast((coefficients ^ signs) - signs);
        let sizes = (sizes + step.correction).mul_keep_high(step.factor);
        let sizes: i16x8 = bytemuck::cast(sizes.mul_keep_high(step.scale));
        *row = ((sizes ^ signs) - signs).to_array();
        let zeros = u8x16::narrow_i16x8(sizes, i16x8::ZERO).simd_eq(u8x16::ZERO);
        used |= u64::from(!zeros.to_bitmask() & 0xff) << (8 * at);
    }
    (block, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quotient_is_rounded() {
        for step in 1..=255_u64 {
            let by = 8 * step;
            let (correction, factor, scale) = division(by);
            for size in 0..=32_768_u64 {
                let product = ((size + u64::from(correction)) * u64::from(factor)) >> 16;
                let quotient = (product * u64::from(scale)) >> 16;
                assert_eq!(quotient, (size + by / 2) / by, "{size} {by}");
            }
        }
    }

    #[test]
    fn an_even_block_has_no_other_coefficient_than_the_first() {
        let steps = Steps::new(&[4; 64]);
        for (sample, expected) in [(0, -256), (100, -56), (128, 0), (255, 254)] {
            let (block, used) = quantized(&[[sample; 8]; 8], 1, &steps);
            assert_eq!((block[0], used >> 1), (expected, 0), "{sample}");
            assert_eq!(used & 1, u64::from(expected != 0));
        }
    }
}
