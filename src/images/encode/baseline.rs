//! Baseline JPEG with the shortest codes, for pictures of millions of pixels.
//!
//! mozjpeg-rs writes the same, but in one long call: WebAssembly goes on to faster code only with another call, so here a
//! call is a block or a row.

use mozjpeg_rs::{huffman::HuffTable, quant::create_quant_tables};

use super::{
    QUALITY, STEPS,
    blocks::{Steps, quantized},
    symbols::Symbols,
};
use crate::{lanes::ZIGZAG, picture::Plane};

/// The file of planes of which those of color have half the width and height. None if they have no samples.
pub(super) fn encoded([y, cb, cr]: &[Plane; 3]) -> Option<Vec<u8>> {
    let (luma, color) = create_quant_tables(QUALITY, STEPS, true);
    let mut channels = [
        Channel::new(y, 2, &luma.values),
        Channel::new(cb, 1, &color.values),
        Channel::new(cr, 1, &color.values),
    ];
    let across = y.width.div_ceil(16) as usize;
    if across == 0 || y.height == 0 {
        return None;
    }
    let mut symbols = Symbols::new();
    for row in 0..y.height.div_ceil(16) as usize {
        for channel in &mut channels {
            channel.take(row, across)?;
        }
        encode_row(&mut channels, across, &mut symbols)?;
        symbols.end_row();
    }
    let tables = symbols.tables()?;
    let mut file = head(y, [&luma.values, &color.values], &tables)?;
    symbols.write(&tables, &mut file)?;
    file.extend([0xff, 0xd9]);
    Some(file)
}

/// A row of units, each with its blocks of all channels.
#[inline(never)]
fn encode_row(channels: &mut [Channel; 3], across: usize, symbols: &mut Symbols) -> Option<()> {
    for unit in 0..across {
        for channel in &mut *channels {
            let width = across * channel.side;
            for down in 0..channel.side {
                for right in 0..channel.side {
                    let at = 8 * down * width + unit * channel.side + right;
                    let (block, used) = quantized(channel.strip.get(at..)?, width, &channel.steps);
                    let difference = block[0].wrapping_sub(channel.last);
                    symbols.push_block(channel.kind, difference, &block, used);
                    channel.last = block[0];
                }
            }
        }
    }
    Some(())
}

/// A plane, and what of it is being encoded.
struct Channel<'plane> {
    plane: &'plane Plane,
    /// The blocks of a unit across and down.
    side: usize,
    /// Which of the two kinds of tables it has.
    kind: u32,
    steps: Steps,
    /// The rows of a row of units, in parts of eight samples.
    strip: Vec<[u8; 8]>,
    last: i16,
}

impl<'plane> Channel<'plane> {
    fn new(plane: &'plane Plane, side: usize, steps: &[u16; 64]) -> Self {
        Self {
            plane,
            side,
            kind: u32::from(side == 1),
            steps: Steps::new(steps),
            strip: Vec::new(),
            last: 0,
        }
    }

    /// Takes the rows of a row of units. Behind the edge the last samples are repeated.
    #[inline(never)]
    fn take(&mut self, row: usize, across: usize) -> Option<()> {
        let width = across * self.side;
        let rows = 8 * self.side;
        self.strip.resize(width * rows, [0; 8]);
        let bottom = (self.plane.height as usize).checked_sub(1)?;
        for (at, line) in self.strip.chunks_exact_mut(width).enumerate() {
            let samples = self.plane.row((row * rows + at).min(bottom));
            let line = line.as_flattened_mut();
            let (inside, beyond) = line.split_at_mut_checked(samples.len())?;
            inside.copy_from_slice(samples);
            beyond.fill(*samples.last()?);
        }
        Some(())
    }
}

