//! What the models say about comments that they have not seen: docs/moderation.md has the numbers.

use suplatzigram_queues::moderation::Model;

use crate::{
    data::{Labelled, set},
    examples,
    learn::{Example, learn},
};

const FOLDS: usize = 5;

/// Prints the scores of both models at some thresholds.
pub(crate) fn measure(offence_even: f32, spam_even: f32, seed: u64) {
    let toxicity = examples::toxicity();
    let folds: Vec<String> = (0..toxicity.len())
        .map(|n| (n % FOLDS).to_string())
        .collect();
    held_out(
        "offence, comments in five folds",
        &toxicity,
        &folds,
        &examples::offence(),
        (offence_even, seed),
    );
    let whole = vec![String::new(); toxicity.len()];
    held_out(
        "offence, comments never seen",
        &toxicity,
        &whole,
        &examples::offence(),
        (offence_even, seed),
    );
    let spam = set("spam_en.csv", &["spam"]);
    let videos: Vec<String> = spam.iter().map(|row| row.part.clone()).collect();
    held_out(
        "spam, videos never seen",
        &spam,
        &videos,
        &examples::spam(),
        (spam_even, seed),
    );
}

/// Learns once for each part, without it, and judges it. The examples begin with those of `rows`.
fn held_out(
    name: &str,
    rows: &[Labelled],
    parts: &[String],
    examples: &[Example],
    (even, seed): (f32, u64),
) {
    let (own, others) = examples.split_at(rows.len());
    let mut names = parts.to_vec();
    names.sort_unstable();
    names.dedup();
    let mut judged: Vec<(f32, bool)> = Vec::new();
    for part in &names {
        let seen = own.iter().zip(parts).filter(|(_, other)| *other != part);
        let seen: Vec<Example> = others
            .iter()
            .chain(seen.map(|(example, _)| example))
            .cloned()
            .collect();
        let file = learn(&seen, even, seed);
        let model = Model::read(&file).expect("a model has its size");
        let unseen = own.iter().zip(parts).filter(|(_, other)| *other == part);
        judged.extend(
            unseen.map(|(example, _)| (model.probability(&example.features), example.is_positive)),
        );
    }
    for threshold in [0.5, 0.8] {
        let count = |found: bool, is_positive: bool| {
            let is_counted = |(score, label): &&(f32, bool)| {
                (*score >= threshold) == found && *label == is_positive
            };
            judged.iter().filter(is_counted).count() as f32
        };
        let (right, wrong, missed) = (count(true, true), count(true, false), count(false, true));
        println!(
            "{name}, from {threshold}: F1 {:.3}, precision {:.3}, recall {:.3}",
            2.0 * right / (2.0 * right + wrong + missed),
            right / (right + wrong),
            right / (right + missed)
        );
    }
}
