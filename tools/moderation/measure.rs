//! How well comments are judged that were left out of the training: docs/moderation.md has the numbers.

use suplatzigram_queues::moderation::{
    Author, Copies, Model, Reading, ReasonCode, Threshold, Thresholds, Verdict,
};

use crate::{
    data::{Labelled, set},
    examples,
    learn::{Example, Plan, learn},
};

const FOLDS: usize = 5;
/// The models' scores from which comments are counted as found.
const THRESHOLDS: [f32; 2] = [0.5, 0.8];
/// No model says so much.
const NEVER: Threshold = Threshold {
    flag: 2.0,
    reject: 2.0,
};

/// Prints the scores of both models alone, and with the rules.
pub(crate) fn measure(offence: Plan, spam: Plan) {
    let toxicity = examples::toxicity();
    let folds: Vec<String> = (0..toxicity.len())
        .map(|n| (n % FOLDS).to_string())
        .collect();
    let whole = vec![String::new(); toxicity.len()];
    let learnt = examples::offence();
    held_out(
        "comments in five folds",
        &toxicity,
        &folds,
        &learnt,
        offence,
    );
    held_out("comments never seen", &toxicity, &whole, &learnt, offence);
    let comments = set("spam_en.csv", &["spam"]);
    let videos: Vec<String> = comments.iter().map(|row| row.part.clone()).collect();
    held_out(
        "spam, videos never seen",
        &comments,
        &videos,
        &examples::spam(),
        spam,
    );
}

/// Learns once for each part, without it, and judges it. The examples begin with those of `rows`.
fn held_out(name: &str, rows: &[Labelled], parts: &[String], examples: &[Example], plan: Plan) {
    let is_spam = name.starts_with("spam");
    let (own, others) = examples.split_at(rows.len());
    let mut names = parts.to_vec();
    names.sort_unstable();
    names.dedup();
    let mut judged: Vec<Judged> = Vec::new();
    for part in &names {
        let seen = own.iter().zip(parts).filter(|(_, other)| *other != part);
        let seen: Vec<Example> = others
            .iter()
            .chain(seen.map(|(example, _)| example))
            .cloned()
            .collect();
        let file = learn(&seen, plan);
        let model = Model::read(&file).expect("a model has its size");
        let unseen = own.iter().zip(rows).zip(parts);
        let unseen = unseen.filter(|(_, other)| *other == part);
        judged.extend(unseen.map(|((example, row), _)| Judged {
            score: if is_spam && Reading::new(&row.text, Some("en")).is_normal_beside_links(&model)
            {
                0.0
            } else {
                model.probability(&example.features)
            },
            by_rules: is_found_by_rules(&row.text, is_spam),
            is_positive: row.is_positive,
        }));
    }
    for threshold in THRESHOLDS {
        let by_model = |comment: &Judged| comment.score >= threshold;
        print(
            &format!("{name}, model alone from {threshold}"),
            &judged,
            by_model,
        );
    }
    let by_both = |comment: &Judged| comment.by_rules || comment.score >= THRESHOLDS[0];
    print(&format!("{name}, rules or model"), &judged, by_both);
}

/// A comment that was left out.
struct Judged {
    score: f32,
    by_rules: bool,
    is_positive: bool,
}

/// An insult in a comment that is no spam is no mistake of the signals of spam.
fn is_found_by_rules(text: &str, is_spam: bool) -> bool {
    let thresholds = Thresholds {
        offence: NEVER,
        spam: NEVER,
    };
    let reading = Reading::new(text, Some("en"));
    let judgement = reading.judge(Author::default(), Copies::default(), &thresholds);
    let found = judgement.verdict != Verdict::Approved;
    found
        && (!is_spam
            || judgement
                .reasons
                .iter()
                .any(|reason| is_signal_of_spam(reason.code)))
}

fn is_signal_of_spam(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::SpamPhrase
            | ReasonCode::Link
            | ReasonCode::ShortLink
            | ReasonCode::PhoneNumber
            | ReasonCode::EmailAddress
            | ReasonCode::MentionFlood
            | ReasonCode::Repetition
    )
}

fn print(name: &str, judged: &[Judged], is_found: impl Fn(&Judged) -> bool) {
    let count = |found: bool, is_positive: bool| {
        let is_counted =
            |comment: &&Judged| is_found(comment) == found && comment.is_positive == is_positive;
        judged.iter().filter(is_counted).count() as f32
    };
    let (right, wrong, missed) = (count(true, true), count(true, false), count(false, true));
    let passed = count(false, false);
    let f1 = |right: f32| 2.0 * right / (2.0 * right + wrong + missed);
    println!(
        "{name}: F1 {:.3}, macro-F1 {:.3}, precision {:.3}, recall {:.3}",
        f1(right),
        (f1(right) + f1(passed)) / 2.0,
        right / (right + wrong),
        right / (right + missed)
    );
}
