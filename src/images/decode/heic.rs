//! HEIC, by heic-rs: a row of tiles at a time, planes as they are stored, made smaller while they are decoded.

mod colors;
mod cost;
mod placed;
mod sequence;

use heic_rs::{
    ChromaFormat, Error, Grid,
    context::Context,
    grid::Mosaic,
    hevc::{self, Frame},
};

use self::placed::Placed;
use super::Decoded;
use crate::{
    failure::{Code, Failure},
    limits::{self, MAX_METADATA_BYTES},
    picture::{LONGEST_SIDE, Picture, Plane, halved},
    resample::{Resampler, Span},
    resize,
};

pub(crate) fn decode(file: &[u8]) -> Result<Decoded, Failure> {
    let failed = |error| failure(&error);
    let container = Context::open(file).map_err(failed)?;
    let id = container.meta.primary;
    let properties = container.props(id).map_err(failed)?;
    let tiles = Tiles::of(&container, id)?;
    let (width, height) = tiles.size();
    limits::check_heic(width, height)?;
    let placed = Placed::new((width, height), &properties.transforms)?;
    let alpha = container.alpha_item(id).map_err(failed)?;
    let alpha = alpha.map(|id| Tiles::of(&container, id)).transpose()?;
    let (alpha_width, alpha_height) = alpha.as_ref().map_or((0, 0), Tiles::size);
    limits::check_heic(alpha_width.max(1), alpha_height.max(1))?;
    let alpha_cost = alpha.as_ref().map(Tiles::cost).transpose()?;
    let cost = tiles.cost()?;
    cost::check(&cost, alpha_cost.as_ref(), (width, height), file.len())?;
    let nclx = properties.nclx.or(cost.nclx);
    if properties.icc.is_none() && nclx.is_some_and(|nclx| matches!(nclx.transfer, 16 | 18)) {
        return Err(Failure::new(
            Code::UnsupportedColor,
            "the HEIC picture is in HDR; please save it for normal screens, or as a JPEG",
        ));
    }

    let kind = colors::kind(nclx)?;
    let picture = match <[Plane; 3]>::try_from(tiles.planes(&placed)?) {
        Ok(planes) => Picture::Ycc(kind.into_jpeg(planes)),
        Err(planes) => match <[Plane; 1]>::try_from(planes) {
            Ok([grey]) => Picture::Grey(kind.into_grey(grey)),
            Err(_) => return Err(failure(&Error::Unsupported("its planes"))),
        },
    };
    let opacity = match alpha {
        Some(alpha) => {
            let placed = Placed::new(alpha.size(), &properties.transforms)?;
            alpha.planes(&placed)?.into_iter().next()
        }
        None => None,
    };
    let picture = match opacity {
        Some(opacity) => picture.with_opacity(opacity),
        None => picture,
    };
    let exif = container.exif(id).ok().flatten();
    let profile = match (properties.icc, nclx) {
        (Some(icc), _) => Some(icc.to_vec()),
        (None, Some(nclx)) => colors::profile(nclx.primaries),
        (None, None) => None,
    };
    Ok(Decoded {
        width: placed.width,
        height: placed.height,
        picture,
        exif: exif
            .filter(|exif| exif.len() <= MAX_METADATA_BYTES)
            .map(<[u8]>::to_vec),
        profile: profile.filter(|profile| profile.len() <= MAX_METADATA_BYTES),
        // What EXIF says of it does not count in a HEIC.
        orientation: Some(placed.orientation),
        has_more: false,
    })
}

/// A picture that is stored as tiles, or as one.
struct Tiles<'file> {
    container: &'file Context<'file>,
    grid: Grid,
    ids: Vec<u32>,
}

impl<'file> Tiles<'file> {
    fn of(container: &'file Context<'file>, id: u32) -> Result<Self, Failure> {
        let failed = |error| failure(&error);
        if let Some((grid, ids)) = container.grid(id).map_err(failed)? {
            return Ok(Self {
                container,
                grid,
                ids,
            });
        }
        let properties = container.props(id).map_err(failed)?;
        let (output_width, output_height) =
            container.coded_size(id, &properties).map_err(failed)?;
        let grid = Grid {
            rows: 1,
            columns: 1,
            output_width,
            output_height,
        };
        Ok(Self {
            container,
            grid,
            ids: vec![id],
        })
    }

    fn size(&self) -> (u32, u32) {
        (self.grid.output_width, self.grid.output_height)
    }

    fn cost(&self) -> Result<cost::Cost, Failure> {
        cost::Cost::of(self.container, &self.ids, self.grid.columns)
    }

