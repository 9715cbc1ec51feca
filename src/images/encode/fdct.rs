//! From the samples of a block to its coefficients: the accurate integer transform of libjpeg, on eight numbers at once.

use wide::{i16x8, i32x4};

use crate::lanes::{self, factors};

/// The bits behind the point of the factors.
const FACTOR_BITS: i32 = 13;
/// The bits behind the point of a number between the two passes.
const PASS_BITS: i32 = 2;

/// The coefficients of samples around 0, by rows, and eight times as large as the definition has them.
#[inline(always)]
pub(super) fn coefficients(rows: [i16x8; 8]) -> [i16x8; 8] {
    let turned = pass::<{ FACTOR_BITS - PASS_BITS }>(lanes::turned(rows), |sum| sum << PASS_BITS);
    pass::<{ FACTOR_BITS + PASS_BITS }>(lanes::turned(turned), |sum| {
        (sum + i16x8::from(1 << (PASS_BITS - 1))) >> PASS_BITS
    })
}

/// Transforms each column. `scaled` is for the two sums that have no factor.
#[inline(always)]
fn pass<const SHIFT: i32>(
    [r0, r1, r2, r3, r4, r5, r6, r7]: [i16x8; 8],
    scaled: impl Fn(i16x8) -> i16x8,
) -> [i16x8; 8] {
    let (s0, s1, s2, s3) = (r0 + r7, r1 + r6, r2 + r5, r3 + r4);
    let (d7, d6, d5, d4) = (r0 - r7, r1 - r6, r2 - r5, r3 - r4);
    let (even, inner, outer, middle) = (s0 + s3, s1 - s2, s0 - s3, s1 + s2);
    let [c2, c6] = turns::<SHIFT, 1, 2>(
        [(outer, inner)],
        [[(4_433 + 6_270, 4_433)], [(4_433, 4_433 - 15_137)]],
    );
    // Of each sum, what the four differences count for.
    let differences = [(d4, d5), (d6, d7)];
    let [c1, c3, c5, c7] = turns::<SHIFT, 2, 4>(
        differences,
        [
            [(2_260, 6_437), (9_633, 11_363)],
            [(-6_436, -11_362), (-2_259, 9_633)],
            [(9_633, 2_261), (-11_362, 6_437)],
            [(-11_363, 9_633), (-6_436, 2_260)],
        ],
    );
    [
        scaled(even + middle),
        c1,
        c2,
        c3,
        scaled(even - middle),
        c5,
        c6,
        c7,
    ]
}

/// Sums of pairs of rows, each with its factors.
#[inline(always)]
fn turns<const SHIFT: i32, const PAIRS: usize, const SUMS: usize>(
    rows: [(i16x8, i16x8); PAIRS],
    all: [[(i16, i16); PAIRS]; SUMS],
) -> [i16x8; SUMS] {
    let evens = rows.map(|(a, b)| lanes::even(a, b));
    let odds = rows.map(|(a, b)| lanes::odd(a, b));
    all.map(|pairs| {
        let sum = |lanes: [i16x8; PAIRS]| {
            let rounding = i32x4::from(1 << (SHIFT - 1));
            let sum = lanes
                .iter()
                .zip(pairs)
                .fold(rounding, |sum, (lane, (a, b))| {
                    sum + lane.dot(factors(a, b))
                });
            bytemuck::cast(sum >> SHIFT)
        };
        lanes::even(sum(evens), sum(odds))
    })
}
