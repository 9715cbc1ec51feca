//! What the formats allow: subsampling, inks, depths, palettes, animations.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test fails by panicking"
)]

mod pictures;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use mozjpeg_rs::Preset;
use pictures::{
    BLUE, GREEN, RED, WHITE, alike, corners, exif, jpeg, pixels, processed, quarters, webp,
    with_segment,
};

/// Red, green, blue and white in inks.
const INKS: [[u8; 4]; 4] = [[0, 255, 255, 0], [255, 0, 255, 0], [255, 255, 0, 0], [0; 4]];

fn quarters_of<const SIZE: usize>(colors: [[u8; SIZE]; 4], width: u16, height: u16) -> Vec<u8> {
    let color = |x, y| colors[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)];
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| color(x, y)))
        .collect()
}

fn encoded(
    pixels: &[u8],
    width: u16,
    height: u16,
    color: ColorType,
    change: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 92);
    change(&mut encoder);
    encoder.encode(pixels, width, height, color).unwrap();
    file
}

#[test]
fn reads_every_subsampling() {
    use SamplingFactor::{F_1_1, F_1_2, F_1_4, F_2_1, F_2_2, F_2_4, F_4_1, F_4_2};
    // Neither a multiple of any block, nor even.
    let (width, height) = (203, 101);
    let pixels = quarters(width.into(), height.into());
    for sampling in [F_1_1, F_1_2, F_2_1, F_2_2, F_1_4, F_4_1, F_2_4, F_4_2] {
        for (progressive, restart) in [(false, 0), (false, 3), (true, 0), (true, 3)] {
            let file = encoded(&pixels, width, height, ColorType::Rgb, |encoder| {
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(progressive);
                encoder.set_restart_interval(restart);
            });
            for variant in processed(&file).variants {
                alike(&corners(&variant.bytes), &[RED, GREEN, BLUE, WHITE]);
            }
        }
    }
}

#[test]
fn reads_restart_intervals_of_any_length() {
    use SamplingFactor::{F_1_1, F_1_2, F_2_1, F_2_2, F_2_4, F_4_1};
    let pixels = quarters(203, 101);
    for sampling in [F_1_1, F_1_2, F_2_1, F_2_2, F_2_4, F_4_1] {
        let medium = |restart| {
            let file = encoded(&pixels, 203, 101, ColorType::Rgb, |encoder| {
                encoder.set_sampling_factor(sampling);
                encoder.set_restart_interval(restart);
            });
            processed(&file).variants.swap_remove(1).bytes
        };
        let expected = medium(0);
        let wrong: Vec<_> = (1..30)
            .filter(|restart| medium(*restart) != expected)
            .collect();
        assert!(wrong.is_empty(), "{sampling:?} {wrong:?}");
    }
}

/// The encoder writes a scan for each component if it has optimized codes.
#[test]
fn reads_components_in_scans_of_their_own() {
    let pixels = quarters(203, 101);
    let medium = |optimized| {
        let file = encoded(&pixels, 203, 101, ColorType::Rgb, |encoder| {
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            encoder.set_optimized_huffman_tables(optimized);
        });
        let scans = file.windows(2).filter(|pair| pair == b"\xff\xda").count();
        assert_eq!(scans, if optimized { 3 } else { 1 });
        processed(&file).variants.swap_remove(1).bytes
    };
    assert_eq!(medium(true), medium(false));
}

#[test]
fn colors_stay_where_they_are_at_less_than_half_their_size() {
    use SamplingFactor::{F_1_1, F_2_1, F_2_2, F_4_1};
    let (width, height) = (5_203_u16, 201_u16);
    let color = |x: f64, side: f64| [x / side * 255.0, 255.0 - x / side * 255.0, 90.0];
    let pixels: Vec<_> = (0..height)
        .flat_map(|_| (0..width).flat_map(|x| color(f64::from(x) + 0.5, f64::from(width))))
        .map(|sample| sample.round() as u8)
        .collect();
    for sampling in [F_1_1, F_2_1, F_2_2, F_4_1] {
        let file = encoded(&pixels, width, height, ColorType::Rgb, |encoder| {
            encoder.set_sampling_factor(sampling);
        });
        let (seen, ..) = pictures::pixels(&processed(&file).variants[0].bytes);
        for (x, seen) in seen.as_chunks::<3>().0.iter().take(2_560).enumerate() {
            let expected = color(x as f64 + 0.5, 2_560.0);
            let differs = |(seen, expected): (&u8, f64)| (f64::from(*seen) - expected).abs() > 8.0;
            let is_off = seen.iter().zip(expected).any(differs);
            assert!(!is_off, "{sampling:?} {x} {seen:?} {expected:?}");
        }
    }
}

