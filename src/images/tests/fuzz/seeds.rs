//! A small whole file of each kind that a format has.

use jpeg_encoder::{ColorType, SamplingFactor};
use mozjpeg_rs::{Preset, Subsampling};

use crate::pictures::{
    exif, gif,
    heic::{HALF_TILE, Heic, clap, imir, irot, nclx},
    jpeg, jpeg_as, png, quarters, webp, with_segment,
};

const WIDTH: u32 = 48;
const HEIGHT: u32 = 40;

pub(crate) fn all() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    vec![
        ("jpeg", jpegs()),
        ("png", pngs()),
        ("webp", webps()),
        ("gif", vec![gif(WIDTH as u16, HEIGHT as u16), gif(7, 3)]),
        ("heic", heics()),
    ]
}

/// Other colors in every pixel.
fn noise(channels: usize) -> Vec<u8> {
    let bytes = WIDTH as usize * HEIGHT as usize * channels;
    (0..bytes).map(|at| (at * at / 7 % 251) as u8).collect()
}

fn jpegs() -> Vec<Vec<u8>> {
    let pixels = quarters(WIDTH, HEIGHT);
    let encoded = |color, channels, change: fn(&mut jpeg_encoder::Encoder<&mut Vec<u8>>)| {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 70);
        change(&mut encoder);
        encoder
            .encode(&noise(channels), WIDTH as u16, HEIGHT as u16, color)
            .unwrap();
        file
    };
    vec![
        with_segment(&jpeg(&pixels, WIDTH, HEIGHT), 0xe1, &exif(6)),
        jpeg_as(
            Preset::ProgressiveBalanced,
            Subsampling::S444,
            &pixels,
            WIDTH,
            HEIGHT,
        ),
        jpeg_as(
            Preset::ProgressiveBalanced,
            Subsampling::S420,
            &noise(3),
            WIDTH,
            HEIGHT,
        ),
        encoded(ColorType::Rgb, 3, |encoder| encoder.set_restart_interval(3)),
        encoded(ColorType::Luma, 1, |encoder| encoder.set_progressive(true)),
        encoded(ColorType::Rgb, 3, |encoder| {
            encoder.set_progressive(true);
            encoder.set_restart_interval(3);
        }),
        encoded(ColorType::CmykAsYcck, 4, |_| {}),
        encoded(ColorType::Rgb, 3, |encoder| {
            encoder.set_sampling_factor(SamplingFactor::F_4_1);
        }),
    ]
}

fn pngs() -> Vec<Vec<u8>> {
    let mut files = vec![
        png(png::ColorType::Rgba, &noise(4), WIDTH, HEIGHT),
        png(png::ColorType::Rgb, &noise(3), WIDTH, HEIGHT),
        png(png::ColorType::GrayscaleAlpha, &noise(2), WIDTH, HEIGHT),
        png(png::ColorType::Grayscale, &noise(1), WIDTH, HEIGHT),
    ];
    let mut palette = Vec::new();
    let mut encoder = png::Encoder::new(&mut palette, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette(noise(3)[..48].to_vec());
    encoder.set_trns(vec![0, 128, 255]);
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_image_data(&noise(1)[..(WIDTH * HEIGHT / 2) as usize])
        .unwrap();
    writer.finish().unwrap();
    files.push(palette);
    files
}

fn webps() -> Vec<Vec<u8>> {
    let mut clear = Vec::new();
    image_webp::WebPEncoder::new(&mut clear)
        .encode(&noise(4), WIDTH, HEIGHT, image_webp::ColorType::Rgba8)
        .unwrap();
    vec![
        webp(&quarters(WIDTH, HEIGHT), WIDTH, HEIGHT),
        clear,
        // Nothing in Rust writes these: libwebp has made them, of slopes.
        include_bytes!("lossy.webp").to_vec(),
        include_bytes!("lossy_clear.webp").to_vec(),
    ]
}

fn heics() -> Vec<Vec<u8>> {
    let tiff = exif(6)[6..].to_vec();
    [
        Heic {
            exif: Some(&tiff),
            ..Heic::default()
        },
        Heic {
            opacity: Some(HALF_TILE),
            ..Heic::default()
        },
        Heic {
            properties: vec![nclx(12, 13, 1, false), clap(100, 90), irot(1), imir(0)],
            ..Heic::default()
        },
    ]
    .iter()
    .map(Heic::file)
    .collect()
}

/// Without right checksums nothing of a PNG is read.
pub(crate) fn repair_checksums(file: &mut [u8]) {
    let mut at = 8;
    while let Some(length) = file.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let Some(covered) = file
            .get(at + 4..)
            .and_then(|rest| rest.get(..length.checked_add(4)?))
        else {
            return;
        };
        let checksum = crc(covered).to_be_bytes();
        let end = at + 8 + length;
        match file.get_mut(end..end + 4) {
            Some(place) => place.copy_from_slice(&checksum),
            None => return,
        }
        at = end + 4;
    }
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}
