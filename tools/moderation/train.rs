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

use learn::Plan;

/// Chosen for comments that were left out of the training.
const OFFENCE: Plan = Plan {
    even: 0.15,
    sure: 0.57,
    cut: 0.000_35,
    seed: 13,
};
const SPAM: Plan = Plan {
    even: 0.36,
    sure: 0.69,
    cut: 0.006,
    seed: 13,
};

fn main() {
    if std::env::args().nth(1).as_deref() == Some("measure") {
        measure::measure(OFFENCE, SPAM);
        return;
    }
    for (name, examples, plan) in [
        ("offence", examples::offence(), OFFENCE),
        ("spam", examples::spam(), SPAM),
    ] {
        let file = learn::learn(&examples, plan);
        let path = format!("src/moderation/models/{name}.bin");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        fs::write(&path, &file).expect("src/moderation/models can be written");
        println!("{name}: {} examples, {} bytes", examples.len(), file.len());
    }
}
