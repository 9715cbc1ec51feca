//! From an upload to the pictures that the feed needs.
//!
//! One call takes the bytes of an upload and answers with its variants, or with the reason why there are none.
//! What the upload is and what it would cost is read from its header, before a pixel is decoded (`header`, `limits`).
//! Then it is decoded (`decode`), made as small as the largest variant, turned upright, brought to sRGB (`color`), and
//! each variant is cut from that (`resize`) and encoded (`encode`). Published bytes hold pixels only: what the camera
//! wrote is read into the answer (`metadata`) and into nothing else.
//!
//! **The same bytes give the same answer, whatever they are.** Nothing here reads a clock, a file or the network.

#![cfg_attr(
    not(all(feature = "common", feature = "heic")),
    allow(dead_code, reason = "a package has some of the decoders")
)]

mod color;
mod decode;
mod encode;
mod failure;
mod format;
#[cfg(feature = "common")]
mod header;
mod lanes;
mod limits;
mod metadata;
mod orientation;
mod picture;
mod process;
mod resample;
mod resize;
mod segments;
mod stripped;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use encode::Format as VariantFormat;
pub use failure::{Code, Failure};
pub use format::Format;
pub use metadata::{Exif, Location, Options};
pub use process::{Answer, Processed, Variant, process};
