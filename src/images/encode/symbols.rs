//! Coefficients as symbols, and the shortest codes for these.

use mozjpeg_rs::huffman::{DerivedTable, HuffTable, generate_optimal_table};

use crate::lanes::ZIGZAG;

/// How many tables there are: for each of two kinds of planes one for first coefficients, then one for the others.
const TABLES: usize = 4;
const ALL: usize = TABLES << 8;

/// The symbols of a picture, until it is known how long their codes are.
pub(super) struct Symbols {
    /// Of each row, from the lowest bit on: the 16 bits behind a symbol, the symbol, and its table.
    rows: Vec<Box<[u32]>>,
    row: Vec<u32>,
    counts: [u32; ALL],
}

/// The place of a coefficient in a scan, by its place in a block.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "the compiler makes a constant, and would say so"
)]
const ORDER: [u8; 64] = {
    let mut order = [0; 64];
    let mut at = 0;
    while at < 64 {
        order[ZIGZAG[at]] = at as u8;
        at += 1;
    }
    order
};

impl Symbols {
    pub(super) fn new() -> Self {
        Self {
            rows: Vec::new(),
            row: Vec::new(),
            counts: [0; ALL],
        }
    }

    #[inline(always)]
    fn push(&mut self, table: u32, symbol: u32, bits: u32) {
        let word = table << 24 | symbol << 16 | bits;
        if let Some(count) = self.counts.get_mut((word >> 16) as usize) {
            *count += 1;
        }
        self.row.push(word);
    }

    /// Takes the coefficients of a block. `difference` is that of the first to the one before, and `used` tells which
    /// are not zero.
    #[inline(never)]
    pub(super) fn push_block(&mut self, kind: u32, difference: i16, block: &[i16; 64], used: u64) {
        let (length, bits) = number(difference);
        self.push(kind, length, bits);
        let mut left = used & !1;
        let mut ordered = 0_u64;
        while left != 0 {
            let place = ORDER.get(left.trailing_zeros() as usize);
            left &= left - 1;
            ordered |= 1 << (place.copied().unwrap_or_default() & 63);
        }
        let table = kind + 2;
        let mut next = 1;
        while ordered != 0 {
            let at = ordered.trailing_zeros();
            ordered &= ordered - 1;
            let mut zeros = at - next;
            while zeros > 15 {
                self.push(table, 0xf0, 0);
                zeros -= 16;
            }
            let place = ZIGZAG.get(at as usize).and_then(|place| block.get(*place));
            let (length, bits) = number(place.copied().unwrap_or_default());
            self.push(table, zeros << 4 | length, bits);
            next = at + 1;
        }
        if next < 64 {
            self.push(table, 0, 0);
        }
    }

    /// Ends a row of units.
    pub(super) fn end_row(&mut self) {
        self.rows.push(self.row.as_slice().into());
        self.row.clear();
    }

    /// The tables with the shortest codes.
    pub(super) fn tables(&self) -> Option<Vec<HuffTable>> {
        let (all, _) = self.counts.as_chunks::<256>();
        let table = |counts: &[u32; 256]| {
            let mut counted = [0; 257];
            for (to, count) in counted.iter_mut().zip(counts) {
                *to = i64::from(*count);
            }
            generate_optimal_table(&mut counted).ok()
        };
        all.iter().map(table).collect()
    }

    /// Writes the data of the scan.
    pub(super) fn write(self, tables: &[HuffTable], file: &mut Vec<u8>) -> Option<()> {
        let mut codes = Vec::with_capacity(ALL);
        for (at, table) in tables.iter().enumerate() {
            let table = DerivedTable::from_huff_table(table, at < 2).ok()?;
            for symbol in 0..=u8::MAX {
                let (code, length) = table.get_code(symbol);
                let behind = symbol & 15;
                codes.push((code << behind, u32::from(length + behind)));
            }
        }
        let mut writer = Writer {
            file,
            bits: 0,
            count: 0,
        };
        for row in self.rows {
            writer.write(&row, codes.first_chunk()?);
        }
        writer.end();
        Some(())
    }
}

/// How many bits a number has, and these: of a negative number the complement.
#[inline(always)]
fn number(number: i16) -> (u32, u32) {
    let size = u32::from(number.unsigned_abs());
    let length = 32 - size.leading_zeros();
    let bits = if number < 0 { !size } else { size };
    (length, bits & ((1 << length) - 1))
}

struct Writer<'file> {
    file: &'file mut Vec<u8>,
    /// What is not yet written, from the highest bit on.
    bits: u64,
    count: u32,
}

impl Writer<'_> {
    /// Writes symbols, and the bits behind them. Each of `codes` is that of a symbol with room for these, and the length of
    /// both.
    #[inline(never)]
    fn write(&mut self, symbols: &[u32], codes: &[(u32, u32); ALL]) {
        let (mut bits, mut count) = (self.bits, self.count);
        for symbol in symbols {
            let Some((code, length)) = codes.get((symbol >> 16) as usize) else {
                continue;
            };
            count += length;
            bits |= u64::from(code | symbol & 0xffff) << (64 - count);
            if count >= 32 {
                let [a, b, c, d, ..] = bits.to_be_bytes();
                push(self.file, [a, b, c, d]);
                bits <<= 32;
                count -= 32;
            }
        }
        (self.bits, self.count) = (bits, count);
    }

    /// Fills the last byte with ones.
    fn end(self) {
        let bits = self.bits | u64::MAX >> self.count;
        let bytes = bits.to_be_bytes();
        for byte in bytes.iter().take(self.count.div_ceil(8) as usize) {
            push(self.file, [*byte]);
        }
    }
}

/// A byte of ones is followed by one of zeros.
#[inline(always)]
fn push<const COUNT: usize>(file: &mut Vec<u8>, bytes: [u8; COUNT]) {
    if !bytes.contains(&0xff) {
        file.extend_from_slice(&bytes);
        return;
    }
    for byte in bytes {
        file.push(byte);
        if byte == 0xff {
            file.push(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_bits_as_they_need() {
        let seen = [0, 1, -1, 2, -3, 255, -256, 1_023].map(number);
        let expected = [
            (0, 0),
            (1, 1),
            (1, 0),
            (2, 2),
            (2, 0),
            (8, 255),
            (9, 255),
            (10, 1_023),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn zeros_are_counted_in_the_order_of_a_scan() {
        let mut block = [0; 64];
        let mut used = 0;
        for (at, value) in [(1, -2), (20, 1), (63, 3)] {
            let place = ZIGZAG.get(at).copied().unwrap_or_default();
            if let Some(to) = block.get_mut(place) {
                *to = value;
            }
            used |= 1 << place;
        }
        let mut symbols = Symbols::new();
        symbols.push_block(1, 5, &block, used | 1);
        symbols.push_block(0, 0, &[0; 64], 0);
        let expected = [
            0x0103_0005,
            0x0302_0001,
            0x03f0_0000,
            0x0321_0001,
            0x03f0_0000,
            0x03f0_0000,
            0x03a2_0003,
            0x0000_0000,
            0x0200_0000,
        ];
        assert_eq!(symbols.row, expected);
    }

    #[test]
    fn a_byte_of_ones_gets_a_byte_of_zeros() {
        let mut file = Vec::new();
        push(&mut file, [1, 0xff, 2, 0xff]);
        assert_eq!(file, [1, 0xff, 0, 2, 0xff, 0]);
    }
}
