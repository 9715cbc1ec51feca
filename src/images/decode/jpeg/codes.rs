//! The bits of a scan, and the Huffman codes that they are.

use crate::segments::next_marker;

/// How many bits of a code are looked up at once.
const LOOKED_UP: u32 = 9;

/// Reads the bits of a scan. What is missing at its end reads as zeros, which `is_over` tells, as it does of codes that no symbol has.
#[derive(Clone, Copy)]
pub(super) struct Bits<'file> {
    file: &'file [u8],
    at: usize,
    /// The next bits, from the highest on.
    bits: u64,
    count: u32,
    /// How many bits were added that the file does not have.
    missing: u32,
    /// Whether bytes before a restart marker were skipped.
    had_more: bool,
}

impl<'file> Bits<'file> {
    pub(super) fn new(file: &'file [u8], at: usize) -> Self {
        Self {
            file,
            at,
            bits: 0,
            count: 0,
            missing: 0,
            had_more: false,
        }
    }

    /// Makes at least 32 bits ready.
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        if self.count >= 32 {
            return;
        }
        let next = self.file.get(self.at..).and_then(<[u8]>::first_chunk::<4>);
        if let Some(word) = next.map(|bytes| u32::from_be_bytes(*bytes))
            && !has_ones(word)
        {
            self.bits |= u64::from(word) << (32 - self.count);
            self.count += 32;
            self.at += 4;
        } else {
            *self = self.filled();
        }
    }

    /// Byte by byte. A byte of ones is followed by one of zeros, unless it starts a marker.
    #[inline(never)]
    fn filled(mut self) -> Self {
        while self.count <= 56 {
            let byte = match (self.file.get(self.at), self.file.get(self.at + 1)) {
                (Some(255), Some(0)) => {
                    self.at += 2;
                    255
                }
                // A marker may have more than one before it.
                (Some(255), Some(255)) => {
                    self.at += 1;
                    continue;
                }
                (Some(255), _) | (None, _) => {
                    self.missing = self.missing.saturating_add(8);
                    0
                }
                (Some(byte), _) => {
                    self.at += 1;
                    *byte
                }
            };
            self.bits |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }

    /// The next bits, of which that many are ready, as a number.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "at most 32 bits are ready")]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        // In two steps, because none may be wanted.
        let bits = (self.bits >> 1) >> (63 - count);
        self.skip(count);
        bits as u32
    }

    #[inline(always)]
    fn skip(&mut self, count: u32) {
        self.bits <<= count;
        self.count = self.count.wrapping_sub(count);
    }

    /// A number of that many bits.
    #[inline(always)]
    pub(super) fn signed(&mut self, count: u32) -> i32 {
        signed(self.take(count), count)
    }

    /// Notes that the bits mean nothing.
    #[inline(always)]
    pub(super) fn fail(&mut self) {
        self.missing = u32::MAX;
    }

    /// Whether bits were taken that mean nothing.
    pub(super) fn is_broken(&self) -> bool {
        self.missing == u32::MAX
    }

    /// Whether more bits were taken than there are, or bits that mean nothing.
    pub(super) fn is_over(&self) -> bool {
        self.missing > self.count
    }

    /// Whether the file has more before the next marker than the rest of a byte, or had before a restart marker.
    pub(super) fn has_more(&self) -> bool {
        let rest = self.filled();
        self.had_more
            || rest.count >= rest.missing.saturating_add(8)
            || next_marker(self.file, rest.at) != Some(rest.at)
    }

    /// Goes on behind the restart marker that comes next.
    pub(super) fn restart(&mut self) -> Option<()> {
        let at = next_marker(self.file, self.at)?;
        if self.is_over() || !matches!(self.file.get(at + 1), Some(0xd0..=0xd7)) {
            return None;
        }
        *self = Self {
            had_more: self.has_more(),
            ..Self::new(self.file, at + 2)
        };
        Some(())
    }

    /// Where the next marker is. Bytes of the scan that nobody needs may come first.
    pub(super) fn end(&self) -> Option<usize> {
        next_marker(self.file, self.at)
    }
}

