//! JPEG: planes as they are stored, made smaller while they are decoded.
//!
//! Of a progressive JPEG, and of one whose components are in several scans, all coefficients are held until the last
//! scan. Otherwise no more than a row of units is.

mod application;
mod block;
mod codes;
mod coefficients;
mod frame;
mod idct;
mod render;
mod scan;
mod tables;

use self::{
    application::{Application, Colors},
    codes::next_marker,
    frame::Frame,
    render::Output,
    scan::{Reading, Scan},
    tables::Tables,
};
use super::Decoded;
use crate::{
    color,
    failure::{Code, Failure},
    header::Header,
    limits::MAX_SCANS,
    picture::{self, LONGEST_SIDE, Picture, Plane},
    resample::{Resampler, Span},
    resize,
};

/// What is wrong with the file.
type Broken = &'static str;

const CUT_OFF: Broken = "its data end before its picture does";

#[inline(never)]
pub(crate) fn decode(file: &[u8], header: &Header) -> Result<Decoded, Failure> {
    let mut decoder = Decoder {
        file,
        application: Application::default(),
        tables: Tables::new(),
        outputs: Vec::new(),
        scans: 0,
    };
    let colors = decoder.read().map_err(|error| failure(file, error))?;
    let outputs = decoder.outputs.into_iter();
    let planes = outputs.map(|output| output.plane.into_plane()).collect();
    let application = decoder.application;
    let picture = colors.and_then(|colors| picture(colors, planes, application.is_adobe()));
    let picture = picture.ok_or_else(|| {
        Failure::new(
            Code::UnsupportedColor,
            "the JPEG has colors of an unknown kind; please save it as a normal JPEG",
        )
    })?;
    Ok(Decoded {
        width: header.width,
        height: header.height,
        picture,
        exif: application.exif.map(<[u8]>::to_vec),
        profile: application.profile(),
        orientation: None,
    })
}

struct Decoder<'file> {
    file: &'file [u8],
    application: Application<'file>,
    tables: Tables,
    /// One for each component, from the first scan on.
    outputs: Vec<Output>,
    scans: usize,
}

impl<'file> Decoder<'file> {
    /// Reads the file into planes, and answers what they are.
    #[inline(never)]
    fn read(&mut self) -> Result<Option<Colors>, Broken> {
        const NO_FRAME: Broken = "it has a scan before its frame";
        let mut frame: Option<Frame> = None;
        let mut at = 2;
        loop {
            let marker;
            (marker, at) = next_marker(self.file, at).ok_or(CUT_OFF)?;
            if marker == 0xd9 {
                let frame = frame.ok_or(NO_FRAME)?;
                for row in 0..frame.units.1 {
                    self.render(&frame, row);
                }
                return Ok(self.colors(&frame));
            }
            // Alone, without a segment.
            if matches!(marker, 0x01 | 0xd0..=0xd8) {
                continue;
            }
            let file = self.file;
            let length = file.get(at..).and_then(<[u8]>::first_chunk::<2>);
            let end = at + usize::from(u16::from_be_bytes(*length.ok_or(CUT_OFF)?));
            let segment = file.get(at + 2..end).ok_or(CUT_OFF)?;
            at = end;
            match marker {
                0xc0..=0xc2 if frame.is_some() => return Err("it has two frames"),
                0xc0..=0xc2 => frame = Some(Frame::read(segment, marker == 0xc2)?),
                0xda => {
                    let frame = frame.as_mut().ok_or(NO_FRAME)?;
                    match self.scan(segment, end, frame)? {
                        Some(end) => at = end,
                        None => return Ok(self.colors(frame)),
                    }
                }
                _ => self.segment(marker, segment)?,
            }
        }
    }

    fn segment(&mut self, marker: u8, segment: &'file [u8]) -> Result<(), Broken> {
        let tables = &mut self.tables;
        match marker {
            0xc4 => tables
                .read_codes(segment)
                .ok_or("a Huffman table is broken"),
            0xdb => tables
                .read_quantization(segment)
                .ok_or("a quantization table is broken"),
            0xdd => tables
                .read_interval(segment)
                .ok_or("its restart interval is broken"),
            _ => {
                self.application.read(marker, segment);
                Ok(())
            }
        }
    }

