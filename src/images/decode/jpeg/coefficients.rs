//! From the bits of a scan to coefficients, for blocks that follow each other in a row.

use super::{
    block::Block,
    codes::{Bits, Codes},
};

/// What a scan says of its coefficients.
#[derive(Clone, Copy)]
pub(super) struct Band {
    pub(super) first: u32,
    pub(super) last: u32,
    /// Whether lower bits are added to what is there.
    pub(super) refines: bool,
    pub(super) low: u32,
}

/// Reads what first coefficients differ by from the one before.
#[inline(never)]
pub(super) fn differences(
    blocks: &mut [Block],
    low: u32,
    codes: &Codes,
    last: &mut i32,
    bits: &mut Bits,
) {
    let mut reader = *bits;
    for block in blocks {
        block.first = cut(first(last, codes, &mut reader) << low);
    }
    *bits = reader;
}

/// Reads a first coefficient, which is a difference to the `last`.
#[inline(always)]
fn first(last: &mut i32, codes: &Codes, reader: &mut Bits) -> i32 {
    reader.fill();
    let length = codes.next(reader);
    *last = last.wrapping_add(reader.signed(u32::from(length & 15)));
    *last
}

/// Reads another bit of first coefficients.
#[inline(never)]
pub(super) fn lower_bits(blocks: &mut [Block], low: u32, bits: &mut Bits) {
    let mut reader = *bits;
    for block in blocks {
        reader.fill();
        block.first |= cut(reader.take(1).cast_signed() << low);
    }
    *bits = reader;
}

/// Reads all coefficients of blocks.
#[inline(never)]
pub(super) fn whole(
    blocks: &mut [Block],
    [direct, alternating]: [&Codes; 2],
    last: &mut i32,
    bits: &mut Bits,
) {
    let mut reader = *bits;
    for block in blocks {
        *block = Block::EMPTY;
        block.first = cut(first(last, direct, &mut reader));
        others::<false>(block, &ALL, alternating, &mut reader);
    }
    *bits = reader;
}

/// Reads the other coefficients, which were zero so far.
#[inline(never)]
pub(super) fn started(
    blocks: &mut [Block],
    band: Band,
    codes: &Codes,
    bits: &mut Bits,
    skipped: &mut u32,
) {
    let mut reader = *bits;
    let mut left = *skipped;
    for block in blocks {
        if left > 0 {
            left -= 1;
        } else {
            left = others::<true>(block, &band, codes, &mut reader);
        }
    }
    (*bits, *skipped) = (reader, left);
}

/// All but the first.
const ALL: Band = Band {
    first: 1,
    last: 63,
    refines: false,
    low: 0,
};

/// Reads coefficients of a block, and answers how many blocks behind it have none, which a progressive JPEG may say.
#[inline(always)]
fn others<const IS_PROGRESSIVE: bool>(
    block: &mut Block,
    band: &Band,
    codes: &Codes,
    reader: &mut Bits,
) -> u32 {
    let mut at = band.first;
    let mut used = block.used;
    let mut left = 0;
    while at <= band.last {
        reader.fill();
        let (zeros, value) = codes.coefficient(reader);
        at += zeros;
        if value != 0 {
            if at > 63 {
                reader.fail();
                break;
            }
            block.set(at, cut(value << band.low));
            used |= 1 << at;
        } else if zeros < 15 {
            if IS_PROGRESSIVE {
                left = (1 << zeros) - 1 + reader.take(zeros);
            }
            break;
        }
        at += 1;
    }
    block.used = used;
    left
}

/// Reads another bit of the other coefficients, and those that are not zero from this bit on.
#[inline(never)]
pub(super) fn refined(
    blocks: &mut [Block],
    band: Band,
    codes: &Codes,
    bits: &mut Bits,
    skipped: &mut u32,
) {
    let mut reader = *bits;
    let mut left = *skipped;
    let bit = cut(1 << band.low);
    let within = u64::MAX << band.first & u64::MAX >> (63 - band.last);
    for block in blocks {
        let before = block.used & within;
        // From here on.
        let mut rest = within;
        if left == 0 {
            while rest != 0 {
                reader.fill();
                let symbol = codes.next(&mut reader);
                let (zeros, length) = (symbol >> 4, symbol & 15);
                let mut value = 0;
                if length != 0 {
                    value = if reader.take(1) == 1 { bit } else { -bit };
                } else if zeros < 15 {
                    left = (1 << zeros) + reader.take(u32::from(zeros));
                    break;
                }
                let mut places = rest & !before;
                for _ in 0..zeros {
                    places &= places.wrapping_sub(1);
                }
                let place = places & places.wrapping_neg();
                // All up to the place, or all if there is none.
                let passed = rest & place.wrapping_sub(1);
                corrected(block, before & passed, bit, &mut reader);
                rest &= !passed & !place;
                if value != 0 {
                    if place == 0 {
                        reader.fail();
                        break;
                    }
                    block.set(place.trailing_zeros(), value);
                    block.used |= place;
                }
            }
        }
        if left > 0 {
            corrected(block, before & rest, bit, &mut reader);
            left -= 1;
        }
    }
    (*bits, *skipped) = (reader, left);
}

/// Reads another bit of the coefficients at `places`.
#[inline(always)]
fn corrected(block: &mut Block, mut places: u64, bit: i16, reader: &mut Bits) {
    while places != 0 {
        reader.fill();
        let count = places.count_ones().min(32);
        let bits = reader.take(count);
        for at in (0..count).rev() {
            let place = places.trailing_zeros();
            places &= places - 1;
            if bits >> at & 1 == 1 {
                let coefficient = block.get(place);
                let further = if coefficient < 0 { -bit } else { bit };
                block.set(place, coefficient.wrapping_add(further));
            }
        }
    }
}

/// The lower bits: more come only from broken files.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is too large is wrong anyway"
)]
fn cut(value: i32) -> i16 {
    value as i16
}