/// What bits stand for, of which a first bit of zero is that of a negative number.
#[inline(always)]
fn signed(bits: u32, count: u32) -> i32 {
    let half = (1 << count) >> 1;
    let bits = bits.cast_signed();
    if bits < half {
        bits - 2 * half + 1
    } else {
        bits
    }
}

/// Whether one of the four bytes is 255.
#[inline(always)]
fn has_ones(word: u32) -> bool {
    (!word).wrapping_sub(0x0101_0101) & word & 0x8080_8080 != 0
}

/// A Huffman table.
pub(super) struct Codes {
    /// By the next bits: the length of the code and its symbol, or zero if it is longer.
    short: [u16; 1 << LOOKED_UP],
    /// By the next bits: a coefficient, the zeros before it, and the length of both, or zero if that is longer.
    coefficients: [i16; 1 << LOOKED_UP],
    /// By length: the first code that is longer, as 16 bits.
    ends: [u32; 17],
    /// By length: what to add to a code for the place of its symbol.
    offsets: [u32; 17],
    symbols: [u8; 256],
}

impl Codes {
    /// `counts` are those of the codes of each length from 1 on.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut codes = Self {
            short: [0; 1 << LOOKED_UP],
            coefficients: [0; 1 << LOOKED_UP],
            ends: [0; 17],
            offsets: [0; 17],
            symbols: [0; 256],
        };
        codes
            .symbols
            .get_mut(..symbols.len())?
            .copy_from_slice(symbols);
        let mut code = 0_u32;
        let mut place = 0_u32;
        let by_length = codes.ends.iter_mut().zip(&mut codes.offsets).skip(1);
        for ((length, count), (end, offset)) in (1..).zip(counts).zip(by_length) {
            *offset = place.wrapping_sub(code);
            for _ in 0..*count {
                if length <= LOOKED_UP {
                    let symbol = *symbols.get(place as usize)?;
                    let first = (code << (LOOKED_UP - length)) as usize;
                    let entry = u16::try_from(length << 8).ok()? | u16::from(symbol);
                    let entries = first..first + (1 << (LOOKED_UP - length));
                    codes.short.get_mut(entries)?.fill(entry);
                }
                code += 1;
                place += 1;
            }
            // There cannot be more codes than numbers, of which the last is none.
            if code >= 1 << length {
                return None;
            }
            *end = code << (16 - length);
            code <<= 1;
        }
        for (at, (to, code)) in (0..).zip(codes.coefficients.iter_mut().zip(&codes.short)) {
            let [length, symbol] = code.to_be_bytes().map(u32::from);
            let (zeros, bits) = (symbol >> 4, symbol & 15);
            let all = length + bits;
            if length > 0 && bits > 0 && all <= LOOKED_UP {
                let value = signed(at >> (LOOKED_UP - all) & ((1 << bits) - 1), bits);
                let value = i8::try_from(value).ok().filter(|value| *value != 0);
                let behind = u8::try_from(zeros << 4 | all).ok();
                *to = value.zip(behind).map_or(0, |(value, behind)| {
                    i16::from_be_bytes([value.cast_unsigned(), behind])
                });
            }
        }
        Some(codes)
    }

    /// Reads a coefficient and how many zeros are before it, of which all bits are ready. Without one it is zero.
    #[inline(always)]
    pub(super) fn coefficient(&self, bits: &mut Bits) -> (u32, i32) {
        let entry = self
            .coefficients
            .get((bits.bits >> (64 - LOOKED_UP)) as usize);
        let entry = i32::from(entry.copied().unwrap_or_default());
        if entry != 0 {
            let [.., behind] = entry.to_be_bytes();
            bits.skip(u32::from(behind & 15));
            return (u32::from(behind >> 4), entry >> 8);
        }
        let symbol = self.next(bits);
        (u32::from(symbol >> 4), bits.signed(u32::from(symbol & 15)))
    }

    /// Reads a code, of which all bits are ready.
    #[inline(always)]
    pub(super) fn next(&self, bits: &mut Bits) -> u8 {
        let [length, symbol] = self
            .short
            .get((bits.bits >> (64 - LOOKED_UP)) as usize)
            .map_or([0; 2], |entry| entry.to_be_bytes());
        if length == 0 {
            let (longer, symbol) = self.long(bits.bits);
            if longer == 0 {
                bits.fail();
            }
            bits.skip(longer);
            return symbol;
        }
        bits.skip(u32::from(length));
        symbol
    }

    /// The length of a longer code, and its symbol.
    #[inline(never)]
    fn long(&self, bits: u64) -> (u32, u8) {
        let code = u32::try_from(bits >> 48).unwrap_or_default();
        let by_length = self.ends.iter().zip(&self.offsets);
        for (length, (end, offset)) in (0..).zip(by_length).skip(1) {
            if code < *end {
                let place = (code >> (16 - length)).wrapping_add(*offset);
                let symbol = self.symbols.get(place as usize & 255);
                return (length, symbol.copied().unwrap_or_default());
            }
        }
        (0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two codes of two bits, one of three, and two of twelve.
    fn codes() -> Codes {
        let counts = [0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0];
        Codes::new(&counts, &[5, 6, 7, 8, 9]).unwrap_or_else(|| unreachable!())
    }

    #[test]
    fn reads_codes_of_every_length() {
        // 00, 01, 100, 101000000000, 101000000001.
        let file = [0b0001_1001, 0b0100_0000, 0b0001_0100, 0b0000_0010];
        let mut bits = Bits::new(&file, 0);
        bits.fill();
        let codes = codes();
        let seen: Vec<_> = (0..5).map(|_| codes.next(&mut bits)).collect();
        assert_eq!((seen, bits.is_over()), (vec![5, 6, 7, 8, 9], false));
        bits.fill();
        bits.take(2);
        assert!(bits.is_over());
    }

    #[test]
    fn bytes_before_a_marker_that_are_no_part_of_the_picture_are_noticed() {
        let has_more = |file: &[u8], taken: u32| {
            let mut bits = Bits::new(file, 0);
            bits.fill();
            bits.take(taken);
            bits.has_more()
        };
        assert!(!has_more(b"\x12\x34\xff\xd9", 9));
        assert!(has_more(b"\x12\x34\xff\xd9", 8));
        assert!(has_more(b"\x12\x34", 16));
        let long = [[0x55; 40].as_slice(), b"\xff\xd0\xff\xd9"].concat();
        assert!(has_more(&long, 32));
        let mut bits = Bits::new(&long, 0);
        assert_eq!((bits.restart(), bits.has_more()), (Some(()), true));
    }

    #[test]
    fn a_code_that_no_symbol_has_ends_the_scan() {
        let mut bits = Bits::new(&[0xfe; 8], 0);
        bits.fill();
        codes().next(&mut bits);
        assert!(bits.is_over() && bits.is_broken());
    }

    #[test]
    fn refuses_more_codes_than_there_are_numbers() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Codes::new(&counts, &[1, 2, 3]).is_none());
        // A code of ones alone, which the standard leaves out.
        counts[0] = 2;
        assert!(Codes::new(&counts, &[1, 2]).is_none());
    }

    #[test]
    fn a_byte_of_ones_is_followed_by_zeros_or_a_marker() {
        let file = [0xff, 0, 0x12, 0xff, 0xd3, 0x34, 0x56, 0x78, 0x9a];
        let mut bits = Bits::new(&file, 0);
        bits.fill();
        assert_eq!((bits.take(16), bits.is_over()), (0xff12, false));
        assert_eq!(bits.restart(), Some(()));
        bits.fill();
        assert_eq!(bits.take(32), 0x3456_789a);
        assert_eq!(bits.restart(), None);
    }

    #[test]
    fn more_bytes_of_ones_than_one_are_skipped() {
        let file = [0x12, 0xff, 0xff, 0xff, 0, 0x34, 0xff, 0xff, 0xd9];
        let mut bits = Bits::new(&file, 0);
        bits.fill();
        assert_eq!((bits.take(24), bits.is_over()), (0x12_ff34, false));
        bits.fill();
        bits.take(1);
        assert!(bits.is_over());
    }

    #[test]
    fn numbers_with_a_first_bit_of_zero_are_negative() {
        let mut bits = Bits::new(&[0b0110_1100, 0, 0, 0], 0);
        bits.fill();
        let seen = [0, 1, 2, 3].map(|count| bits.signed(count));
        assert_eq!(seen, [0, -1, 3, -4]);
    }
}
