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
            0, 0xff, 0xda, 0, 12, scanned, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
    };
    let mut deep = jpeg(0xc1, 100, 100, 0x11, 3);
    deep[6] = 12;
    let inks = vec![
        0xff, 0xd8, 0xff, 0xc2, 0, 20, 8, 0x0f, 0xa0, 0x0f, 0xa0, 4, 1, 0x11, 0, 2, 0x11, 0, 3,
        0x11, 0, 4, 0x11, 0, 0xff, 0xda, 0, 14, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
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

/// A header of 8 × 8 pixels in front of another picture, in a segment that one reader may skip and another may not.
#[test]
fn the_header_that_is_checked_is_the_one_that_is_decoded() {
    let hidden = jpeg(&quarters(96, 64), 96, 64);
    let small = jpeg(&quarters(8, 8), 8, 8);
    let length = u16::try_from(hidden.len()).unwrap().to_be_bytes();
    let file = |marker: u8| {
        let segment = [&[0xff, marker], &length[..], &hidden[2..]].concat();
        [b"\xff\xd8", &segment[..], &small[2..]].concat()
    };
    assert_eq!(refused(&file(0)).code, Code::Corrupt);
    // A segment of an application is skipped by all.
    assert_eq!(processed(&file(0xe5)).width, 8);
    assert_eq!(processed(&file(0xe5)).variants[0].width, 8);
}

#[test]
fn a_photo_with_a_preview_that_is_cut_off_is_truncated() {
    let pixels = quarters(96, 64);
    let preview = jpeg(&pixels, 96, 64);
    for preset in [Preset::BaselineBalanced, Preset::ProgressiveBalanced] {
        let file = jpeg_as(preset, Subsampling::S420, &pixels, 96, 64);
        let file = with_segment(&file, 0xe1, &preview);
        let failure = refused(&file[..file.len() - 40]);
        assert_eq!(failure.code, Code::Truncated, "{failure:?}");
    }
}

#[test]
fn a_code_that_no_table_has_is_named() {
    let file = jpeg(&quarters(96, 64), 96, 64);
    let scan = file
        .windows(2)
        .position(|pair| pair == b"\xff\xda")
        .unwrap();
    let mut broken = file.clone();
    let end = broken.len() - 2;
    // No table has a code of ones alone.
    broken.splice(scan + 14..end, [0xff, 0].repeat(40));
    let failure = refused(&broken);
    assert_eq!(failure.code, Code::Corrupt);
    assert!(
        failure.error.contains("code that no table has"),
        "{failure:?}"
    );
}

#[test]
fn a_scan_has_each_component_once() {
    let mut file = jpeg(&quarters(96, 64), 96, 64);
    let scan = file
        .windows(2)
        .position(|pair| pair == b"\xff\xda")
        .unwrap();
    file[scan + 7] = file[scan + 5];
    let failure = refused(&file);
    assert!(failure.error.contains("header of a scan"), "{failure:?}");
}

#[test]
fn a_file_of_tables_is_not_read_to_its_end() {
    let file = jpeg(&quarters(96, 64), 96, 64);
    let mut table = vec![0x00, 0, 2];
    table.resize(17, 0);
    table.extend([0, 1]);
    let segment = [&[0xff, 0xc4, 0, 21], &table[..]].concat();
    let with = |count| [&file[..2], &segment.repeat(count), &file[2..]].concat();
    assert_eq!(processed(&with(200)).variants, processed(&file).variants);
    let failure = refused(&with(300));
    assert!(failure.error.contains("too many tables"), "{failure:?}");
}

/// A progressive picture may have more scans, a baseline one is whole with its only one.
#[test]
fn a_file_without_its_end_mark_is_read_if_it_is_whole() {
    let pixels = quarters(96, 64);
    let without_end = |preset| {
        let file = jpeg_as(preset, Subsampling::S420, &pixels, 96, 64);
        file[..file.len() - 2].to_vec()
    };
    assert_eq!(processed(&without_end(Preset::BaselineBalanced)).width, 96);
    let failure = refused(&without_end(Preset::ProgressiveBalanced));
    assert_eq!(failure.code, Code::Truncated);
}

#[test]
fn scans_that_never_end_are_not_read() {
    let pixels = quarters(96, 64);
    let file = jpeg_as(
        Preset::ProgressiveBalanced,
        Subsampling::S420,
        &pixels,
        96,
        64,
    );
    let last = file
        .windows(2)
        .rposition(|pair| pair == b"\xff\xda")
        .unwrap();
    let end = file.len() - 2;
    let repeated = [&file[..end], &file[last..end].repeat(30), &file[end..]].concat();
    let failure = refused(&repeated);
    assert!(failure.error.contains("too many scans"), "{failure:?}");
}

/// A file whose pixels are published as they are holds nothing else.
#[test]
fn what_is_between_the_data_of_a_picture_is_not_published() {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 10);
    encoder.set_restart_interval(4);
    let color = jpeg_encoder::ColorType::Rgb;
    // Noise has fewer bytes here than in what would be made of it.
    let mut random = 1_u32;
    let mut sample = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 24) as u8
    };
    let pixels: Vec<_> = (0..96 * 64).flat_map(|_| [sample(); 3]).collect();
    encoder.encode(&pixels, 96, 64, color).unwrap();
    let original = |file: &[u8]| processed(file).variants.swap_remove(0).bytes;
    let stays = original(&file);
    let scan = |file: &[u8]| {
        file.windows(2)
            .position(|pair| pair == b"\xff\xda")
            .unwrap()
    };
    let data = |file: &[u8]| file[scan(file)..].to_vec();
    assert!(data(&stays) == data(&file), "the pixels do not stay");

    let secret = b"a secret of some length, which takes more room than a byte";
    let end = file.len() - 2;
    let restart = file
        .windows(2)
        .position(|pair| pair == b"\xff\xd0")
        .unwrap();
    let segment = |marker| {
        let length = u16::try_from(secret.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], secret].concat()
    };
    let inserted = |at: usize, bytes: &[u8]| [&file[..at], bytes, &file[at..]].concat();
    for (name, with_secret) in [
        ("before the end", inserted(end, secret)),
        ("before a restart", inserted(restart, secret)),
        ("a table behind the scan", inserted(end, &segment(0xdb))),
        ("another scan", inserted(end, &segment(0xda))),
        ("behind the end", inserted(file.len(), secret)),
        ("in a comment", inserted(2, &segment(0xfe))),
    ] {
        let published = original(&with_secret);
        let is_there = published.windows(8).any(|bytes| bytes == b"a secret");
        assert!(!is_there, "{name}");
    }
    // What says less than its length is refused, as by other decoders.
    for marker in [0xdd, 0xc0] {
        assert_eq!(
            refused(&inserted(2, &segment(marker))).code,
            match marker {
                0xdd => Code::Corrupt,
                _ => Code::UnsupportedFormat,
            }
        );
    }
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