    /// The planes at the size of what is published.
    fn planes(&self, placed: &Placed) -> Result<Vec<Plane>, Failure> {
        let failed = |error| failure(&error);
        let mut planes: Option<Planes> = None;
        let mut left = self.grid.output_height;
        for ids in self.ids.chunks(self.grid.columns.max(1) as usize) {
            let frames = ids
                .iter()
                .map(|id| self.tile(*id))
                .collect::<Result<Vec<_>, _>>()?;
            let Some(first) = frames.first() else { break };
            let height = first.height.min(left);
            left -= height;
            if height == 0 {
                break;
            }
            let grid = Grid {
                rows: 1,
                output_height: height,
                ..self.grid
            };
            let mosaic = Mosaic::new(&grid, &frames).map_err(failed)?;
            if left > 0 && first.height % (1 << first.chroma.y_shift()) != 0 {
                return Err(failure(&Error::Unsupported("tiles of odd height")));
            }
            planes
                .get_or_insert_with(|| Planes::new(first.chroma, self.size(), placed))
                .push(&mosaic)?;
        }
        if left > 0 {
            return Err(failure(&Error::Malformed("tiles do not cover the picture")));
        }
        Ok(planes.map(Planes::into_planes).unwrap_or_default())
    }

    fn tile(&self, id: u32) -> Result<Frame, Failure> {
        let failed = |error| failure(&error);
        let properties = self.container.props(id).map_err(failed)?;
        let configuration = properties.hvcc.as_ref();
        let configuration = configuration.ok_or(failure(&Error::MissingBox("hvcC")))?;
        let data = self.container.item_data(id).map_err(failed)?;
        let slices = configuration.split_nals(&data).map_err(failed)?;
        hevc::decode_still(&configuration.parameter_sets(), &slices).map_err(failed)
    }
}

/// Takes rows of tiles from the top to the bottom.
struct Planes {
    chroma: ChromaFormat,
    resamplers: Vec<Resampler>,
    row: Vec<u16>,
}

impl Planes {
    fn new(chroma: ChromaFormat, (width, height): (u32, u32), placed: &Placed) -> Self {
        let [left, top, cut_width, cut_height] = placed.cut;
        let target = resize::fit(cut_width, cut_height, LONGEST_SIDE);
        let luma = Resampler::new(
            part(width, 0, left, cut_width, target.0, 1.0),
            part(height, 0, top, cut_height, target.1, 1.0),
        );
        let mut resamplers = vec![luma];
        if chroma != ChromaFormat::Monochrome {
            let half = halved(target.0, target.1);
            // An odd side has half a sample of color beyond its end.
            let beyond = |half: u32, full: u32| f64::from(2 * half) / f64::from(full);
            for _ in 0..2 {
                let (x, y) = (chroma.x_shift(), chroma.y_shift());
                resamplers.push(Resampler::new(
                    part(width, x, left, cut_width, half.0, beyond(half.0, target.0)),
                    part(height, y, top, cut_height, half.1, beyond(half.1, target.1)),
                ));
            }
        }
        Self {
            chroma,
            resamplers,
            row: Vec::new(),
        }
    }

    fn push(&mut self, mosaic: &Mosaic) -> Result<(), Failure> {
        if mosaic.chroma() != self.chroma {
            return Err(failure(&Error::Unsupported("tiles of several kinds")));
        }
        let depth = u32::from(mosaic.bit_depth());
        let (chroma_width, chroma_height) = mosaic.chroma_size();
        for (index, plane) in self.resamplers.iter_mut().enumerate() {
            let (width, height) = if index == 0 {
                (mosaic.width(), mosaic.height())
            } else {
                (chroma_width, chroma_height)
            };
            self.row.resize(width as usize, 0);
            for y in 0..height as usize {
                let read = if index == 0 {
                    mosaic.luma_row(y, &mut self.row)
                } else {
                    mosaic.chroma_row(index == 2, y, &mut self.row)
                };
                read.ok_or_else(|| failure(&Error::Malformed("a tile is too small")))?;
                for (target, sample) in plane.room(1).iter_mut().zip(&self.row) {
                    *target = eight_bits(*sample, depth);
                }
                plane.wrote(1);
            }
        }
        Ok(())
    }

    fn into_planes(self) -> Vec<Plane> {
        let planes = self.resamplers.into_iter();
        planes.map(Resampler::into_plane).collect()
    }
}

/// A side of a plane that has a sample for `1 << shift` pixels, of which `cut` from `from` on are shown.
fn part(pixels: u32, shift: u32, from: u32, cut: u32, target: u32, beyond: f64) -> Span {
    let each = f64::from(1 << shift);
    Span {
        source: pixels.div_ceil(1 << shift) as usize,
        target: target as usize,
        from: f64::from(from) / each,
        length: f64::from(cut) / each * beyond,
    }
}

fn eight_bits(sample: u16, depth: u32) -> u8 {
    let more = depth.saturating_sub(8);
    let rounded = (u32::from(sample) + (1 << more >> 1)) >> more;
    u8::try_from(rounded).unwrap_or(u8::MAX)
}

/// The error's own words are for programmers, but say what part of the file is meant.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the errors of another crate, of which few matter here"
)]
fn failure(error: &Error) -> Failure {
    match error {
        Error::Truncated(_) => {
            Failure::new(Code::Truncated, "the HEIC ends before its picture does")
        }
        Error::Unsupported(what) => Failure::new(
            Code::UnsupportedFormat,
            format!("the HEIC is of a kind that is not read here ({what}); please upload a JPEG"),
        ),
        _ => Failure::new(Code::Corrupt, format!("the HEIC is broken: {error}")),
    }
}
