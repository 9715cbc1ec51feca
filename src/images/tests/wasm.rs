//! The JavaScript interface.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod pictures;

use js_sys::{JSON, Object, Reflect, Uint8Array};
use pictures::{exif, jpeg, quarters, with_segment};
use suplatzigram_images::wasm::{JsOptions, memory_bytes, process};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| {
        Reflect::get(&value, &name.into()).unwrap()
    })
}

fn options(json: &str) -> Option<JsOptions> {
    Some(JSON::parse(json).unwrap().unchecked_into())
}

#[wasm_bindgen_test]
fn answers_with_an_object_whose_bytes_are_a_uint8array() {
    let file = with_segment(&jpeg(&quarters(600, 300), 600, 300), 0xe1, &exif(6));
    let answer = process(file, options(r#"{"location":true}"#))
        .ok()
        .unwrap()
        .into();
    assert_eq!(get(&answer, "status"), "processed");
    assert_eq!(get(&answer, "width"), 300);
    assert_eq!(get(&answer, "exif.iso"), 400);
    let latitude = get(&answer, "exif.location.latitude").as_f64().unwrap();
    assert!((latitude - 4.61).abs() < 1e-9, "{latitude}");
    let bytes: Uint8Array = get(&answer, "variants.1.bytes").dyn_into().unwrap();
    assert_eq!((bytes.get_index(0), bytes.get_index(1)), (0xff, 0xd8));
    assert_eq!(get(&answer, "variants.1.type"), "image/jpeg");
    assert!(get(&answer, "thumbhash").is_instance_of::<Uint8Array>());
    assert!(get(&answer, "exif").is_instance_of::<Object>());
    assert!(memory_bytes() > 600 * 300 * 3);
}

#[wasm_bindgen_test]
fn tells_why_an_upload_is_refused() {
    let answer = process(b"hello".to_vec(), None).ok().unwrap().into();
    assert_eq!(get(&answer, "status"), "refused");
    assert_eq!(get(&answer, "code"), "unsupported_format");
    assert!(
        get(&answer, "error")
            .as_string()
            .unwrap()
            .contains("please upload")
    );
}

#[wasm_bindgen_test]
fn refuses_options_that_it_does_not_know() {
    let error: JsValue = process(Vec::new(), options(r#"{"gps":true}"#))
        .err()
        .unwrap()
        .into();
    let message = get(&error, "message").as_string().unwrap();
    assert!(
        message.starts_with("invalid_options: ") && message.contains("gps"),
        "{message}"
    );
}