/// What is before the data of the scan.
fn head(y: &Plane, steps: [&[u16; 64]; 2], tables: &[HuffTable]) -> Option<Vec<u8>> {
    let mut file = vec![0xff, 0xd8];
    let mut segment = |marker: u8, content: &[u8]| {
        file.extend([0xff, marker]);
        file.extend(u16::try_from(content.len() + 2).ok()?.to_be_bytes());
        file.extend(content);
        Some(())
    };
    // Of 72 pixels to an inch, which means nothing on screens.
    segment(0xe0, b"JFIF\0\x01\x01\x01\0\x48\0\x48\0\0")?;
    let mut all = Vec::new();
    for (table, steps) in (0..).zip(steps) {
        all.push(table);
        for place in ZIGZAG {
            all.push(u8::try_from(*steps.get(place)?).ok()?);
        }
    }
    segment(0xdb, &all)?;
    let [h1, h2] = u16::try_from(y.height).ok()?.to_be_bytes();
    let [w1, w2] = u16::try_from(y.width).ok()?.to_be_bytes();
    // Each with its number, its blocks in a unit, and its table of steps.
    let channels = [1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
    segment(0xc0, &[&[8, h1, h2, w1, w2, 3][..], &channels].concat())?;
    let mut all = Vec::new();
    for (kind, table) in [0x00, 0x01, 0x10, 0x11].into_iter().zip(tables) {
        let counts = table.bits.get(1..)?;
        let symbols = counts.iter().map(|count| usize::from(*count)).sum();
        all.push(kind);
        all.extend(counts);
        all.extend(table.huffval.get(..symbols)?);
    }
    segment(0xc4, &all)?;
    segment(0xda, &[3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0])?;
    Some(file)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
#[allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test fails by panicking, and its numbers are small"
)]
mod tests {
    use mozjpeg_rs::{Encoder, Preset, Subsampling, TrellisConfig};
    use proptest::prelude::*;

    use super::*;
    use crate::picture::halved;

    fn planes(width: u32, height: u32, sample: impl Fn(u32, u32, u32) -> u8) -> [Plane; 3] {
        let half = halved(width, height);
        [(0, (width, height)), (1, half), (2, half)].map(|(channel, (width, height))| {
            let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
            Plane {
                width,
                height,
                samples: places.map(|(x, y)| sample(channel, x, y)).collect(),
            }
        })
    }

    fn by_library([y, cb, cr]: &[Plane; 3]) -> Vec<u8> {
        Encoder::new(Preset::BaselineBalanced)
            .trellis(TrellisConfig::disabled())
            .overshoot_deringing(false)
            .quality(QUALITY)
            .subsampling(Subsampling::S420)
            .quant_tables(STEPS)
            .encode_ycbcr_planar(&y.samples, &cb.samples, &cr.samples, y.width, y.height)
            .unwrap()
    }

    fn decoded(file: &[u8]) -> (usize, Vec<u8>) {
        let mut decoder = jpeg_decoder::Decoder::new(file);
        let pixels = decoder.decode().unwrap();
        (decoder.info().unwrap().width.into(), pixels)
    }

    /// Noise that is the same each time.
    fn noise(channel: u32, x: u32, y: u32) -> u8 {
        (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ (channel * 77)).rotate_left(9)
            as u8
    }

    #[test]
    fn writes_what_the_library_does_byte_for_byte() {
        let waves = |x: u32, y: u32| {
            let wave = (f64::from(x) / 3.0).sin() + (f64::from(y * y) / 90.0).cos();
            (128.0 + 60.0 * wave) as u8
        };
        let sizes = [(1, 1), (7, 9), (8, 8), (16, 17), (33, 500), (400, 301)];
        for (width, height) in sizes {
            for (name, planes) in [
                ("black", planes(width, height, |_, _, _| 0)),
                ("white", planes(width, height, |_, _, _| 255)),
                ("noise", planes(width, height, noise)),
                (
                    "checks",
                    planes(width, height, |_, x, y| (x + y) as u8 % 2 * 255),
                ),
                (
                    "stripes",
                    planes(width, height, |_, x, _| x as u8 % 2 * 255),
                ),
                ("ramp", planes(width, height, |_, x, y| (x / 2 + y) as u8)),
                (
                    "waves",
                    planes(width, height, |channel, x, y| waves(x + channel, y)),
                ),
            ] {
                let is_same = encoded(&planes).unwrap() == by_library(&planes);
                assert!(is_same, "{name} {width} × {height}");
            }
        }
    }

    #[test]
    fn planes_without_samples_have_no_file() {
        assert_eq!(encoded(&planes(0, 0, noise)), None);
    }

    proptest! {
        #[test]
        fn any_picture_can_be_decoded(
            width in 1..70_u32,
            height in 1..70_u32,
            samples in prop::collection::vec(prop::sample::select(vec![0, 1, 100, 128, 254, 255_u8]), 1..300),
        ) {
            let at = |channel: u32, x: u32, y: u32| (channel * 31 + y * width + x) as usize;
            let planes = planes(width, height, |channel, x, y| {
                samples.iter().cycle().nth(at(channel, x, y) % samples.len()).copied().unwrap()
            });
            let (seen, pixels) = decoded(&encoded(&planes).unwrap());
            prop_assert_eq!(seen, width as usize);
            prop_assert_eq!(pixels.len(), 3 * (width * height) as usize);
        }
    }
}
