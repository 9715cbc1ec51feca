//! What decoding takes, from the headers of all tiles, before any is decoded.

use heic_rs::{Error, Nclx, context::Context};

use super::{failure, sequence::Sequence};
use crate::{
    failure::{Code, Failure},
    limits::{self, MAX_HEIC_SLICED_PIXELS, MAX_HEIC_TILES},
};

pub(super) struct Cost {
    /// The pixels that are decoded, each as often as there are slices: every one may go through the whole tile.
    sliced_pixels: u64,
    /// What is held at once.
    bytes: u64,
    /// What the coded pictures say of their colors.
    pub(super) nclx: Option<Nclx>,
}

impl Cost {
    pub(super) fn of(container: &Context, tiles: &[u32], columns: u32) -> Result<Self, Failure> {
        let failed = |error| failure(&error);
        if tiles.len() > MAX_HEIC_TILES {
            return Err(Failure::new(
                Code::TooMuchMemory,
                format!("the HEIC has {} tiles, which are too many", tiles.len()),
            ));
        }
        let mut sliced_pixels = 0_u64;
        // The bytes of a decoded tile, and of what decoding takes besides.
        let (mut decoded, mut decoding) = (0, 0);
        let mut nclx = None;
        for tile in tiles {
            let properties = container.props(*tile).map_err(failed)?;
            let Some(configuration) = properties.hvcc else {
                return Err(failure(&Error::MissingBox("hvcC")));
            };
            let data = container.item_data(*tile).map_err(failed)?;
            let units = configuration.split_nals(&data).map_err(failed)?;
            let slices = units.iter().filter(|unit| is_slice(unit)).count();
            let mut pixels = 0;
            for set in configuration.parameter_sets() {
                let Some(sequence) = Sequence::read(set) else {
                    continue;
                };
                pixels = pixels.max(sequence.pixels());
                // Two bytes for a sample.
                decoded = decoded.max(2 * sequence.samples());
                // The filters take a copy, and there is a byte for each block of 4 × 4 pixels, and more.
                decoding = decoding.max(2 * sequence.samples() + sequence.pixels());
                nclx = nclx.or(sequence.nclx);
            }
            if pixels == 0 {
                return Err(failure(&Error::Malformed("no sequence parameter set")));
            }
            sliced_pixels = sliced_pixels.saturating_add(pixels.saturating_mul(slices as u64));
        }
        Ok(Self {
            sliced_pixels,
            bytes: u64::from(columns.max(1))
                .saturating_mul(decoded)
                .saturating_add(decoding),
            nclx,
        })
    }
}

pub(super) fn check(
    cost: &Cost,
    alpha: Option<&Cost>,
    size: (u32, u32),
    file_bytes: usize,
) -> Result<(), Failure> {
    let of_both = |part: fn(&Cost) -> u64| (part(cost), alpha.map_or(0, part));
    let (pixels, alpha_pixels) = of_both(|cost| cost.sliced_pixels);
    if pixels.saturating_add(alpha_pixels) > MAX_HEIC_SLICED_PIXELS {
        return Err(Failure::new(
            Code::TooManyPixels,
            "the HEIC holds more than its pixels: too much to decode",
        ));
    }
    // One after the other.
    let (bytes, alpha_bytes) = of_both(|cost| cost.bytes);
    limits::check_memory(size, bytes.max(alpha_bytes), file_bytes)
}

fn is_slice(unit: &[u8]) -> bool {
    const FIRST_OTHER_UNIT: u8 = 32;
    unit.first()
        .is_some_and(|header| header >> 1 & 0x3f < FIRST_OTHER_UNIT)
}
