//! HEIC: tiles, the way up, colors, opacity, what the camera wrote, and files made to cost too much.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod pictures;

use pictures::{
    BLUE, GREEN, RED, WHITE, alike, corners, exif,
    heic::{
        BLUE_TILE, GREEN_TILE, HALF_TILE, Heic, RED_TILE, SIDE, WHITE_TILE, clap, icc, imir, irot,
        nclx,
    },
    processed_with, refused,
};
use suplatzigram_images::{Answer, Code, Failure, Format, Options, Processed, process};

const READ: Options = Options {
    location: false,
    serial_number: false,
    heic: true,
};

fn processed(heic: &Heic) -> Processed {
    processed_with(&heic.file(), &READ)
}

fn refused_heic(file: Vec<u8>) -> Failure {
    match process(file, &READ) {
        Answer::Refused(failure) => failure,
        answer @ (Answer::Processed(_) | Answer::Heic) => panic!("{answer:?}"),
    }
}

fn original(heic: &Heic) -> Vec<u8> {
    processed(heic).variants[0].bytes.to_vec()
}

/// What is uploaded in `tests/e2e`.
#[test]
fn the_file_of_the_other_tests_is_one_of_these() {
    let tiff = exif(6)[6..].to_vec();
    let heic = Heic {
        exif: Some(&tiff),
        ..Heic::default()
    };
    assert!(heic.file() == include_bytes!("../../../tests/images/quarters.heic"));
}

#[test]
fn is_read_only_where_somebody_has_decided_so() {
    let failure = refused(&Heic::default().file());
    assert_eq!(failure.code, Code::UnsupportedFormat);
    assert!(
        failure.error.contains("HEIC") && failure.error.contains("JPEG"),
        "{failure:?}"
    );
    assert_eq!(processed(&Heic::default()).format, Format::Heic);
}

#[test]
fn puts_tiles_together_and_leaves_out_what_is_beyond_the_edge() {
    for (width, height) in [(128, 128), (101, 97), (65, 65)] {
        let heic = Heic {
            width,
            height,
            ..Heic::default()
        };
        let processed = processed(&heic);
        assert_eq!((processed.width, processed.height), (width, height));
        let variants: Vec<_> = processed
            .variants
            .iter()
            .map(|variant| (variant.width, variant.height))
            .collect();
        assert_eq!(variants, [(width, height), (width, height), (100, 100)]);
        if width > 70 {
            alike(
                &corners(&processed.variants[0].bytes),
                &[RED, GREEN, BLUE, WHITE],
            );
        }
    }
    let tile = Heic {
        tiles: &[BLUE_TILE],
        columns: 1,
        width: SIDE,
        height: SIDE,
        ..Heic::default()
    };
    alike(&corners(&original(&tile)), &[BLUE; 4]);
}

#[test]
fn turns_it_as_the_container_says_whatever_the_camera_wrote() {
    let tiff = &exif(3)[6..];
    for (properties, expected) in [
        (vec![], [RED, GREEN, BLUE, WHITE]),
        (vec![irot(1)], [GREEN, WHITE, RED, BLUE]),
        (vec![irot(2)], [WHITE, BLUE, GREEN, RED]),
        (vec![irot(3)], [BLUE, RED, WHITE, GREEN]),
        (vec![imir(1)], [GREEN, RED, WHITE, BLUE]),
        (vec![imir(0)], [BLUE, WHITE, RED, GREEN]),
        (vec![irot(1), imir(1)], [WHITE, GREEN, BLUE, RED]),
        (vec![irot(1), imir(0)], [RED, BLUE, GREEN, WHITE]),
        (vec![imir(1), irot(1)], [RED, BLUE, GREEN, WHITE]),
        (vec![irot(3), irot(3), irot(2)], [RED, GREEN, BLUE, WHITE]),
    ] {
        let heic = Heic {
            properties,
            exif: Some(tiff),
            ..Heic::default()
        };
        alike(&corners(&original(&heic)), &expected);
    }
}

#[test]
fn cuts_what_the_container_does_not_show() {
    let heic = Heic {
        tiles: &[WHITE_TILE, RED_TILE, WHITE_TILE],
        columns: 3,
        width: 3 * SIDE,
        height: SIDE,
        properties: vec![clap(40, 60), irot(1)],
        ..Heic::default()
    };
    let processed = processed(&heic);
    assert_eq!((processed.width, processed.height), (60, 40));
    alike(&corners(&processed.variants[0].bytes), &[RED; 4]);
    // Cut behind a turn, and larger than it is.
    for (properties, code) in [
        (vec![irot(1), clap(40, 60)], Code::UnsupportedFormat),
        (vec![clap(400, 60)], Code::Corrupt),
    ] {
        let heic = Heic {
            properties,
            ..heic.clone()
        };
        assert_eq!(refused_heic(heic.file()).code, code);
    }
}

