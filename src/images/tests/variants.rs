//! What becomes of an upload.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod pictures;

use mozjpeg_rs::{Encoder, Preset};
use pictures::{
    BLUE, GREEN, RED, WHITE, alike, corners, exif, gif, jpeg, png, processed, processed_with,
    quarters, webp, with_segment,
};
use suplatzigram_images::{Format, Location, Options, VariantFormat};

#[test]
fn a_large_picture_has_three_smaller_variants() {
    let answer = processed(&jpeg(&quarters(3_000, 1_500), 3_000, 1_500));
    let sizes: Vec<_> = answer
        .variants
        .iter()
        .map(|variant| (variant.name, variant.width, variant.height))
        .collect();
    assert_eq!(
        sizes,
        [
            ("original", 2_560, 1_280),
            ("medium", 400, 200),
            ("thumbnail", 100, 100)
        ]
    );
    assert_eq!(
        (answer.format, answer.width, answer.height),
        (Format::Jpeg, 3_000, 1_500)
    );
    for variant in &answer.variants {
        assert_eq!(variant.format, VariantFormat::Jpeg);
        alike(&corners(&variant.bytes), &[RED, GREEN, BLUE, WHITE]);
    }
    let hashed = thumbhash::thumb_hash_to_approximate_aspect_ratio(&answer.thumbhash).unwrap();
    assert!((1.7..2.4).contains(&hashed), "{hashed}");
}

#[test]
fn a_small_picture_grows_in_its_thumbnail_only() {
    let answer = processed(&jpeg(&quarters(64, 32), 64, 32));
    let sizes: Vec<_> = answer
        .variants
        .iter()
        .map(|variant| (variant.width, variant.height))
        .collect();
    assert_eq!(sizes, [(64, 32), (64, 32), (100, 100)]);
}

#[test]
fn a_line_of_pixels_has_variants() {
    for (width, height) in [(1, 1), (5_000, 1), (1, 5_000), (3, 2_600)] {
        let answer = processed(&jpeg(&quarters(width, height), width, height));
        assert_eq!((answer.width, answer.height), (width, height));
        assert!(
            answer
                .variants
                .iter()
                .all(|variant| variant.width > 0 && variant.height > 0)
        );
    }
}

#[test]
fn reads_grey() {
    let grey = [90; 40 * 20];
    let file = Encoder::new(Preset::BaselineBalanced)
        .encode_gray(&grey, 40, 20)
        .unwrap();
    alike(&corners(&processed(&file).variants[0].bytes), &[[90; 3]; 4]);
    let file = png(png::ColorType::Grayscale, &grey, 40, 20);
    alike(&corners(&processed(&file).variants[0].bytes), &[[90; 3]; 4]);
}

