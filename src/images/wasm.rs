//! The JavaScript interface: one call, with objects whose bytes are `Uint8Array`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::value::MapDeserializer};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::metadata::Options;

#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = r#"
/** What is asked for; nothing by default. */
export interface Options {
  /** Where the picture was taken. */
  readonly location?: boolean;
  /** The serial number of the camera. */
  readonly serial_number?: boolean;
  /** Whether HEIC is read. */
  readonly heic?: boolean;
}

/** A file to publish. */
export interface Variant {
  name: "original" | "medium" | "thumbnail";
  type: "image/jpeg" | "image/png";
  width: number;
  height: number;
  bytes: Uint8Array;
}

/** How the picture was taken, as far as the camera says. */
export interface Exif {
  make?: string;
  model?: string;
  lens?: string;
  exposure_secs?: number;
  f_number?: number;
  iso?: number;
  focal_length_mm?: number;
  /** ISO 8601, without an offset if the camera knew none. */
  taken_at?: string;
  location?: { latitude: number; longitude: number };
  serial_number?: string;
}

export interface Processed {
  status: "processed";
  format: "jpeg" | "png" | "webp" | "gif" | "heic";
  /** Of the upload, upright. */
  width: number;
  height: number;
  /** The most frequent color, as `#rrggbb`. */
  color: string;
  thumbhash: Uint8Array;
  exif: Exif;
  variants: Variant[];
}

/** The upload cannot have variants, now or later. */
export interface Refused {
  status: "refused";
  code:
    | "empty"
    | "too_many_bytes"
    | "too_many_pixels"
    | "too_much_memory"
    | "unsupported_format"
    | "unsupported_color"
    | "truncated"
    | "corrupt"
    | "not_encoded";
  error: string;
}

/** The package `heic` processes it. That one never answers this. */
export interface Heic {
  status: "heic";
}

export type Answer = Processed | Refused | Heic;
"#;

#[wasm_bindgen]
extern "C" {
    /// See `Options` in the TypeScript section.
    #[wasm_bindgen(typescript_type = "Options")]
    pub type JsOptions;

    /// See `Answer` in the TypeScript section.
    #[wasm_bindgen(typescript_type = "Answer")]
    pub type JsAnswer;
}

/// Processes an upload. A trap (`WebAssembly.RuntimeError`) means that it took more memory than there is, or met a
/// fault of a decoder: the module cannot be used again then, and the upload is at fault.
///
/// # Errors
/// Throws an `Error` if the options are not as described.
#[wasm_bindgen]
pub fn process(upload: Vec<u8>, options: Option<JsOptions>) -> Result<JsAnswer, JsError> {
    let options = match options {
        Some(options) => {
            read(options).map_err(|error| JsError::new(&format!("invalid_options: {error}")))?
        }
        None => Options::default(),
    };
    let answer = crate::process::process(upload, &options);
    // `json_compatible()` would turn bytes into arrays of numbers.
    let answer = answer
        .serialize(&Serializer::new().serialize_maps_as_objects(true))
        .map_err(|error| JsError::new(&error.to_string()))?;
    Ok(answer.unchecked_into())
}

/// By way of a map: asked for a structure, the deserializer looks at its fields only, and misses what is misspelled.
fn read(options: JsOptions) -> Result<Options, serde_wasm_bindgen::Error> {
    let given: BTreeMap<String, Option<bool>> = serde_wasm_bindgen::from_value(options.into())?;
    let set = given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    Options::deserialize(MapDeserializer::new(set))
}

/// The bytes of memory that this module holds. It never gives any back.
#[must_use]
#[wasm_bindgen(js_name = memoryBytes)]
pub fn memory_bytes() -> usize {
    core::arch::wasm32::memory_size(0) * 65_536
}