/// As webcams write them.
#[test]
fn a_file_without_huffman_tables_has_those_of_the_standard() {
    for color in [ColorType::Rgb, ColorType::Luma] {
        let channels = if color == ColorType::Luma { 1 } else { 3 };
        let pixels: Vec<_> = quarters(203, 101)
            .chunks(3)
            .flat_map(|rgb| rgb[..channels].to_vec())
            .collect();
        let file = encoded(&pixels, 203, 101, color, |_| {});
        let mut bare = file.clone();
        while let Some(at) = bare.windows(2).position(|pair| pair == b"\xff\xc4") {
            let length = usize::from(u16::from_be_bytes([bare[at + 2], bare[at + 3]]));
            bare.drain(at..at + 2 + length);
        }
        assert!(bare.len() < file.len());
        assert_eq!(processed(&bare).variants, processed(&file).variants);
    }
}

/// Of what is made smaller than half, the decoder makes half the samples.
#[test]
fn a_ramp_stays_a_ramp_at_less_than_half_its_size() {
    let (width, height) = (5_203_u16, 1_201_u16);
    let ramp = |x: f64, side: f64| (x / side * 255.0).round() as u8;
    let pixels: Vec<_> = (0..height)
        .flat_map(|_| (0..width).map(move |x| ramp(f64::from(x) + 0.5, f64::from(width))))
        .collect();
    for progressive in [false, true] {
        let file = encoded(&pixels, width, height, ColorType::Luma, |encoder| {
            encoder.set_progressive(progressive);
        });
        let original = &processed(&file).variants[0];
        assert_eq!((original.width, original.height), (2_560, 591));
        let (seen, ..) = pictures::pixels(&original.bytes);
        for (x, [sample, ..]) in seen.as_chunks::<3>().0.iter().take(2_560).enumerate() {
            let expected = ramp(x as f64 + 0.5, 2_560.0);
            assert!(
                sample.abs_diff(expected) <= 3,
                "{progressive} {x} {sample} {expected}"
            );
        }
    }
}

#[test]
fn reads_grey_however_it_is_sampled() {
    let pixels = quarters_of([[20], [90], [160], [240]], 75, 50);
    for progressive in [false, true] {
        let file = encoded(&pixels, 75, 50, ColorType::Luma, |encoder| {
            encoder.set_progressive(progressive);
        });
        let seen = corners(&processed(&file).variants[0].bytes);
        alike(&seen, &[[20; 3], [90; 3], [160; 3], [240; 3]]);
    }
}

#[test]
fn reads_inks_as_adobe_stores_them() {
    let pixels = quarters_of(INKS, 64, 48);
    let light = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]];
    for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        for progressive in [false, true] {
            let file = encoded(&pixels, 64, 48, color, |encoder| {
                encoder.set_sampling_factor(SamplingFactor::F_1_1);
                encoder.set_progressive(progressive);
            });
            alike(&corners(&processed(&file).variants[0].bytes), &light);
        }
    }
}

#[test]
fn reads_inks_as_the_standard_has_them() {
    // What Adobe stores inverted, without the word that it did: no ink is what was all ink.
    let pixels = quarters_of(INKS.map(|inks| inks.map(|ink| 255 - ink)), 64, 48);
    let file = encoded(&pixels, 64, 48, ColorType::Cmyk, |_| {});
    let at = file
        .windows(7)
        .position(|bytes| bytes == b"\xff\xee\0\x0eAdo")
        .unwrap();
    let file = [&file[..at], &file[at + 16..]].concat();
    let light = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]];
    alike(&corners(&processed(&file).variants[0].bytes), &light);
}

