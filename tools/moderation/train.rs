//! Trains the models of src/moderation/models from labelled comments:
//!
//! ```text
//! MODERATION_DATA=<folder> cargo run --release --example train_moderation
//! ```
//!
//! With `-- measure` it writes nothing, and prints how well comments are judged that were left out of the training.
//! docs/moderation.md names the sets in the folder.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a tool stops at what it does not expect"
)]

mod data;
mod examples;
mod learn;
mod measure;

use std::{fs, path::Path};

const SEED: u64 = 13;
/// Where F1 is best for comments that were left out of the training.
const OFFENCE_EVEN: f32 = 0.17;
const SPAM_EVEN: f32 = 0.4;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("measure") {
        measure::measure(OFFENCE_EVEN, SPAM_EVEN, SEED);
        return;
    }
    for (name, examples, even) in [
        ("offence", examples::offence(), OFFENCE_EVEN),
        ("spam", examples::spam(), SPAM_EVEN),
    ] {
        let file = learn::learn(&examples, even, SEED);
        let path = format!("src/moderation/models/{name}.bin");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        fs::write(&path, &file).expect("src/moderation/models can be written");
        println!("{name}: {} examples, {} bytes", examples.len(), file.len());
    }
}
