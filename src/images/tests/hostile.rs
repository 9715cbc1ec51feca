//! Files that are broken, mislabelled, or made to cost more than they look.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod pictures;

use mozjpeg_rs::{Preset, Subsampling};
use pictures::{gif, jpeg, jpeg_as, png, processed, quarters, refused, webp, with_segment};
use proptest::prelude::*;
use suplatzigram_images::{Answer, Code, Options, process};

/// One of each kind.
fn files() -> Vec<Vec<u8>> {
    let pixels = quarters(96, 64);
    let clear: Vec<u8> = pixels
        .chunks(3)
        .flat_map(|rgb| [rgb, &[128]].concat())
        .collect();
    vec![
        jpeg(&pixels, 96, 64),
        jpeg_as(
            Preset::ProgressiveBalanced,
            Subsampling::S444,
            &pixels,
            96,
            64,
        ),
        png(png::ColorType::Rgba, &clear, 96, 64),
        webp(&pixels, 96, 64),
        gif(96, 64),
        with_segment(&jpeg(&pixels, 96, 64), 0xe1, &pictures::exif(6)),
        with_restarts(&pixels, jpeg_encoder::ColorType::Rgb),
        with_restarts(&clear, jpeg_encoder::ColorType::CmykAsYcck),
    ]
}

fn with_restarts(pixels: &[u8], color: jpeg_encoder::ColorType) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.set_restart_interval(5);
    encoder.encode(pixels, 96, 64, color).unwrap();
    file
}

#[test]
fn refuses_what_is_no_picture_and_says_what_it_is() {
    for (file, code, word) in [
        (b"".as_slice(), Code::Empty, "empty"),
        (b"hello", Code::UnsupportedFormat, "unknown"),
        (
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            Code::UnsupportedFormat,
            "SVG",
        ),
        (b"\0\0\0\x20ftypavif", Code::UnsupportedFormat, "AVIF"),
        (b"\0\0\0\x20ftypheic", Code::UnsupportedFormat, "HEIC"),
        (b"\0\0\0\x20ftypmp42", Code::UnsupportedFormat, "video"),
        (b"II\x2a\0", Code::UnsupportedFormat, "TIFF"),
        (b"\xff\xd8\xff", Code::Truncated, "header"),
        (b"\x89PNG\r\n\x1a\n", Code::Truncated, "header"),
        (b"GIF89a", Code::Truncated, "header"),
    ] {
        let failure = refused(file);
        assert_eq!(failure.code, code, "{failure:?}");
        assert!(failure.error.contains(word), "{failure:?}");
    }
}

#[test]
fn refuses_too_much_before_decoding() {
    // A frame, and a scan of so many components.
    let jpeg = |kind: u8, width: u16, height: u16, sampling: u8, scanned: u8| {
        let ([a, b], [c, d]) = (height.to_be_bytes(), width.to_be_bytes());
        vec![
            0xff, 0xd8, 0xff, kind, 0, 17, 8, a, b, c, d, 3, 1, sampling, 0, 2, 0x11, 0, 3, 0x11,
            0, 0xff, 0xda, 0, 12, scanned,
        ]
    };
    let mut deep = jpeg(0xc1, 100, 100, 0x11, 3);
    deep[6] = 12;
    let inks = vec![
        0xff, 0xd8, 0xff, 0xc2, 0, 20, 8, 0x0f, 0xa0, 0x0f, 0xa0, 4, 1, 0x11, 0, 2, 0x11, 0, 3,
        0x11, 0, 4, 0x11, 0, 0xff, 0xda, 0, 14, 4,
    ];
    let png = |width: u32, height: u32, interlaced: u8| {
        let start = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice();
        let end = [8, 6, 0, 0, interlaced];
        [start, &width.to_be_bytes(), &height.to_be_bytes(), &end].concat()
    };
    let webp = |width: u16, height: u16| {
        let [a, b] = (width - 1).to_le_bytes();
        let [c, d] = (height - 1).to_le_bytes();
        let start = b"RIFF\xff\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0".as_slice();
        [start, &[a, b, 0, c, d, 0], b"ALPH\0\0\0\0VP8 \x0a\0\0\0"].concat()
    };
    for (file, code) in [
        (vec![0xff; 20_000_001], Code::TooManyBytes),
        (jpeg(0xc0, 65_535, 65_535, 0x11, 3), Code::TooManyPixels),
        (jpeg(0xc0, 8_000, 6_251, 0x22, 3), Code::TooManyPixels),
        (jpeg(0xc2, 5_000, 4_000, 0x22, 3), Code::TooManyPixels),
        (jpeg(0xc0, 5_000, 4_400, 0x11, 1), Code::TooMuchMemory),
        (inks, Code::TooMuchMemory),
        (jpeg(0xc0, 0, 100, 0x11, 3), Code::Corrupt),
        (jpeg(0xc9, 100, 100, 0x11, 3), Code::UnsupportedFormat),
        (deep, Code::UnsupportedFormat),
        (png(u32::MAX, u32::MAX, 0), Code::TooManyPixels),
        (png(6_000, 6_000, 1), Code::TooMuchMemory),
        (webp(4_000, 3_000), Code::TooMuchMemory),
        (b"GIF89a\xff\xff\xff\xff".to_vec(), Code::TooManyPixels),
    ] {
        let failure = refused(&file);
        assert_eq!(failure.code, code, "{failure:?}");
    }
    // What is allowed is looked into, and found to be cut off.
    for file in [
        jpeg(0xc0, 8_000, 6_250, 0x22, 3),
        jpeg(0xc2, 4_000, 4_000, 0x11, 3),
        png(7_000, 7_000, 0),
    ] {
        assert_eq!(refused(&file).code, Code::Truncated);
    }
}

