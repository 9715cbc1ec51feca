//! Progressive JPEG: the coefficients of all scans are held once, and made into rows after the last.
//!
//! The library holds them twice or makes all pixels of them, and each of its scans is one call. WebAssembly goes on to
//! faster code only with another call, so here a call is a row of blocks.

use std::ops::Range;

use super::{
    codes::{Bits, Codes, next_marker},
    coefficients::{Band, differences, lower_bits, refined, started},
    idct,
};
use crate::{lanes::PLACES, limits::MAX_SCANS, resample::Resampler};

/// What is wrong with the file.
type Broken = &'static str;

const CUT_OFF: Broken = "its data end before its picture does";

/// Decodes the file into planes, of which there is one for each component.
#[inline(never)]
pub(super) fn decode(file: &[u8], planes: &mut [Resampler]) -> Result<(), Broken> {
    let mut decoder = Decoder {
        file,
        units: (0, 0),
        components: Vec::new(),
        quantization: [[1; 64]; 4],
        direct: [const { None }; 4],
        alternating: [const { None }; 4],
        interval: 0,
        scans: 0,
    };
    decoder.read()?;
    decoder.render(planes)
}

struct Decoder<'file> {
    file: &'file [u8],
    /// How many units of an interleaved scan lie across and down.
    units: (usize, usize),
    components: Vec<Component>,
    quantization: [[i16; 64]; 4],
    /// The tables for first coefficients, and for the others.
    direct: [Option<Box<Codes>>; 4],
    alternating: [Option<Box<Codes>>; 4],
    /// The units between restarts, or 0.
    interval: usize,
    scans: usize,
}

struct Component {
    id: u8,
    /// The blocks of a unit across and down.
    across: usize,
    down: usize,
    /// The blocks with samples of the picture.
    columns: usize,
    rows: usize,
    /// The blocks from a row to the next.
    stride: usize,
    table: usize,
    /// As it was when the component was first scanned.
    quantization: Option<[i16; 64]>,
    blocks: Vec<[i16; 64]>,
    /// Which coefficients of a block are not zero, except for the first.
    used: Vec<u64>,
    last: i32,
}

/// A component in a scan, and its tables.
#[derive(Clone, Copy)]
struct Scanned {
    component: usize,
    direct: usize,
    alternating: usize,
}