#[test]
fn converts_to_srgb() {
    let with = |properties| {
        original(&Heic {
            properties,
            ..Heic::default()
        })
    };
    // Other sums for brightness: the colors of the same samples are others.
    let seen = corners(&with(vec![nclx(1, 13, 1, true)]));
    alike(&seen, &[[215, 47, 27], [18, 157, 36], [27, 48, 207], WHITE]);
    // The samples of video: black is 16, white 235.
    let seen = corners(&with(vec![nclx(1, 13, 6, false)]));
    alike(
        &seen,
        &[[212, 18, 17], [18, 190, 29], [17, 28, 212], [255, 255, 255]],
    );
    // Of other primaries, with and without a profile.
    let display_p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let seen = corners(&with(vec![nclx(12, 13, 6, true)]));
    alike(
        &corners(&with(vec![icc(&display_p3), nclx(2, 2, 6, true)])),
        &seen,
    );
    alike(&seen, &[[219, 0, 18], [0, 182, 0], [22, 41, 207], WHITE]);
    for properties in [nclx(9, 16, 9, true), nclx(1, 13, 0, true)] {
        let heic = Heic {
            properties: vec![properties],
            ..Heic::default()
        };
        assert_eq!(refused_heic(heic.file()).code, Code::UnsupportedColor);
    }
}

#[test]
fn keeps_opacity() {
    let heic = Heic {
        opacity: Some(HALF_TILE),
        ..Heic::default()
    };
    let variant = &processed(&heic).variants[0];
    let mut reader = png::Decoder::new(std::io::Cursor::new(variant.bytes.to_vec()))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let [r, g, b, opacity] = pixels[..4] else {
        panic!()
    };
    alike(&[[r, g, b], [opacity; 3]], &[RED, [128; 3]]);
}

#[test]
fn tells_what_the_camera_wrote_by_the_same_list_and_publishes_none_of_it() {
    let tiff = &exif(6)[6..];
    let heic = Heic {
        exif: Some(tiff),
        ..Heic::default()
    };
    let told = processed(&heic);
    assert_eq!(told.exif.model.as_deref(), Some("Camera 3000"));
    assert_eq!((told.exif.location, told.exif.serial_number), (None, None));
    let options = Options {
        location: true,
        ..READ
    };
    let told = processed_with(&heic.file(), &options);
    assert!(told.exif.location.is_some());
    for variant in told.variants {
        assert!(
            !variant
                .bytes
                .windows(4)
                .any(|bytes| bytes == b"Exif" || bytes == b"MAKE")
        );
    }
}

#[test]
fn refuses_too_much_before_decoding() {
    let tiles = [GREEN_TILE; 600];
    for (heic, code) in [
        (
            Heic {
                width: 4_001,
                height: 4_000,
                ..Heic::default()
            },
            Code::TooManyPixels,
        ),
        (
            Heic {
                width: u32::MAX,
                height: u32::MAX,
                ..Heic::default()
            },
            Code::TooManyPixels,
        ),
        (
            Heic {
                tiles: &tiles,
                columns: 30,
                ..Heic::default()
            },
            Code::TooMuchMemory,
        ),
        // Each may go through all of its tile.
        (
            Heic {
                slices: 5_000,
                ..Heic::default()
            },
            Code::TooManyPixels,
        ),
        // The tiles are smaller than what they should cover.
        (
            Heic {
                width: 1_000,
                ..Heic::default()
            },
            Code::Corrupt,
        ),
        (
            Heic {
                height: 1_000,
                ..Heic::default()
            },
            Code::Corrupt,
        ),
        (
            Heic {
                width: 0,
                ..Heic::default()
            },
            Code::Corrupt,
        ),
    ] {
        let failure = refused_heic(heic.file());
        assert_eq!(failure.code, code, "{failure:?}");
    }
    // The coded picture is larger than the container says: its parameter set has 16,384 pixels to each side.
    let mut file = Heic::default().file();
    let sides = [0xa0, 0x20, 0x81, 0x05];
    let at = file.windows(4).position(|bytes| bytes == sides).unwrap();
    file[at..at + 4].copy_from_slice(&[0xa0, 0x00, 0x08, 0x00]);
    let failure = refused_heic(file);
    assert!(
        matches!(
            failure.code,
            Code::TooManyPixels | Code::TooMuchMemory | Code::Corrupt
        ),
        "{failure:?}"
    );
}

#[test]
fn refuses_a_file_that_is_cut_off_anywhere() {
    let file = Heic {
        exif: Some(&exif(1)[6..]),
        ..Heic::default()
    }
    .file();
    // What the camera wrote is the last.
    let end = file.len() - exif(1).len() - 4;
    for length in 1..end {
        let failure = refused_heic(file[..length].to_vec());
        let is_cut = matches!(
            failure.code,
            Code::Truncated | Code::Corrupt | Code::UnsupportedFormat
        );
        assert!(is_cut, "{length} of {}: {failure:?}", file.len());
    }
}