/// Compressed, a picture of one color is a thousandth of its pixels.
#[test]
fn a_bomb_costs_no_more_than_its_header_says() {
    let file = png(
        png::ColorType::Grayscale,
        &vec![0; 4_000 * 4_000],
        4_000,
        4_000,
    );
    assert!(file.len() < 100_000);
    assert_eq!(processed(&file).width, 4_000);
    // The same data under a smaller header: what is too much is not read.
    let mut lies = file;
    lies[16..24].copy_from_slice(&[0, 0, 0, 9, 0, 0, 0, 9]);
    assert_eq!(refused(&lies).code, Code::Corrupt);
}

#[test]
fn refuses_a_file_that_is_cut_off_anywhere() {
    for file in files() {
        // The last bytes are the end mark, without which the picture is whole: in a GIF the second frame as well.
        let end = if file.starts_with(b"GIF") {
            file.len() / 2
        } else {
            file.len() - 12
        };
        for length in (1..end).step_by(7) {
            let failure = refused(&file[..length]);
            let is_cut = matches!(
                failure.code,
                Code::Truncated | Code::Corrupt | Code::UnsupportedFormat
            );
            assert!(is_cut, "{length} of {}: {failure:?}", file.len());
        }
    }
}

/// Planes are made by the colors that the file had before its first scan.
#[test]
fn colors_do_not_change_behind_a_scan() {
    let adobe = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0";
    let pixels = quarters(96, 64);
    let file = jpeg_as(
        Preset::ProgressiveBalanced,
        Subsampling::S420,
        &pixels,
        96,
        64,
    );
    let end = file.len() - 2;
    let changed = [&file[..end], adobe, &file[end..]].concat();
    let (expected, seen) = (processed(&file), processed(&changed));
    // It may be published as it is, without what was added.
    assert_eq!(seen.variants, expected.variants);
}

#[test]
fn a_polyglot_loses_what_it_carries() {
    let carried = b"<script>alert(1)</script>PK\x03\x04";
    let file = [&files()[0], carried.as_slice()].concat();
    for variant in processed(&file).variants {
        assert!(!variant.bytes.windows(7).any(|bytes| bytes == b"<script"));
    }
}

/// An answer or a reason, and nothing larger than what is published.
fn holds(file: Vec<u8>) {
    let options = Options {
        location: true,
        serial_number: true,
        heic: true,
    };
    if let Answer::Processed(processed) = process(file, &options) {
        assert_eq!(processed.variants.len(), 3);
        assert!(
            processed
                .variants
                .iter()
                .all(|variant| variant.width.max(variant.height) <= 2_560)
        );
        assert!(processed.thumbhash.len() <= 40);
    }
}

proptest! {
    #[test]
    fn any_bytes_have_an_answer(start in 0..7_usize, bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let starts: [&[u8]; 7] = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x20\0\0\0\x20", b"GIF89a\x20\0\x20\0",
            b"RIFF\xff\0\0\0WEBPVP8 ", b"RIFF\xff\0\0\0WEBPVP8L", b"RIFF\xff\0\0\0WEBPVP8X"];
        holds([starts[start], &bytes].concat());
    }

    #[test]
    fn a_damaged_jpeg_has_an_answer(file in damaged(b"\xff\xd8")) {
        holds(file);
    }

    #[test]
    fn a_damaged_png_has_an_answer(file in damaged(b"\x89PNG")) {
        holds(file);
    }

    #[test]
    fn a_damaged_webp_has_an_answer(file in damaged(b"RIFF")) {
        holds(file);
    }

    #[test]
    fn a_damaged_gif_has_an_answer(file in damaged(b"GIF")) {
        holds(file);
    }
}

/// Files with that start, of which some bytes were changed and some at the end may be lost.
fn damaged(start: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let files: Vec<_> = files()
        .into_iter()
        .filter(|file| file.starts_with(start))
        .collect();
    let place = any::<prop::sample::Index>;
    let changes = prop::collection::vec((place(), any::<u8>()), 0..8);
    (
        prop::sample::select(files),
        changes,
        prop::option::of(place()),
    )
        .prop_map(|(mut file, changes, end)| {
            for (at, byte) in changes {
                let at = at.index(file.len());
                file[at] = byte;
            }
            if let Some(end) = end {
                file.truncate(end.index(file.len()));
            }
            file
        })
}