fn png(
    color: png::ColorType,
    depth: png::BitDepth,
    pixels: &[u8],
    change: impl FnOnce(&mut png::Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 40, 30);
    encoder.set_color(color);
    encoder.set_depth(depth);
    change(&mut encoder);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    file
}

#[test]
fn reads_a_png_of_16_bits() {
    let deep: Vec<u8> = quarters(40, 30)
        .into_iter()
        .flat_map(|sample| [sample, 0x80])
        .collect();
    let file = png(png::ColorType::Rgb, png::BitDepth::Sixteen, &deep, |_| {});
    alike(
        &corners(&processed(&file).variants[0].bytes),
        &[RED, GREEN, BLUE, WHITE],
    );
}

#[test]
fn reads_a_png_of_a_palette_with_a_transparent_color() {
    let indices = quarters_of([[0], [1], [2], [3]], 40, 30);
    let colors = |encoder: &mut png::Encoder<&mut Vec<u8>>| {
        encoder.set_palette([RED, GREEN, BLUE, WHITE].concat());
    };
    let file = png(
        png::ColorType::Indexed,
        png::BitDepth::Eight,
        &indices,
        colors,
    );
    alike(
        &corners(&processed(&file).variants[0].bytes),
        &[RED, GREEN, BLUE, WHITE],
    );

    let file = png(
        png::ColorType::Indexed,
        png::BitDepth::Eight,
        &indices,
        |encoder| {
            colors(encoder);
            encoder.set_trns(vec![255, 255, 255, 0]);
        },
    );
    assert!(processed(&file).variants[0].bytes.starts_with(b"\x89PNG"));
}

/// A VP8L picture out of its file.
fn chunk(file: &[u8]) -> &[u8] {
    &file[12..]
}

#[test]
fn reads_the_first_frame_of_an_animated_webp() {
    let frames: Vec<Vec<u8>> = [quarters(60, 40), WHITE.repeat(60 * 40)]
        .iter()
        .map(|pixels| {
            let file = webp(pixels, 60, 40);
            let place = [0, 0, 0, 0, 0, 0, 59, 0, 0, 39, 0, 0, 100, 0, 0, 0];
            let frame = [&place, chunk(&file)].concat();
            [
                b"ANMF".as_slice(),
                &(frame.len() as u32).to_le_bytes(),
                &frame,
            ]
            .concat()
        })
        .collect();
    let body = [
        b"WEBPVP8X\x0a\0\0\0\x02\0\0\0".as_slice(),
        &[59, 0, 0, 39, 0, 0],
        b"ANIM\x06\0\0\0\0\0\0\0\0\0",
        &frames.concat(),
    ]
    .concat();
    let file = [
        b"RIFF".as_slice(),
        &(body.len() as u32).to_le_bytes(),
        &body,
    ]
    .concat();
    alike(
        &corners(&processed(&file).variants[0].bytes),
        &[RED, GREEN, BLUE, WHITE],
    );
}

#[test]
fn what_is_smaller_already_is_published_as_it_is_without_its_metadata() {
    let noise: Vec<u8> = (0..200 * 160 * 3_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 25) as u8 + 60)
        .collect();
    for preset in [Preset::BaselineBalanced, Preset::ProgressiveBalanced] {
        let encoder = mozjpeg_rs::Encoder::new(preset).quality(40);
        let small = encoder.encode_rgb(&noise, 200, 160).unwrap();
        let upload = with_segment(&small, 0xe1, &exif(1));
        let upload = with_segment(&upload, 0xfe, b"SECRET");
        let upload = [&upload, b"PK\x03\x04SECRET".as_slice()].concat();
        let published = &processed(&upload).variants[0].bytes;
        assert!(pixels(published) == pixels(&small));
        assert!(published.len() <= small.len() + 20);
        assert!(
            !published
                .windows(6)
                .any(|bytes| bytes == b"SECRET" || bytes == b"Exif\0\0")
        );
    }
    // A picture that has to be turned, or whose colors have to be converted, is not.
    let file = with_segment(&jpeg(&noise, 200, 160), 0xe1, &exif(3));
    assert!(pixels(&processed(&file).variants[0].bytes) != pixels(&file));
}
