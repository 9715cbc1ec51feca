//! Files that the tests make.
#![allow(dead_code, reason = "each test uses some of them")]

pub(crate) mod heic;

use mozjpeg_rs::{Encoder, Preset, Subsampling};
use suplatzigram_images::{Answer, Failure, Options, Processed, process};

pub(crate) const RED: [u8; 3] = [200, 30, 30];
pub(crate) const GREEN: [u8; 3] = [30, 180, 40];
pub(crate) const BLUE: [u8; 3] = [30, 40, 200];
pub(crate) const WHITE: [u8; 3] = [240, 240, 240];

/// Red and green above, blue and white below.
pub(crate) fn quarters(width: u32, height: u32) -> Vec<u8> {
    let color = |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => RED,
        (false, true) => GREEN,
        (true, false) => BLUE,
        (false, false) => WHITE,
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| color(x, y)))
        .collect()
}

pub(crate) fn jpeg(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    jpeg_as(
        Preset::BaselineBalanced,
        Subsampling::S420,
        pixels,
        width,
        height,
    )
}

pub(crate) fn jpeg_as(
    preset: Preset,
    subsampling: Subsampling,
    pixels: &[u8],
    width: u32,
    height: u32,
) -> Vec<u8> {
    let encoder = Encoder::new(preset).quality(90).subsampling(subsampling);
    encoder.encode_rgb(pixels, width, height).unwrap()
}

/// The JPEG with a segment after its start.
pub(crate) fn with_segment(file: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [
        &[0xff, 0xd8, 0xff, marker][..],
        &length,
        content,
        &file[2..],
    ]
    .concat()
}

pub(crate) fn png(color: png::ColorType, pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

pub(crate) fn webp(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut bytes);
    encoder
        .encode(pixels, width, height, image_webp::ColorType::Rgb8)
        .unwrap();
    bytes
}

/// A frame in two halves, above the first and below the second color, and a frame in white.
pub(crate) fn gif(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let palette = [RED, BLUE, WHITE].concat();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette).unwrap();
    let size = usize::from(width) * usize::from(height);
    let halves = (0..size)
        .map(|at| u8::from(at >= size / 2))
        .collect::<Vec<_>>();
    for pixels in [halves, vec![2; size]] {
        let frame = gif::Frame::from_indexed_pixels(width, height, pixels, None);
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

/// The type, the count and the bytes of a field.
type Field = (u16, u32, Vec<u8>);

/// EXIF with an orientation, a camera, a time with its offset, a serial number, and a place; with the prefix of JPEG.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let ascii = |text: &str| {
        (
            2_u16,
            text.len() as u32 + 1,
            [text.as_bytes(), &[0]].concat(),
        )
    };
    let rational = |values: &[[u32; 2]]| {
        let bytes = values
            .as_flattened()
            .iter()
            .flat_map(|value| value.to_be_bytes());
        (5_u16, values.len() as u32, bytes.collect::<Vec<_>>())
    };
    let offset = |at: u32| (4_u16, 1, at.to_be_bytes().to_vec());
    // Each directory has its place, with room between them.
    const CAMERA: u32 = 300;
    const PLACE: u32 = 700;
    let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
    let mut directory = |at: u32, entries: &[(u16, Field)]| {
        tiff.resize(at as usize, 0);
        tiff.extend((entries.len() as u16).to_be_bytes());
        let mut behind = Vec::new();
        let behind_at = at + 2 + 12 * entries.len() as u32 + 4;
        for (tag, (kind, count, value)) in entries {
            tiff.extend(tag.to_be_bytes());
            tiff.extend(kind.to_be_bytes());
            tiff.extend(count.to_be_bytes());
            if value.len() > 4 {
                tiff.extend((behind_at + behind.len() as u32).to_be_bytes());
                behind.extend_from_slice(value);
            } else {
                let mut field = value.clone();
                field.resize(4, 0);
                tiff.extend(field);
            }
        }
        tiff.extend([0; 4]);
        tiff.extend(behind);
    };
    directory(
        8,
        &[
            (0x010f, ascii("Maker")),
            (0x0110, ascii("Camera\u{7} 3000")),
            (0x0112, (3, 1, orientation.to_be_bytes().to_vec())),
            (0x8769, offset(CAMERA)),
            (0x8825, offset(PLACE)),
        ],
    );
    directory(
        CAMERA,
        &[
            (0x829a, rational(&[[1, 125]])),
            (0x829d, rational(&[[18, 10]])),
            (0x8827, (3, 1, 400_u16.to_be_bytes().to_vec())),
            (0x9003, ascii("2026:07:04 12:30:05")),
            (0x9011, ascii("-05:00")),
            (0x920a, rational(&[[50, 0]])),
            (0x927c, (7, 12, b"MAKERSECRETS".to_vec())),
            (0xa431, ascii("SN-12345")),
        ],
    );
    directory(
        PLACE,
        &[
            (1, ascii("N")),
            (2, rational(&[[4, 1], [36, 1], [36, 1]])),
            (3, ascii("W")),
            (4, rational(&[[74, 1], [4, 1], [48, 1]])),
        ],
    );
    [b"Exif\0\0".as_slice(), &tiff].concat()
}

pub(crate) fn processed(file: &[u8]) -> Processed {
    processed_with(file, &Options::default())
}

pub(crate) fn processed_with(file: &[u8], options: &Options) -> Processed {
    match process(file.to_vec(), options) {
        Answer::Processed(processed) => *processed,
        answer @ (Answer::Refused(_) | Answer::Heic) => panic!("{answer:?}"),
    }
}

pub(crate) fn refused(file: &[u8]) -> Failure {
    match process(file.to_vec(), &Options::default()) {
        Answer::Processed(processed) => {
            panic!("processed: {} × {}", processed.width, processed.height)
        }
        Answer::Refused(failure) => failure,
        Answer::Heic => panic!("it is for another package"),
    }
}

/// The pixels of a JPEG in color or grey, by another decoder, and how many there are to each side.
pub(crate) fn pixels(file: &[u8]) -> (Vec<u8>, usize, usize) {
    let mut decoder = jpeg_decoder::Decoder::new(file);
    let pixels = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    let pixels = if info.pixel_format == jpeg_decoder::PixelFormat::L8 {
        pixels.into_iter().flat_map(|grey| [grey; 3]).collect()
    } else {
        pixels
    };
    (pixels, info.width.into(), info.height.into())
}

/// The colors in the middle of the four quarters of a JPEG, in reading order.
pub(crate) fn corners(file: &[u8]) -> [[u8; 3]; 4] {
    let (pixels, width, height) = pixels(file);
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| {
        let at = (height * y / 4 * width + width * x / 4) * 3;
        [pixels[at], pixels[at + 1], pixels[at + 2]]
    })
}

/// Fails unless the colors look the same.
pub(crate) fn alike(seen: &[[u8; 3]], expected: &[[u8; 3]]) {
    let near = seen
        .as_flattened()
        .iter()
        .zip(expected.as_flattened())
        .all(|(a, b)| a.abs_diff(*b) <= 12);
    assert!(
        near && seen.len() == expected.len(),
        "{seen:?} is not like {expected:?}"
    );
}
