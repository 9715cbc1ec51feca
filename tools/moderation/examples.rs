//! What the models learn from.

use std::{env, fs, path::Path};

use suplatzigram_queues::moderation::Reading;

use crate::{
    data::{Labelled, set},
    learn::Example,
};

/// Sentences written for this project, a file for each language and label.
const SENTENCES: &str = "tools/moderation/sentences";

/// Variants of one sentence that are learnt from.
const MAX_VARIANTS: usize = 23;

/// For the model of offence. Tweets that were chosen by offensive words show which words offend, but not how people
/// write: each counts little, and an inoffensive one more, since there are few.
pub(crate) fn offence() -> Vec<Example> {
    let mut examples = examples(&toxicity(), Some("en"), 3.0, 3.0);
    examples.extend(self::examples(&tweets(), Some("en"), 0.1, 0.5));
    let innocent = spam_sets().into_iter().map(|row| Labelled {
        is_positive: false,
        ..row
    });
    examples.extend(self::examples(
        &innocent.collect::<Vec<_>>(),
        Some("en"),
        0.0,
        0.8,
    ));
    for (language, weight) in [("en", 1.0), ("es", 1.5)] {
        let rows = written(language, "offence");
        // Everyday uses of rude words: a moderator's time is worth as much as a missed insult.
        let innocent = 2.0 * weight;
        examples.extend(self::examples(&rows, Some(language), weight, innocent));
    }
    examples
}

/// For the model of spam.
pub(crate) fn spam() -> Vec<Example> {
    let mut examples = examples(&set("spam_en.csv", &["spam"]), Some("en"), 3.0, 3.0);
    examples.extend(self::examples(&messages(), Some("en"), 1.0, 0.5));
    let comments = toxicity().into_iter().map(|row| Labelled {
        is_positive: false,
        ..row
    });
    examples.extend(self::examples(
        &comments.collect::<Vec<_>>(),
        Some("en"),
        0.0,
        1.0,
    ));
    // Links among friends.
    let tweets = tweets().into_iter().step_by(4).map(|row| Labelled {
        is_positive: false,
        ..row
    });
    examples.extend(self::examples(
        &tweets.collect::<Vec<_>>(),
        Some("en"),
        0.0,
        0.2,
    ));
    for (language, weight) in [("en", 1.0), ("es", 1.5)] {
        let rows = written(language, "spam");
        examples.extend(self::examples(&rows, Some(language), weight, weight));
    }
    examples
}

pub(crate) fn examples(
    rows: &[Labelled],
    language: Option<&str>,
    positive: f32,
    negative: f32,
) -> Vec<Example> {
    let example = |row: &Labelled| {
        let mut features = Reading::new(&row.text, language).features().clone();
        // Sums depend on the order of what is added.
        features.text.sort_unstable();
        Example {
            features,
            is_positive: row.is_positive,
            weight: if row.is_positive { positive } else { negative },
        }
    };
    rows.iter().map(example).collect()
}

pub(crate) fn toxicity() -> Vec<Labelled> {
    set("toxicity_en_half.csv", &["toxic"])
}

fn tweets() -> Vec<Labelled> {
    set("offensive_en.csv", &["hate", "offensive"])
}

fn spam_sets() -> Vec<Labelled> {
    let mut rows = set("spam_en.csv", &["spam"]);
    rows.extend(messages());
    rows
}

/// SMS, tab-separated with the label first.
pub(crate) fn messages() -> Vec<Labelled> {
    let folder = env::var("MODERATION_DATA").expect("MODERATION_DATA names the folder of the sets");
    let path = Path::new(&folder).join("spam_collection.csv");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    let rows = lines.into_iter().filter_map(|line| line.split_once('\t'));
    rows.map(|(label, text)| Labelled {
        text: text.to_owned(),
        is_positive: label == "spam",
        part: String::new(),
    })
    .collect()
}

/// Sentences of a language: `<language>.<kind>.txt` has those with the label, `<language>.innocent.txt` the others.
pub(crate) fn written(language: &str, kind: &str) -> Vec<Labelled> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(SENTENCES);
    let mut rows = Vec::new();
    for (name, is_positive) in [(kind, true), ("innocent", false)] {
        let path = folder.join(format!("{language}.{name}.txt"));
        let text = fs::read_to_string(path).unwrap_or_default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let sentences = expand(line);
            let step = sentences.len().div_ceil(MAX_VARIANTS);
            rows.extend(sentences.into_iter().step_by(step).map(|text| Labelled {
                text,
                is_positive,
                part: String::new(),
            }));
        }
    }
    rows
}

/// Every way to choose from the alternatives `[one|other]` of a sentence.
fn expand(sentence: &str) -> Vec<String> {
    let Some((before, rest)) = sentence.split_once('[') else {
        return vec![sentence.to_owned()];
    };
    let (choices, after) = rest.split_once(']').expect("a `[` has its `]`");
    let ends = expand(after);
    let choices = choices.split('|');
    choices
        .flat_map(|choice| ends.iter().map(move |end| [before, choice, end].concat()))
        .collect()
}