impl Decoder<'_> {
    #[inline(never)]
    fn read(&mut self) -> Result<(), Broken> {
        let mut at = 2;
        loop {
            let marker;
            (marker, at) = next_marker(self.file, at).ok_or(CUT_OFF)?;
            if marker == 0xd9 {
                return Ok(());
            }
            // Alone, without a segment.
            if matches!(marker, 0x01 | 0xd0..=0xd8) {
                continue;
            }
            let length = self.file.get(at..).and_then(<[u8]>::first_chunk::<2>);
            let end = at + usize::from(u16::from_be_bytes(*length.ok_or(CUT_OFF)?));
            let segment = self.file.get(at + 2..end).ok_or(CUT_OFF)?;
            at = end;
            match marker {
                0xc2 => self.frame(segment)?,
                0xc4 => self.codes(segment).ok_or("a Huffman table is broken")?,
                0xdb => self
                    .steps(segment)
                    .ok_or("a quantization table is broken")?,
                0xdd => {
                    let interval = segment.first_chunk::<2>();
                    let interval = interval.ok_or("its restart interval is broken")?;
                    self.interval = usize::from(u16::from_be_bytes(*interval));
                }
                0xda => {
                    self.scans += 1;
                    if self.scans > MAX_SCANS {
                        return Err("it has too many scans");
                    }
                    at = self.scan(segment, end)?;
                }
                _ => {}
            }
        }
    }

    fn frame(&mut self, segment: &[u8]) -> Result<(), Broken> {
        const BROKEN: Broken = "its frame is broken";
        let ([8, h1, h2, w1, w2, count], rest) = segment.split_first_chunk().ok_or(BROKEN)? else {
            return Err(BROKEN);
        };
        let (components, _) = rest.as_chunks::<3>();
        if !self.components.is_empty() || components.len() != usize::from(*count) {
            return Err(BROKEN);
        }
        let height = usize::from(u16::from_be_bytes([*h1, *h2]));
        let width = usize::from(u16::from_be_bytes([*w1, *w2]));
        let factors = |factors: u8| match components {
            // There is nothing that one component could differ from.
            [_] => (1, 1),
            _ => (usize::from(factors >> 4), usize::from(factors & 15)),
        };
        let all = || components.iter().map(|[_, packed, _]| factors(*packed));
        let most_across = all().map(|(across, _)| across).max().ok_or(BROKEN)?;
        let most_down = all().map(|(_, down)| down).max().ok_or(BROKEN)?;
        if all().any(|(across, down)| !(1..=4).contains(&across) || !(1..=4).contains(&down)) {
            return Err(BROKEN);
        }
        self.units = (
            width.div_ceil(8 * most_across),
            height.div_ceil(8 * most_down),
        );
        for [id, packed, table] in components {
            let (across, down) = factors(*packed);
            let stride = self.units.0 * across;
            let blocks = stride * self.units.1 * down;
            self.components.push(Component {
                id: *id,
                across,
                down,
                columns: (width * across).div_ceil(8 * most_across),
                rows: (height * down).div_ceil(8 * most_down),
                stride,
                table: usize::from(*table),
                quantization: None,
                blocks: vec![[0; 64]; blocks],
                used: vec![0; blocks],
                last: 0,
            });
        }
        Ok(())
    }

    fn codes(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = segment.split_first() {
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

    fn steps(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = segment.split_first() {
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

    /// Reads a scan whose data begin at `start`, and answers where the file goes on.
    #[inline(never)]
    fn scan(&mut self, header: &[u8], start: usize) -> Result<usize, Broken> {
        const BROKEN: Broken = "the header of a scan is broken";
        let (scanned, band) = self.header(header).ok_or(BROKEN)?;
        for scanned in &scanned {
            let table = |component: &Component| self.quantization.get(component.table).copied();
            let component = self.components.get_mut(scanned.component).ok_or(BROKEN)?;
            component.last = 0;
            component.quantization = component.quantization.or_else(|| table(component));
        }
        let (across, down) = match scanned.as_slice() {
            [one] => self
                .components
                .get(one.component)
                .map_or((0, 0), |component| (component.columns, component.rows)),
            _ => self.units,
        };
        let mut bits = Bits::new(self.file, start);
        let mut skipped = 0;
        let mut left = self.interval;
        for row in 0..down {
            let mut at = 0;
            while at < across {
                if self.interval > 0 && left == 0 {
                    bits.restart().ok_or("a restart marker is missing")?;
                    for component in &mut self.components {
                        component.last = 0;
                    }
                    (skipped, left) = (0, self.interval);
                }
                let mut count = across - at;
                if self.interval > 0 {
                    count = count.min(left);
                    left -= count;
                }
                self.units(&scanned, band, row, at..at + count, &mut bits, &mut skipped)
                    .ok_or("a scan has no table")?;
                at += count;
            }
            if bits.is_over() {
                return Err(CUT_OFF);
            }
        }
        Ok(bits.end())
    }

    fn header(&self, header: &[u8]) -> Option<(Vec<Scanned>, Band)> {
        let (count, rest) = header.split_first()?;
        let (components, rest) = rest.split_at_checked(2 * usize::from(*count))?;
        let [first, last, bits] = *rest.first_chunk::<3>()?;
        let mut scanned = Vec::new();
        for [id, tables] in components.as_chunks::<2>().0 {
            scanned.push(Scanned {
                component: self
                    .components
                    .iter()
                    .position(|component| component.id == *id)?,
                direct: usize::from(tables >> 4),
                alternating: usize::from(tables & 15),
            });
        }
        let (high, low) = (bits >> 4, bits & 15);
        let is_sound = match (first, last) {
            (0, 0) => !scanned.is_empty() && scanned.len() <= 4,
            (1..=63, ..=63) => first <= last && scanned.len() == 1,
            _ => false,
        };
        (is_sound && low <= 13 && (high == 0 || high == low + 1)).then_some((
            scanned,
            Band {
                first: u32::from(first),
                last: u32::from(last),
                refines: high > 0,
                low: u32::from(low),
            },
        ))
    }

    /// Reads some units of a row. `skipped` is how many blocks are still without more coefficients.
    #[inline(never)]
    fn units(
        &mut self,
        scanned: &[Scanned],
        band: Band,
        row: usize,
        units: Range<usize>,
        bits: &mut Bits,
        skipped: &mut u32,
    ) -> Option<()> {
        if band.first == 0 {
            return match scanned {
                [one] => self.direct(*one, band, row, units, bits),
                _ => self.interleaved(scanned, band, row, units, bits),
            };
        }
        let [one] = scanned else { return None };
        let component = self.components.get_mut(one.component)?;
        let start = row * component.stride;
        let range = start + units.start..start + units.end;
        let blocks = component.blocks.get_mut(range.clone())?;
        let used = component.used.get_mut(range)?;
        let codes = self.alternating.get(one.alternating)?.as_ref()?;
        if band.refines {
            refined(blocks, used, band, codes, bits, skipped);
        } else {
            started(blocks, used, band, codes, bits, skipped);
        }
        Some(())
    }

    /// The first coefficients of several components.
    #[inline(never)]
    fn interleaved(
        &mut self,
        scanned: &[Scanned],
        band: Band,
        row: usize,
        units: Range<usize>,
        bits: &mut Bits,
    ) -> Option<()> {
        for unit in units {
            for one in scanned {
                let component = self.components.get(one.component)?;
                let (across, down) = (component.across, component.down);
                for row in row * down..(row + 1) * down {
                    let blocks = unit * across..(unit + 1) * across;
                    self.direct(*one, band, row, blocks, bits)?;
                }
            }
        }
        Some(())
    }

    /// The first coefficients of blocks of one component.
    fn direct(
        &mut self,
        one: Scanned,
        band: Band,
        row: usize,
        blocks: Range<usize>,
        bits: &mut Bits,
    ) -> Option<()> {
        let component = self.components.get_mut(one.component)?;
        let start = row * component.stride;
        let blocks = component
            .blocks
            .get_mut(start + blocks.start..start + blocks.end)?;
        if band.refines {
            lower_bits(blocks, band.low, bits);
        } else {
            let codes = self.direct.get(one.direct)?.as_ref()?;
            differences(blocks, band.low, codes, &mut component.last, bits);
        }
        Some(())
    }

    /// Makes rows of all coefficients.
    #[inline(never)]
    fn render(&self, planes: &mut [Resampler]) -> Result<(), Broken> {
        if planes.len() != self.components.len() {
            return Err("its frame is broken");
        }
        for row in 0..self.units.1 {
            for (component, plane) in self.components.iter().zip(&mut *planes) {
                for down in 0..component.down {
                    component.render(row * component.down + down, plane);
                }
            }
        }
        Ok(())
    }
}

impl Component {
    #[inline(never)]
    fn render(&self, row: usize, plane: &mut Resampler) {
        let rows = plane.missing().min(8);
        let range = row * self.stride..row * self.stride + self.columns;
        let blocks = self.blocks.get(range.clone()).unwrap_or_default();
        let used = self.used.get(range).unwrap_or_default();
        let stride = plane.stride();
        let steps = self.quantization.unwrap_or([1; 64]);
        rendered(blocks, used, &steps, plane.room(8), stride);
        plane.wrote(rows);
    }
}

/// Makes samples of a row of blocks.
#[inline(never)]
fn rendered(blocks: &[[i16; 64]], used: &[u64], steps: &[i16; 64], room: &mut [u8], stride: usize) {
    let mut lines: [&mut [[u8; 8]]; 8] = Default::default();
    for (line, room) in lines.iter_mut().zip(room.chunks_exact_mut(stride)) {
        *line = room.as_chunks_mut().0;
    }
    for (at, (block, used)) in blocks.iter().zip(used).enumerate() {
        let first = block[0].wrapping_mul(steps[0]);
        let samples = if *used == 0 {
            idct::even(first)
        } else {
            let mut placed = [0; 64];
            placed[0] = first;
            let mut left = *used;
            while left != 0 {
                let place = left.trailing_zeros() as usize;
                left &= left - 1;
                let to = PLACES.get(place).and_then(|to| placed.get_mut(*to));
                if let (Some(to), Some(value), Some(step)) =
                    (to, block.get(place), steps.get(place))
                {
                    *to = value.wrapping_mul(*step);
                }
            }
            idct::samples(&placed)
        };
        for (line, samples) in lines.iter_mut().zip(samples) {
            if let Some(to) = line.get_mut(at) {
                *to = samples;
            }
        }
    }
}