    /// Reads a scan whose data begin at `start`, and answers where the file goes on, if there may be more of the picture.
    #[inline(never)]
    fn scan(
        &mut self,
        header: &[u8],
        start: usize,
        frame: &mut Frame,
    ) -> Result<Option<usize>, Broken> {
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return Err("it has too many scans");
        }
        let scan = Scan::read(header, frame).ok_or("the header of a scan is broken")?;
        let is_only = self.scans == 1 && scan.has_all_of(frame);
        if self.scans == 1 {
            self.tables.complete();
            self.outputs = outputs(frame, self.colors(frame) == Some(Colors::Ycc));
            frame.hold(if is_only { 1 } else { frame.units.1 });
        }
        let mut reading = Reading::new(scan, self.file, start, frame, &self.tables);
        let (_, down) = reading.units(frame);
        for row in 0..down {
            if is_only {
                frame.go_to(row);
            }
            reading.row(frame, &self.tables, row)?;
            if is_only {
                self.render(frame, row);
            }
        }
        Ok((!is_only).then(|| reading.end()))
    }

    fn colors(&self, frame: &Frame) -> Option<Colors> {
        let ids: Vec<_> = frame
            .components
            .iter()
            .map(|component| component.id)
            .collect();
        self.application.colors(&ids)
    }

    /// Makes samples of a row of units.
    #[inline(never)]
    fn render(&mut self, frame: &Frame, row: usize) {
        for (component, output) in frame.components.iter().zip(&mut self.outputs) {
            for down in 0..component.down {
                output.render(component, row * component.down + down);
            }
        }
    }
}

/// From each component to its size in what is published. If they are brightness and color, the planes of color get half
/// the size, whatever they have now.
fn outputs(frame: &Frame, has_color: bool) -> Vec<Output> {
    let side = |side: usize| u32::try_from(side).unwrap_or_default();
    let full = resize::fit(side(frame.width), side(frame.height), LONGEST_SIDE);
    let components = frame.components.iter().enumerate();
    components
        .map(|(index, component)| {
            let half = (has_color && index > 0).then(|| picture::halved(full.0, full.1));
            let (half_width, half_height) = half.unzip();
            let across = (component.across, frame.most.0);
            let down = (component.down, frame.most.1);
            let spans = [
                span(frame.width, across, full.0, half_width),
                span(frame.height, down, full.1, half_height),
            ];
            let is_halved = spans
                .iter()
                .all(|span| span.length >= 2.0 * span.target as f64);
            let halved = |span: Span| Span {
                source: span.source.div_ceil(2),
                length: span.length / 2.0,
                ..span
            };
            let [horizontal, vertical] = if is_halved { spans.map(halved) } else { spans };
            Output {
                plane: Resampler::new(horizontal, vertical),
                is_halved,
            }
        })
        .collect()
}

/// One side of a component, which has `factor` samples for `most` pixels. `full` is the side of what is published, and
/// `half` that of the component if it gets half of it.
fn span(pixels: usize, (factor, most): (usize, usize), full: u32, half: Option<u32>) -> Span {
    // A sample of color stands for two pixels, of which the last may be beyond the edge.
    let beyond = half.map_or(1.0, |half| f64::from(2 * half) / f64::from(full));
    Span {
        source: (pixels * factor).div_ceil(most),
        target: half.unwrap_or(full) as usize,
        from: 0.0,
        length: pixels as f64 * factor as f64 / most as f64 * beyond,
    }
}

#[inline(never)]
fn picture(colors: Colors, planes: Vec<Plane>, is_adobe: bool) -> Option<Picture> {
    let inks = match colors {
        Colors::Grey => {
            let [grey] = <[Plane; 1]>::try_from(planes).ok()?;
            return Some(Picture::Grey(grey));
        }
        Colors::Ycc => return planes.try_into().ok().map(Picture::Ycc),
        Colors::Rgb => return planes.try_into().ok().map(Picture::Rgb),
        Colors::Cmyk => color::Inks::Cmy,
        Colors::Ycck => color::Inks::Ycc,
    };
    let planes = planes.try_into().ok()?;
    Some(color::from_inks(planes, inks, is_adobe))
}

/// A file without an end of image was cut off, whatever the decoder stumbled over.
fn failure(file: &[u8], error: Broken) -> Failure {
    if file.windows(2).any(|bytes| bytes == [0xff, 0xd9]) {
        Failure::new(Code::Corrupt, format!("the JPEG is broken: {error}"))
    } else {
        Failure::new(Code::Truncated, "the JPEG ends before its picture does")
    }
}
