//! The tables that scans are read with.

use mozjpeg_rs::consts::{
    AC_CHROMINANCE_BITS, AC_CHROMINANCE_VALUES, AC_LUMINANCE_BITS, AC_LUMINANCE_VALUES,
    DC_CHROMINANCE_BITS, DC_CHROMINANCE_VALUES, DC_LUMINANCE_BITS, DC_LUMINANCE_VALUES,
};

use super::codes::Codes;
use crate::limits::MAX_TABLES;

pub(super) struct Tables {
    pub(super) quantization: [[i16; 64]; 4],
    /// The codes of first coefficients, and of the others.
    pub(super) direct: [Option<Box<Codes>>; 4],
    pub(super) alternating: [Option<Box<Codes>>; 4],
    /// The units between restarts, or 0.
    pub(super) interval: usize,
    /// How many tables were read.
    read: usize,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self {
            quantization: [[1; 64]; 4],
            direct: [const { None }; 4],
            alternating: [const { None }; 4],
            interval: 0,
            read: 0,
        }
    }

    pub(super) fn read_codes(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = segment.split_first() {
            self.read += 1;
            if self.are_too_many() {
                break;
            }
            let (counts, rest) = rest.split_first_chunk::<16>()?;
            let symbols = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(symbols)?;
            let tables = match kind >> 4 {
                0 => &mut self.direct,
                1 => &mut self.alternating,
                _ => return None,
            };
            *tables.get_mut(usize::from(kind & 15))? = Some(Box::new(Codes::new(counts, symbols)?));
            segment = rest;
        }
        Some(())
    }

    /// Whether the file has more tables than any encoder writes: making them takes time.
    pub(super) fn are_too_many(&self) -> bool {
        self.read > MAX_TABLES
    }

    /// The tables of the standard's Annex K where the file has none: webcams leave them out.
    pub(super) fn complete(&mut self) {
        let standard = |bits: &[u8; 17], symbols: &[u8]| {
            let [_, counts @ ..] = bits;
            Codes::new(counts, symbols).map(Box::new)
        };
        for (tables, first, second) in [
            (
                &mut self.direct,
                (&DC_LUMINANCE_BITS, &DC_LUMINANCE_VALUES[..]),
                (&DC_CHROMINANCE_BITS, &DC_CHROMINANCE_VALUES[..]),
            ),
            (
                &mut self.alternating,
                (&AC_LUMINANCE_BITS, &AC_LUMINANCE_VALUES[..]),
                (&AC_CHROMINANCE_BITS, &AC_CHROMINANCE_VALUES[..]),
            ),
        ] {
            for (table, (bits, symbols)) in tables.iter_mut().zip([first, second]) {
                if table.is_none() {
                    *table = standard(bits, symbols);
                }
            }
        }
    }

    pub(super) fn read_quantization(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = segment.split_first() {
            self.read += 1;
            let table = self.quantization.get_mut(usize::from(kind & 15))?;
            let width = if kind >> 4 == 0 { 1 } else { 2 };
            let (steps, rest) = rest.split_at_checked(64 * width)?;
            for (to, step) in table.iter_mut().zip(steps.chunks_exact(width)) {
                *to = step
                    .iter()
                    .fold(0, |high, low| high << 8 | u16::from(*low))
                    .cast_signed();
            }
            segment = rest;
        }
        Some(())
    }

    pub(super) fn read_interval(&mut self, segment: &[u8]) -> Option<()> {
        self.interval = usize::from(u16::from_be_bytes(segment.try_into().ok()?));
        Some(())
    }
}
