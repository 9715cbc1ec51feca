//! Blocks of 8 × 8 numbers in vectors of eight.

use wide::{i16x8, i32x4, u32x4, u64x2};

/// Where the coefficients of a scan belong in a block, by rows.
#[rustfmt::skip]
pub(crate) const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Rows as columns.
#[inline(always)]
pub(crate) fn turned([r0, r1, r2, r3, r4, r5, r6, r7]: [i16x8; 8]) -> [i16x8; 8] {
    let pairs = [(r0, r1), (r2, r3), (r4, r5), (r6, r7)];
    let [c0, c2, c4, c6] = turned_pairs(pairs.map(|(a, b)| even(a, b)));
    let [c1, c3, c5, c7] = turned_pairs(pairs.map(|(a, b)| odd(a, b)));
    [c0, c1, c2, c3, c4, c5, c6, c7]
}

/// The same of four rows of pairs.
#[inline(always)]
fn turned_pairs(rows: [i16x8; 4]) -> [i16x8; 4] {
    let [a, b, c, d]: [u32x4; 4] = rows.map(bytemuck::cast);
    let [ab, ab_high, cd, cd_high]: [u64x2; 4] = [
        a.unpack_lo(b),
        a.unpack_hi(b),
        c.unpack_lo(d),
        c.unpack_hi(d),
    ]
    .map(bytemuck::cast);
    [
        ab.unpack_lo(cd),
        ab.unpack_hi(cd),
        ab_high.unpack_lo(cd_high),
        ab_high.unpack_hi(cd_high),
    ]
    .map(bytemuck::cast)
}

/// Rows of four as columns.
#[inline(always)]
pub(crate) fn turned_wide(rows: [i32x4; 4]) -> [i32x4; 4] {
    turned_pairs(rows.map(bytemuck::cast)).map(bytemuck::cast)
}

/// The sum of the lanes of each.
#[inline(always)]
pub(crate) fn added(all: [i32x4; 4]) -> i32x4 {
    let [a, b, c, d] = turned_wide(all);
    (a + b) + (c + d)
}

/// The lanes 0, 2, 4 and 6 of both in turn. The compiler makes of a shuffle by index a move of each lane.
#[inline(always)]
pub(crate) fn even(a: i16x8, b: i16x8) -> i16x8 {
    let (a, b): (u32x4, u32x4) = (bytemuck::cast(a), bytemuck::cast(b));
    bytemuck::cast((a & u32x4::from(0xffff)) | (b << 16))
}

/// The lanes 1, 3, 5 and 7 of both in turn.
#[inline(always)]
pub(crate) fn odd(a: i16x8, b: i16x8) -> i16x8 {
    let (a, b): (u32x4, u32x4) = (bytemuck::cast(a), bytemuck::cast(b));
    bytemuck::cast((a >> 16) | (b & u32x4::from(0xffff_0000)))
}

/// A pair of factors for each pair of lanes.
#[inline(always)]
pub(crate) fn factors(a: i16, b: i16) -> i16x8 {
    i16x8::from([a, b, a, b, a, b, a, b])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_go_through_a_block_in_a_zigzag() {
        assert_eq!(ZIGZAG[..6], [0, 1, 8, 16, 9, 2]);
        assert_eq!(ZIGZAG[61..], [55, 62, 63]);
        let mut places = ZIGZAG;
        places.sort_unstable();
        assert!(places.into_iter().eq(0..64));
    }

    #[test]
    fn a_block_turned_twice_is_as_before() {
        let rows: [i16x8; 8] = std::array::from_fn(|row| {
            let row = i16::try_from(row).unwrap_or_default();
            i16x8::from([0, 1, 2, 3, 4, 5, 6, 7]) - i16x8::from(9 * row)
        });
        let [first, ..] = turned(rows);
        assert_eq!(first.to_array(), [0, -9, -18, -27, -36, -45, -54, -63]);
        assert_eq!(turned(turned(rows)), rows);
    }
}
