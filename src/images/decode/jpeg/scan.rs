//! A scan: some coefficients of some components, a row of units at a time.
//!
//! WebAssembly goes on to faster code only with another call of a function, so here a call is a row of blocks.

use std::ops::Range;

use super::{
    Broken, CUT_OFF,
    codes::Bits,
    coefficients::{Band, differences, lower_bits, refined, started, whole},
    frame::Frame,
    tables::Tables,
};

/// The most blocks of a unit, by the standard.
const MAX_BLOCKS: usize = 10;

/// What a scan says of itself.
pub(super) struct Scan {
    components: Vec<Scanned>,
    kind: Kind,
}

/// A component in a scan, and its tables.
#[derive(Clone, Copy)]
struct Scanned {
    component: usize,
    direct: usize,
    alternating: usize,
}

/// What a scan has of each block.
#[derive(Clone, Copy)]
enum Kind {
    Whole,
    /// Of a progressive JPEG.
    Band(Band),
}

impl Scan {
    pub(super) fn read(header: &[u8], frame: &Frame) -> Option<Self> {
        let (count, rest) = header.split_first()?;
        let (described, rest) = rest.split_at_checked(2 * usize::from(*count))?;
        let mut components: Vec<Scanned> = Vec::new();
        let mut blocks = 0;
        for [id, tables] in described.as_chunks::<2>().0 {
            let mut all = frame.components.iter();
            let at = all.position(|component| component.id == *id)?;
            let component = frame.components.get(at)?;
            blocks += component.across * component.down;
            if components.iter().any(|other| other.component == at) {
                return None;
            }
            components.push(Scanned {
                component: at,
                direct: usize::from(tables >> 4),
                alternating: usize::from(tables & 15),
            });
        }
        if components.is_empty() || (components.len() > 1 && blocks > MAX_BLOCKS) {
            return None;
        }
        let [first, last, bits] = <[u8; 3]>::try_from(rest).ok()?;
        if !frame.is_progressive {
            return Some(Self {
                components,
                kind: Kind::Whole,
            });
        }
        let (high, low) = (bits >> 4, bits & 15);
        let is_sound = match (first, last) {
            (0, 0) => true,
            (1..=63, ..=63) => first <= last && components.len() == 1,
            _ => false,
        };
        (is_sound && low <= 13 && (high == 0 || high == low + 1)).then_some(Self {
            components,
            kind: Kind::Band(Band {
                first: u32::from(first),
                last: u32::from(last),
                refines: high > 0,
                low: u32::from(low),
            }),
        })
    }
}

/// The data of a scan while they are read.
pub(super) struct Reading<'file> {
    scan: Scan,
    bits: Bits<'file>,
    /// How many blocks are still without more coefficients.
    skipped: u32,
    /// The units until the next restart, if there are any.
    left: usize,
}

impl<'file> Reading<'file> {
    pub(super) fn new(scan: Scan, bits: Bits<'file>, frame: &mut Frame, tables: &Tables) -> Self {
        for scanned in &scan.components {
            if let Some(component) = frame.components.get_mut(scanned.component) {
                component.last = 0;
                component.keep_steps(&tables.quantization);
            }
        }
        Self {
            scan,
            bits,
            skipped: 0,
            left: tables.interval,
        }
    }

    /// Whether the scan has all coefficients of all components.
    pub(super) fn has_all_of(&self, frame: &Frame) -> bool {
        matches!(self.scan.kind, Kind::Whole)
            && self.scan.components.len() == frame.components.len()
    }

    /// How many units lie across and down: a component alone has no blocks beyond the edge.
    fn units(&self, frame: &Frame) -> (usize, usize) {
        match self.scan.components.as_slice() {
            [one] => frame
                .components
                .get(one.component)
                .map_or((0, 0), |component| (component.columns, component.rows)),
            _ => frame.units,
        }
    }

    /// How many rows of units there are.
    pub(super) fn rows(&self, frame: &Frame) -> usize {
        self.units(frame).1
    }

    /// Reads a row of units.
    #[inline(never)]
    pub(super) fn row(
        &mut self,
        frame: &mut Frame,
        tables: &Tables,
        row: usize,
    ) -> Result<(), Broken> {
        let (across, _) = self.units(frame);
        let mut at = 0;
        while at < across {
            let mut count = across - at;
            if tables.interval > 0 {
                if self.left == 0 {
                    self.restart(frame, tables)?;
                }
                count = count.min(self.left);
                self.left -= count;
            }
            let units = at..at + count;
            match self.scan.components.as_slice() {
                [one] => self.blocks(*one, frame, tables, row, units),
                _ => self.interleaved(frame, tables, row, units),
            }
            .ok_or("a scan has no table")?;
            at += count;
        }
        if self.bits.is_broken() {
            return Err("its data have a code that no table has");
        }
        if self.bits.is_over() {
            return Err(CUT_OFF);
        }
        Ok(())
    }

    /// Where the marker behind the data is.
    pub(super) fn end(&self) -> Option<usize> {
        self.bits.end()
    }

    /// Whether there is more in the data than the picture.
    pub(super) fn has_more(&self) -> bool {
        self.bits.has_more()
    }

    fn restart(&mut self, frame: &mut Frame, tables: &Tables) -> Result<(), Broken> {
        self.bits.restart().ok_or("a restart marker is missing")?;
        for component in &mut frame.components {
            component.last = 0;
        }
        (self.skipped, self.left) = (0, tables.interval);
        Ok(())
    }

    #[inline(never)]
    fn interleaved(
        &mut self,
        frame: &mut Frame,
        tables: &Tables,
        row: usize,
        units: Range<usize>,
    ) -> Option<()> {
        for unit in units {
            for at in 0..self.scan.components.len() {
                let one = *self.scan.components.get(at)?;
                let component = frame.components.get(one.component)?;
                let (across, down) = (component.across, component.down);
                for row in row * down..(row + 1) * down {
                    let blocks = unit * across..(unit + 1) * across;
                    self.blocks(one, frame, tables, row, blocks)?;
                }
            }
        }
        Some(())
    }

    /// Reads blocks of one component that follow each other.
    fn blocks(
        &mut self,
        one: Scanned,
        frame: &mut Frame,
        tables: &Tables,
        row: usize,
        blocks: Range<usize>,
    ) -> Option<()> {
        let component = frame.components.get_mut(one.component)?;
        let start = component.start(row);
        let range = start + blocks.start..start + blocks.end;
        let blocks = component.blocks.get_mut(range)?;
        let direct = || tables.direct.get(one.direct)?.as_ref();
        let alternating = || tables.alternating.get(one.alternating)?.as_ref();
        let (bits, last) = (&mut self.bits, &mut component.last);
        match self.scan.kind {
            Kind::Whole => whole(blocks, [direct()?, alternating()?], last, bits),
            Kind::Band(band) => match (band.first, band.refines) {
                (0, false) => differences(blocks, band.low, direct()?, last, bits),
                (0, true) => lower_bits(blocks, band.low, bits),
                (_, false) => started(blocks, band, alternating()?, bits, &mut self.skipped),
                (_, true) => refined(blocks, band, alternating()?, bits, &mut self.skipped),
            },
        }
        Some(())
    }
}
