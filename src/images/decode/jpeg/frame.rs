//! The components of a JPEG, and those of their coefficients that are held.

use super::{Broken, block::Block};

/// What a JPEG says of its picture.
pub(super) struct Frame {
    pub(super) is_progressive: bool,
    pub(super) width: usize,
    pub(super) height: usize,
    /// The most blocks of a component in a unit, across and down.
    pub(super) most: (usize, usize),
    /// How many units of an interleaved scan lie across and down.
    pub(super) units: (usize, usize),
    pub(super) components: Vec<Component>,
}

pub(super) struct Component {
    pub(super) id: u8,
    /// The blocks of a unit across and down.
    pub(super) across: usize,
    pub(super) down: usize,
    /// The blocks with samples of the picture.
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// The blocks from a row to the next.
    pub(super) stride: usize,
    table: usize,
    /// As it was when the component was first scanned.
    pub(super) quantization: Option<[i16; 64]>,
    /// The row that `blocks` begin with.
    pub(super) first_row: usize,
    pub(super) blocks: Vec<Block>,
    pub(super) last: i32,
}

impl Frame {
    pub(super) fn read(segment: &[u8], is_progressive: bool) -> Result<Self, Broken> {
        const BROKEN: Broken = "its frame is broken";
        let ([_, h1, h2, w1, w2, count], rest) = segment.split_first_chunk().ok_or(BROKEN)?;
        let (described, _) = rest.as_chunks::<3>();
        if described.len() != usize::from(*count) || rest.len() != 3 * described.len() {
            return Err(BROKEN);
        }
        let height = usize::from(u16::from_be_bytes([*h1, *h2]));
        let width = usize::from(u16::from_be_bytes([*w1, *w2]));
        let factors = |factors: u8| match described {
            // There is nothing that one component could differ from.
            [_] => (1, 1),
            _ => (usize::from(factors >> 4), usize::from(factors & 15)),
        };
        let all = || described.iter().map(|[_, packed, _]| factors(*packed));
        let most_across = all().map(|(across, _)| across).max().ok_or(BROKEN)?;
        let most_down = all().map(|(_, down)| down).max().ok_or(BROKEN)?;
        if all().any(|(across, down)| !(1..=4).contains(&across) || !(1..=4).contains(&down)) {
            return Err(BROKEN);
        }
        let units = (
            width.div_ceil(8 * most_across),
            height.div_ceil(8 * most_down),
        );
        let component = |[id, packed, table]: &[u8; 3]| {
            let (across, down) = factors(*packed);
            Component {
                id: *id,
                across,
                down,
                columns: (width * across).div_ceil(8 * most_across),
                rows: (height * down).div_ceil(8 * most_down),
                stride: units.0 * across,
                table: usize::from(*table),
                quantization: None,
                first_row: 0,
                blocks: Vec::new(),
                last: 0,
            }
        };
        Ok(Self {
            is_progressive,
            width,
            height,
            most: (most_across, most_down),
            units,
            components: described.iter().map(component).collect(),
        })
    }

    /// Makes room for the coefficients of so many rows of units.
    pub(super) fn hold(&mut self, rows: usize) {
        for component in &mut self.components {
            let blocks = component.stride * component.down * rows;
            component.blocks = vec![Block::EMPTY; blocks];
        }
    }

    pub(super) fn ids(&self) -> Vec<u8> {
        let components = self.components.iter();
        components.map(|component| component.id).collect()
    }

    /// Uses the room again for another row of units.
    pub(super) fn go_to(&mut self, row: usize) {
        for component in &mut self.components {
            component.first_row = row * component.down;
        }
    }
}

impl Component {
    /// Keeps the steps that are valid when the component is first scanned.
    pub(super) fn keep_steps(&mut self, tables: &[[i16; 64]; 4]) {
        self.quantization = self
            .quantization
            .or_else(|| tables.get(self.table).copied());
    }

    /// Where the blocks of a row begin.
    pub(super) fn start(&self, row: usize) -> usize {
        row.saturating_sub(self.first_row) * self.stride
    }
}
