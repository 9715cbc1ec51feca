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
    codes::{Bits, next_marker},
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
    };
    let planes = decoder.read().map_err(|error| failure(file, error))?;
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
    })
}

struct Decoder<'file> {
    file: &'file [u8],
    application: Application<'file>,
    tables: Tables,
    /// From the first scan on.
    colors: Option<Colors>,
    scans: usize,
}

impl<'file> Decoder<'file> {
    /// Reads the file into a plane for each component.
    #[inline(never)]
    fn read(&mut self) -> Result<Vec<Plane>, Broken> {
        const NO_FRAME: Broken = "it has a scan before its frame";
        let mut frame: Option<Frame> = None;
        let mut at = 2;
        loop {
            let marker;
            (marker, at) = next_marker(self.file, at).ok_or(CUT_OFF)?;
            if marker == 0xd9 {
                return Ok(self.held(frame.ok_or(NO_FRAME)?));
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
                    let reading = self.scan(segment, end, frame)?;
                    if self.scans == 1 && reading.has_all_of(frame) {
                        return self.streamed(reading, frame);
                    }
                    at = self.hold(reading, frame)?;
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
            // What comes behind a scan says nothing new of it.
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
    fn streamed(&self, mut reading: Reading, frame: &mut Frame) -> Result<Vec<Plane>, Broken> {
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
        Ok(outputs.into_iter().map(Output::into_plane).collect())
    }

    /// Reads a scan, and answers where the file goes on.
    #[inline(never)]
    fn hold(&self, mut reading: Reading, frame: &mut Frame) -> Result<usize, Broken> {
        if self.scans == 1 {
            frame.hold(frame.units.1);
        }
        for row in 0..reading.rows(frame) {
            reading.row(frame, &self.tables, row)?;
        }
        Ok(reading.end())
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

/// A file without an end of image was cut off, whatever the decoder stumbled over.
fn failure(file: &[u8], error: Broken) -> Failure {
    if file.windows(2).any(|bytes| bytes == [0xff, 0xd9]) {
        Failure::new(Code::Corrupt, format!("the JPEG is broken: {error}"))
    } else {
        Failure::new(Code::Truncated, "the JPEG ends before its picture does")
    }
}