#[test]
fn turns_a_picture_upright_for_each_orientation() {
    let file = jpeg(&quarters(200, 100), 200, 100);
    // Where the stored quarters are seen, by the definition of EXIF.
    for (orientation, seen) in [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (4, [BLUE, WHITE, RED, GREEN]),
        (5, [RED, BLUE, GREEN, WHITE]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (7, [WHITE, GREEN, BLUE, RED]),
        (8, [GREEN, WHITE, RED, BLUE]),
        (0, [RED, GREEN, BLUE, WHITE]),
        (9, [RED, GREEN, BLUE, WHITE]),
    ] {
        let answer = processed(&with_segment(&file, 0xe1, &exif(orientation)));
        let size = if (5..=8).contains(&orientation) {
            (100, 200)
        } else {
            (200, 100)
        };
        assert_eq!((answer.width, answer.height), size);
        for variant in &answer.variants {
            alike(&corners(&variant.bytes), &seen);
        }
        assert_eq!((answer.variants[0].width, answer.variants[0].height), size);
    }
}

#[test]
fn keeps_transparency_only_where_there_is_some() {
    let solid: Vec<u8> = quarters(40, 40)
        .chunks(3)
        .flat_map(|rgb| [rgb, &[255]].concat())
        .collect();
    let answer = processed(&png(png::ColorType::Rgba, &solid, 40, 40));
    assert!(
        answer
            .variants
            .iter()
            .all(|variant| variant.format == VariantFormat::Jpeg)
    );

    let mut clear = solid;
    clear[3] = 0;
    let answer = processed(&png(png::ColorType::Rgba, &clear, 40, 40));
    assert!(
        answer
            .variants
            .iter()
            .all(|variant| variant.format == VariantFormat::Png)
    );
    let mut reader = png::Decoder::new(std::io::Cursor::new(&answer.variants[0].bytes[..]))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    assert_eq!((pixels[3], pixels[7]), (0, 255));
}

#[test]
fn the_color_of_what_is_transparent_is_not_seen_in_a_smaller_picture() {
    // Columns of opaque green and of red that is not seen.
    let columns = [[30, 180, 40, 255], [200, 30, 30, 0]].concat();
    let file = png(png::ColorType::Rgba, &columns.repeat(1_500 * 4), 3_000, 4);
    let answer = processed(&file);
    let mut reader = png::Decoder::new(std::io::Cursor::new(&answer.variants[0].bytes[..]))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let seen = pixels
        .chunks(4)
        .filter(|pixel| pixel[3] > 128)
        .map(|pixel| [pixel[0], pixel[1], pixel[2]]);
    let seen: Vec<_> = seen.collect();
    assert!(seen.len() > 100);
    alike(&seen, &vec![GREEN; seen.len()]);
}

#[test]
fn reads_webp_and_the_first_frame_of_a_gif() {
    let answer = processed(&webp(&quarters(60, 40), 60, 40));
    assert_eq!(answer.format, Format::Webp);
    alike(
        &corners(&answer.variants[0].bytes),
        &[RED, GREEN, BLUE, WHITE],
    );

    let answer = processed(&gif(60, 40));
    assert_eq!(answer.format, Format::Gif);
    alike(&corners(&answer.variants[0].bytes), &[RED, RED, BLUE, BLUE]);
}

#[test]
fn converts_display_p3_to_srgb() {
    // The red of sRGB in the numbers of Display P3.
    let file = jpeg(&[234, 51, 35].repeat(64 * 64), 64, 64);
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let file = with_segment(
        &file,
        0xe2,
        &[b"ICC_PROFILE\0\x01\x01", &profile[..]].concat(),
    );
    let answer = processed(&file);
    alike(&corners(&answer.variants[0].bytes), &[[255, 0, 0]; 4]);
    assert!(answer.color.starts_with("#f"), "{}", answer.color);
}

#[test]
fn ignores_a_broken_profile() {
    let file = with_segment(
        &jpeg(&quarters(64, 64), 64, 64),
        0xe2,
        b"ICC_PROFILE\0\x01\x01nonsense",
    );
    alike(
        &corners(&processed(&file).variants[0].bytes),
        &[RED, GREEN, BLUE, WHITE],
    );
}

#[test]
fn names_the_dominant_color() {
    let mut pixels = RED.repeat(100 * 100);
    pixels[..3 * 100 * 20].copy_from_slice(&BLUE.repeat(100 * 20));
    assert_eq!(
        processed(&png(png::ColorType::Rgb, &pixels, 100, 100)).color,
        "#c81e1e"
    );
}

#[test]
fn tells_how_a_picture_was_taken_and_where_only_if_asked() {
    let file = with_segment(&jpeg(&quarters(64, 64), 64, 64), 0xe1, &exif(1));
    let told = processed(&file).exif;
    assert_eq!(told.make.as_deref(), Some("Maker"));
    assert_eq!(told.model.as_deref(), Some("Camera 3000"));
    assert_eq!(
        (told.exposure_secs, told.f_number, told.iso),
        (Some(0.008), Some(1.8), Some(400))
    );
    assert_eq!(told.taken_at.as_deref(), Some("2026-07-04T12:30:05-05:00"));
    // A division by zero.
    assert_eq!(told.focal_length_mm, None);
    assert_eq!((told.location, told.serial_number), (None, None));

    let options = Options {
        location: true,
        serial_number: true,
        heic: false,
    };
    let told = processed_with(&file, &options).exif;
    let Location {
        latitude,
        longitude,
    } = told.location.unwrap();
    assert!(
        (latitude - 4.61).abs() < 1e-9 && (longitude + 74.08).abs() < 1e-9,
        "{latitude} {longitude}"
    );
    assert_eq!(told.serial_number.as_deref(), Some("SN-12345"));
}

#[test]
fn publishes_no_metadata() {
    let file = with_segment(&jpeg(&quarters(300, 300), 300, 300), 0xe1, &exif(6));
    let file = with_segment(
        &file,
        0xe1,
        b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET</x:xmpmeta>",
    );
    let file = with_segment(&file, 0xfe, b"a comment");
    let options = Options {
        location: true,
        serial_number: true,
        heic: false,
    };
    for variant in processed_with(&file, &options).variants {
        let mut at = 2;
        // JFIF, tables, the frame; then the first scan.
        while variant.bytes[at + 1] != 0xda {
            let marker = variant.bytes[at + 1];
            assert!(
                matches!(marker, 0xe0 | 0xdb | 0xc0 | 0xc2 | 0xc4),
                "{marker:x} in {}",
                variant.name
            );
            at += 2 + usize::from(u16::from_be_bytes([
                variant.bytes[at + 2],
                variant.bytes[at + 3],
            ]));
        }
    }
    let clear = png(png::ColorType::Rgba, &[9, 9, 9, 9].repeat(100), 10, 10);
    for variant in processed(&clear).variants {
        let mut at = 8;
        while at < variant.bytes.len() {
            let chunk = &variant.bytes[at + 4..at + 8];
            assert!(
                [b"IHDR", b"IDAT", b"IEND"]
                    .iter()
                    .any(|known| *known == chunk),
                "{chunk:?}"
            );
            at += 12 + u32::from_be_bytes(variant.bytes[at..at + 4].try_into().unwrap()) as usize;
        }
    }
}

#[test]
fn the_same_upload_has_the_same_variants() {
    let file = jpeg(&quarters(500, 300), 500, 300);
    assert_eq!(processed(&file), processed(&file));
}
