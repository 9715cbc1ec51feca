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
    codes::Bits,
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
    picture::{Picture, Plane},
    segments::Segment,
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
        colors: None,
        scans: 0,
        scan_start: 0,
        has_more: false,
    };
    let planes = decoder.read();
    let scanned = file.get(decoder.scan_start..).unwrap_or_default();
    let planes = planes.map_err(|error| failure(scanned, error))?;
    let application = decoder.application;
    let colors = decoder.colors;
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
        has_more: decoder.has_more,
    })
}

struct Decoder<'file> {
    file: &'file [u8],
    application: Application<'file>,
    tables: Tables,
    /// From the first scan on.
    colors: Option<Colors>,
    scans: usize,
    /// Where the data of the last scan begin.
    scan_start: usize,
    /// Whether there is more than the picture among its data.
    has_more: bool,
}

impl<'file> Decoder<'file> {
    /// Reads the file into a plane for each component.
    #[inline(never)]
    fn read(&mut self) -> Result<Vec<Plane>, Broken> {
        const NO_FRAME: Broken = "it has a scan before its frame";
        let mut frame: Option<Frame> = None;
        let mut at = 2;
        loop {
            let Segment {
                marker,
                content,
                end,
            } = Segment::read(self.file, at).map_err(|failure| {
                if failure.code == Code::Truncated {
                    CUT_OFF
                } else {
                    "it has no marker where one must be"
                }
            })?;
            at = end;
            match marker {
                0xd9 => return Ok(self.held(frame.ok_or(NO_FRAME)?)),
                // Alone, without a segment.
                0x01 | 0xd0..=0xd8 => {}
                0xc0..=0xc2 if frame.is_some() => return Err("it has two frames"),
                0xc0..=0xc2 => frame = Some(Frame::read(content, marker == 0xc2)?),
                0xda => {
                    let frame = frame.as_mut().ok_or(NO_FRAME)?;
                    let reading = self.scan(content, end, frame)?;
                    if self.scans == 1 && reading.has_all_of(frame) {
                        return self.streamed(reading, frame);
                    }
                    at = self.hold(reading, frame)?;
                }
                _ => self.segment(marker, content)?,
            }
        }
    }

    fn segment(&mut self, marker: u8, segment: &'file [u8]) -> Result<(), Broken> {
        let tables = &mut self.tables;
        match marker {
            0xc4 | 0xdb => {
                let read = match marker {
                    0xc4 => tables
                        .read_codes(segment)
                        .ok_or("a Huffman table is broken"),
                    _ => tables
                        .read_quantization(segment)
                        .ok_or("a quantization table is broken"),
                };
                if tables.are_too_many() {
                    return Err("it has too many tables");
                }
                read
            }
            0xdd => tables
                .read_interval(segment)
                .ok_or("its restart interval is broken"),
            // Colors and metadata are taken from before the first scan.
            _ if self.scans == 0 => {
                self.application.read(marker, segment);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes the header of a scan whose data begin at `start`.
    fn scan(
        &mut self,
        header: &[u8],
        start: usize,
        frame: &mut Frame,
    ) -> Result<Reading<'file>, Broken> {
        self.scans += 1;
        self.scan_start = start;
        if self.scans > MAX_SCANS {
            return Err("it has too many scans");
        }
        let scan = Scan::read(header, frame).ok_or("the header of a scan is broken")?;
        if self.scans == 1 {
            self.tables.complete();
            self.colors = self.application.colors(&frame.ids());
        }
        let bits = Bits::new(self.file, start);
        Ok(Reading::new(scan, bits, frame, &self.tables))
    }

    /// Reads a scan that has all of the picture, and makes samples of each row at once.
    #[inline(never)]
    fn streamed(&mut self, mut reading: Reading, frame: &mut Frame) -> Result<Vec<Plane>, Broken> {
        frame.hold(1);
        let components = frame.components.iter().enumerate();
        let mut outputs: Vec<_> = components
            .map(|(at, component)| Output::new(frame, component, self.is_color(at)))
            .collect();
        for row in 0..frame.units.1 {
            frame.go_to(row);
            reading.row(frame, &self.tables, row)?;
            for (component, output) in frame.components.iter().zip(&mut outputs) {
                output.render(component, row);
            }
        }
        let end = reading.end().map(|end| Segment::read(self.file, end));
        let is_end = end.is_some_and(|end| end.is_ok_and(|end| end.marker == 0xd9));
        self.has_more |= reading.has_more() || !is_end;
        Ok(outputs.into_iter().map(Output::into_plane).collect())
    }

    /// Reads a scan, and answers where the file goes on.
    #[inline(never)]
    fn hold(&mut self, mut reading: Reading, frame: &mut Frame) -> Result<usize, Broken> {
        if self.scans == 1 {
            frame.hold(frame.units.1);
        }
        for row in 0..reading.rows(frame) {
            reading.row(frame, &self.tables, row)?;
        }
        self.has_more |= reading.has_more();
        reading.end().ok_or(CUT_OFF)
    }

    /// Makes samples of what is held. The last component comes first: where its coefficients were is room for the next
    /// plane.
    #[inline(never)]
    fn held(&self, mut frame: Frame) -> Vec<Plane> {
        let mut planes = Vec::new();
        while let Some(component) = frame.components.pop() {
            let is_color = self.is_color(frame.components.len());
            let mut output = Output::new(&frame, &component, is_color);
            for row in 0..frame.units.1 {
                output.render(&component, row);
            }
            planes.push(output.into_plane());
        }
        planes.reverse();
        planes
    }

    /// Whether a component gets half the size of the picture, whatever it has now.
    fn is_color(&self, component: usize) -> bool {
        self.colors == Some(Colors::Ycc) && component > 0
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

/// A file without an end of image was cut off, whatever the decoder stumbled over. It is looked for in the data of the last
/// scan: a preview in the metadata has one too.
fn failure(scanned: &[u8], error: Broken) -> Failure {
    if scanned.windows(2).any(|bytes| bytes == [0xff, 0xd9]) {
        Failure::new(Code::Corrupt, format!("the JPEG is broken: {error}"))
    } else {
        Failure::new(Code::Truncated, "the JPEG ends before its picture does")
    }
}
