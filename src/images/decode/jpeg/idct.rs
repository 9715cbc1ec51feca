//! From the coefficients of a block to its samples: the accurate integer transform of libjpeg, on eight numbers at once,
//! and across before down, so that a sample may differ by one from libjpeg's.

use wide::{i16x8, i32x4, u8x16};

use crate::lanes::{self, ZIGZAG, factors};

/// The bits behind the point of the factors.
const FACTOR_BITS: i32 = 13;
/// The bits behind the point of a sample between the two passes.
const PASS_BITS: i32 = 2;

/// Where the transform expects the coefficients of a scan: by columns, so that the block must be turned only once.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler makes a constant, and would say so"
)]
pub(super) const PLACES: [usize; 64] = {
    let mut places = [0; 64];
    let mut at = 0;
    while at < 64 {
        places[at] = ZIGZAG[at] % 8 * 8 + ZIGZAG[at] / 8;
        at += 1;
    }
    places
};

/// The samples of a block whose dequantized coefficients are stored by columns.
#[inline(always)]
pub(super) fn samples(block: &[i16; 64]) -> [[u8; 8]; 8] {
    const FIRST: i32 = FACTOR_BITS - PASS_BITS;
    const SECOND: i32 = FACTOR_BITS + PASS_BITS + 3;
    let (columns, _) = block.as_chunks::<8>();
    let mut rows = [i16x8::ZERO; 8];
    for (row, column) in rows.iter_mut().zip(columns) {
        *row = i16x8::from(*column);
    }
    let turned = lanes::turned(pass::<FIRST>(rows, 1 << (FIRST - 1)));
    // Samples are stored from 0 on, not around 0.
    let [a, b, c, d, e, f, g, h] = pass::<SECOND>(turned, (1 << (SECOND - 1)) + (128 << SECOND));
    let mut samples = [[0; 8]; 8];
    let (pairs, _) = samples.as_chunks_mut::<2>();
    for (pair, (first, second)) in pairs.iter_mut().zip([(a, b), (c, d), (e, f), (g, h)]) {
        *pair = bytemuck::cast(u8x16::narrow_i16x8(first, second));
    }
    samples
}

/// The samples of a block that is even, from its dequantized coefficient.
#[inline(always)]
pub(super) fn even(coefficient: i16) -> u8 {
    let sample = ((i32::from(coefficient) + 4) >> 3) + 128;
    u8::try_from(sample.clamp(0, 255)).unwrap_or_default()
}

/// Which coefficients, by their order in a scan, are in the lower half of the frequencies both across and down.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler makes a constant, and would say so"
)]
pub(super) const IN_HALF: u64 = {
    let mut all = 0;
    let mut at = 0;
    while at < 64 {
        if ZIGZAG[at] / 8 < 4 && ZIGZAG[at] % 8 < 4 {
            all |= 1 << at;
        }
        at += 1;
    }
    all
};

/// Half the samples to a side: the transform of a quarter of the block, which has a quarter of its frequencies.
#[inline(always)]
pub(super) fn half_samples(block: &[i16; 64]) -> [[u8; 4]; 4] {
    const FIRST: i32 = FACTOR_BITS - PASS_BITS;
    // A transform of half the length needs half the scale for each side, and its factors have the root of two.
    const SECOND: i32 = FACTOR_BITS + PASS_BITS + 3;
    let (columns, _) = block.as_chunks::<8>();
    let mut rows = [i32x4::ZERO; 4];
    for (row, [a, b, c, d, ..]) in rows.iter_mut().zip(columns) {
        *row = i32x4::from([*a, *b, *c, *d].map(i32::from));
    }
    let turned = lanes::turned_wide(half_pass::<FIRST>(rows, 1 << (FIRST - 1)));
    // Samples are stored from 0 on, not around 0.
    half_pass::<SECOND>(turned, (1 << (SECOND - 1)) + (128 << SECOND)).map(|row| {
        row.to_array()
            .map(|sample| u8::try_from(sample.clamp(0, 255)).unwrap_or_default())
    })
}

/// Transforms each column of four.
#[inline(always)]
fn half_pass<const SHIFT: i32>([r0, r1, r2, r3]: [i32x4; 4], rounding: i32) -> [i32x4; 4] {
    let rounding = i32x4::from(rounding);
    let t0 = ((r0 + r2) << FACTOR_BITS) + rounding;
    let t1 = ((r0 - r2) << FACTOR_BITS) + rounding;
    // The root of two times the cosine and the sine of an eighth of pi.
    let (cosine, sine) = (i32x4::from(10_703), i32x4::from(4_433));
    let outer = r1 * cosine + r3 * sine;
    let inner = r1 * sine - r3 * cosine;
    [t0 + outer, t1 + inner, t1 - inner, t0 - outer].map(|sum| sum >> SHIFT)
}

