//! The sequence parameter set of HEVC (ITU-T H.265, 7.3.2.2): how large coded pictures are, and what their colors mean.
//! The decoder reads it too, but keeps to itself how much it is going to allocate, and the colors.

use heic_rs::{MatrixCoefficients, Nclx, Range};

pub(super) struct Sequence {
    width: u64,
    height: u64,
    /// The samples of color for four pixels, of both planes.
    colors_of_four: u64,
    pub(super) nclx: Option<Nclx>,
}

impl Sequence {
    pub(super) fn pixels(&self) -> u64 {
        self.width * self.height
    }

    pub(super) fn samples(&self) -> u64 {
        self.pixels() + self.pixels() * self.colors_of_four / 4
    }

    /// `None` for units of other kinds, and for those that end too early.
    pub(super) fn read(unit: &[u8]) -> Option<Self> {
        const SEQUENCE_PARAMETER_SET: u8 = 33;
        let (header, payload) = unit.split_at_checked(2)?;
        if header.first()? >> 1 & 0x3f != SEQUENCE_PARAMETER_SET {
            return None;
        }
        let mut bits = Bits::new(payload);
        bits.skip(4)?;
        let layers = bits.read(3)?;
        bits.skip(1)?;
        skip_profile(&mut bits, layers)?;
        bits.number()?;
        let chroma = bits.number()?;
        let is_separate = chroma == 3 && bits.flag()?;
        let colors_of_four = match chroma {
            1 => 2,
            2 => 4,
            3 if !is_separate => 8,
            _ => 0,
        };
        let (width, height) = (bits.number()?, bits.number()?);
        Some(Self {
            width: width.into(),
            height: height.into(),
            colors_of_four,
            nclx: colors(&mut bits, layers),
        })
    }
}

fn skip_profile(bits: &mut Bits, layers: u32) -> Option<()> {
    const PROFILE_BITS: u32 = 88;
    const LEVEL_BITS: u32 = 8;
    bits.skip(PROFILE_BITS + LEVEL_BITS)?;
    let present: Vec<_> = (0..layers)
        .map(|_| Some((bits.flag()?, bits.flag()?)))
        .collect::<Option<_>>()?;
    if layers > 0 {
        bits.skip(2 * (8 - layers))?;
    }
    for (has_profile, has_level) in present {
        bits.skip(if has_profile { PROFILE_BITS } else { 0 })?;
        bits.skip(if has_level { LEVEL_BITS } else { 0 })?;
    }
    Some(())
}

/// From behind the size on. `None` if nothing is said.
fn colors(bits: &mut Bits, layers: u32) -> Option<Nclx> {
    if bits.flag()? {
        bits.numbers(4)?;
    }
    bits.numbers(2)?;
    let order_bits = bits.number()?.checked_add(4)?;
    let orders = if bits.flag()? { layers + 1 } else { 1 };
    bits.numbers(3 * orders)?;
    bits.numbers(6)?;
    if bits.flag()? && bits.flag()? {
        skip_scaling(bits)?;
    }
    bits.skip(2)?;
    if bits.flag()? {
        bits.skip(8)?;
        bits.numbers(2)?;
        bits.skip(1)?;
    }
    skip_references(bits)?;
    if bits.flag()? {
        for _ in 0..bits.number().filter(|count| *count <= 32)? {
            bits.skip(order_bits.checked_add(1)?)?;
        }
    }
    bits.skip(2)?;
    let is_described = bits.flag()?;
    if !is_described {
        return None;
    }
    // The shape of pixels and overscan.
    if bits.flag()? && bits.read(8)? == 255 {
        bits.skip(32)?;
    }
    if bits.flag()? {
        bits.skip(1)?;
    }
    if !bits.flag()? {
        return None;
    }
    bits.skip(3)?;
    let range = if bits.flag()? {
        Range::Full
    } else {
        Range::Limited
    };
    let has_codes = bits.flag()?;
    let mut code = || {
        let code = if has_codes { bits.read(8)? } else { 2 };
        u16::try_from(code).ok()
    };
    let (primaries, transfer, matrix_code) = (code()?, code()?, code()?);
    Some(Nclx {
        primaries,
        transfer,
        matrix: MatrixCoefficients::from_code(matrix_code),
        matrix_code,
        range,
    })
}

fn skip_scaling(bits: &mut Bits) -> Option<()> {
    for size in 0..4 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if !bits.flag()? {
                bits.number()?;
                continue;
            }
            if size > 1 {
                bits.number()?;
            }
            bits.numbers(64.min(1 << (4 + 2 * size)))?;
        }
    }
    Some(())
}

/// Pictures that others refer to.
fn skip_references(bits: &mut Bits) -> Option<()> {
    let mut before = 0;
    for index in 0..bits.number().filter(|count| *count <= 64)? {
        let mut count = 0;
        if index > 0 && bits.flag()? {
            bits.skip(1)?;
            bits.number()?;
            for _ in 0..=before {
                // Used, or used later.
                if bits.flag()? || bits.flag()? {
                    count += 1;
                }
            }
        } else {
            count = bits.number()?.checked_add(bits.number()?)?;
            for _ in 0..Some(count).filter(|count| *count <= 32)? {
                bits.number()?;
                bits.skip(1)?;
            }
        }
        before = count;
    }
    Some(())
}

/// The bits of a unit, without the bytes that keep start codes out of it.
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn new(payload: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(payload.len());
        let mut zeros = 0;
        for byte in payload {
            if zeros >= 2 && *byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            bytes.push(*byte);
        }
        Self { bytes, at: 0 }
    }

    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    fn read(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | u32::from(self.flag()?)))
    }

    fn skip(&mut self, count: u32) -> Option<()> {
        self.at = self.at.checked_add(count as usize)?;
        Some(())
    }

    /// An Exp-Golomb code.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
        }
        if zeros > 31 {
            return None;
        }
        (1_u32 << zeros)
            .checked_sub(1)?
            .checked_add(self.read(zeros)?)
    }

    fn numbers(&mut self, count: u32) -> Option<()> {
        (0..count).try_for_each(|_| self.number().map(drop))
    }
}