/// Transforms each column.
#[inline(always)]
fn pass<const SHIFT: i32>(rows: [i16x8; 8], rounding: i32) -> [i16x8; 8] {
    let evens = half::<SHIFT>(rows, rounding, lanes::even);
    let odds = half::<SHIFT>(rows, rounding, lanes::odd);
    let mut all = [i16x8::ZERO; 8];
    for ((all, even), odd) in all.iter_mut().zip(evens).zip(odds) {
        *all = lanes::even(bytemuck::cast(even), bytemuck::cast(odd));
    }
    all
}

/// Transforms every second column, which `lanes` takes of two rows.
#[inline(always)]
fn half<const SHIFT: i32>(
    [r0, r1, r2, r3, r4, r5, r6, r7]: [i16x8; 8],
    rounding: i32,
    lanes: impl Fn(i16x8, i16x8) -> i16x8,
) -> [i32x4; 8] {
    // In the upper half of a number it is 16 bits higher.
    let shifted = |row| -> i32x4 {
        bytemuck::cast::<i16x8, i32x4>(lanes(i16x8::ZERO, row)) >> (16 - FACTOR_BITS)
    };
    let even = lanes(r2, r6);
    let t2 = even.dot(factors(4_433, 4_433 - 15_137));
    let t3 = even.dot(factors(4_433 + 6_270, 4_433));
    let rounding = i32x4::from(rounding);
    let t0 = shifted(r0 + r4) + rounding;
    let t1 = shifted(r0 - r4) + rounding;
    let (e0, e3, e1, e2) = (t0 + t3, t0 - t3, t1 + t2, t1 - t2);

    let sums = lanes(r7 + r3, r5 + r1);
    let z3 = sums.dot(factors(9_633 - 16_069, 9_633));
    let z4 = sums.dot(factors(9_633, 9_633 - 3_196));
    let (outer, inner) = (lanes(r7, r1), lanes(r5, r3));
    let o3 = outer.dot(factors(2_446 - 7_373, -7_373)) + z3;
    let o0 = outer.dot(factors(-7_373, 12_299 - 7_373)) + z4;
    let o2 = inner.dot(factors(16_819 - 20_995, -20_995)) + z4;
    let o1 = inner.dot(factors(-20_995, 25_172 - 20_995)) + z3;
    [
        e0 + o0,
        e1 + o1,
        e2 + o2,
        e3 + o3,
        e3 - o3,
        e2 - o2,
        e1 - o1,
        e0 - o0,
    ]
    .map(|sum| sum >> SHIFT)
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    /// By the definition.
    fn expected(block: &[i16; 64], x: usize, y: usize) -> f64 {
        let wave = |at: usize, frequency: usize| {
            let scale = if frequency == 0 { 0.5_f64.sqrt() } else { 1.0 };
            scale * ((2 * at + 1) as f64 * frequency as f64 * std::f64::consts::PI / 16.0).cos()
        };
        let sum: f64 = (0..64)
            .map(|place| f64::from(block[place]) * wave(x, place / 8) * wave(y, place % 8))
            .sum();
        (sum / 4.0 + 128.0).clamp(0.0, 255.0)
    }

    #[test]
    fn agrees_with_the_definition() {
        let mut random = 1_u32;
        for round in 0..500 {
            let mut block = [0; 64];
            for value in block.iter_mut().take(1 + round % 64) {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *value = (random >> 22) as i16 - 512;
            }
            let seen = samples(&block);
            for (y, row) in seen.iter().enumerate() {
                for (x, sample) in row.iter().enumerate() {
                    let expected = expected(&block, x, y);
                    assert!(
                        (f64::from(*sample) - expected).abs() <= 1.0,
                        "{round} {x} {y}"
                    );
                }
            }
        }
    }

    /// The average of two samples to each side, of a block without high frequencies.
    #[test]
    fn half_the_samples_are_averages() {
        for (at, value) in [(0, 300), (1, 200), (8, -150), (9, 90), (2, 60), (16, -60)] {
            let mut block = [0; 64];
            block[0] = 40;
            block[at] = value;
            let all = samples(&block);
            for (y, row) in half_samples(&block).iter().enumerate() {
                for (x, sample) in row.iter().enumerate() {
                    let four = [(0, 0), (0, 1), (1, 0), (1, 1)];
                    let four =
                        four.map(|(down, right)| i32::from(all[2 * y + down][2 * x + right]));
                    let average = (four.iter().sum::<i32>() + 2) / 4;
                    assert!((average - i32::from(*sample)).abs() <= 4, "{at} {x} {y}");
                }
            }
        }
    }

    #[test]
    fn an_even_block_is_the_same_either_way() {
        for coefficient in -1_200..1_200 {
            let mut block = [0; 64];
            block[0] = coefficient;
            let even = even(coefficient);
            assert_eq!(samples(&block), [[even; 8]; 8], "{coefficient}");
            assert_eq!(half_samples(&block), [[even; 4]; 4], "{coefficient}");
        }
    }
}
