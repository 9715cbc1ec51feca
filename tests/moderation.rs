//! What holds for the moderation of any comment.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use suplatzigram_queues::moderation::{
    Author, Copies, Judgement, Reading, Threshold, Thresholds, Verdict, readings,
};

/// As docs/moderation.md recommends them.
const THRESHOLDS: Thresholds = Thresholds {
    offence: Threshold {
        flag: 0.5,
        reject: 0.8,
    },
    spam: Threshold {
        flag: 0.5,
        reject: 0.8,
    },
};

fn judge(text: &str) -> Judgement {
    Reading::new(text, None).judge(Author::default(), Copies::default(), &THRESHOLDS)
}

/// Text of the kinds that hide something: stretched and spaced letters, symbols, marks, controls, emoji.
fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("f u c k".to_owned()),
        Just("p.u.t.a".to_owned()),
        Just("a$$".to_owned()),
        Just("sh1t".to_owned()),
        Just("@ann".to_owned()),
        Just(" ".to_owned()),
        Just("*".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("e\u{301}\u{302}\u{303}\u{304}".to_owned()),
        Just("👨\u{200d}👩\u{200d}👧".to_owned()),
        "[a-cA-C13$!@(|+*. ]{0,12}",
        "\\PC{0,6}",
        any::<String>(),
        "[aeñ]{3,9}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn both_readings_are_idempotent(text in hostile_text()) {
        let [written, meant] = readings(&text);
        prop_assert_eq!(&readings(&written)[0], &written);
        prop_assert_eq!(&readings(&meant)[1], &meant);
    }

    #[test]
    fn any_text_gets_an_answer(text in hostile_text(), hint in proptest::option::of("\\PC{0,4}")) {
        let reading = Reading::new(&text, hint.as_deref());
        let judgement = reading.judge(Author::default(), Copies::default(), &THRESHOLDS);
        prop_assert!(judgement.reasons.len() <= 8);
        prop_assert_eq!(judgement.reasons.is_empty(), judgement.verdict == Verdict::Approved);
        for score in [judgement.scores.offence, judgement.scores.spam] {
            prop_assert!((0.0..=1.0).contains(&score));
        }
    }

    /// The models' features are what grows with a text; the readings feed all other stages.
    #[test]
    fn the_work_is_linear_in_the_length(text in hostile_text(), times in 1..50_usize) {
        let text = text.repeat(times);
        let [written, meant] = readings(&text);
        prop_assert!(written.len() <= 18 * text.len());
        prop_assert!(meant.len() <= 2 * written.len() + 2);
        prop_assert!(Reading::new(&text, None).steps() <= 8 * (written.len() + meant.len()) + 16);
    }
}

#[test]
fn no_innocent_comment_is_rejected() {
    let comments = include_str!("moderation/innocent.txt");
    let rejected: Vec<(&str, Judgement)> = comments
        .lines()
        .map(|comment| (comment, judge(comment)))
        .filter(|(_, judgement)| judgement.verdict == Verdict::Rejected)
        .collect();
    assert!(comments.lines().count() >= 100);
    assert!(rejected.is_empty(), "{rejected:#?}");
    let flagged: Vec<&str> = comments
        .lines()
        .filter(|comment| judge(comment).verdict == Verdict::Flagged)
        .collect();
    assert!(
        flagged.len() * 10 <= comments.lines().count(),
        "{flagged:#?}"
    );
}

#[test]
fn hidden_words_are_found() {
    for text in [
        "f u c k   y o u",
        "F\u{200b}u\u{202e}c\u{2060}k you",
        "ｆｕｃｋ ｙｏｕ",
        "fuuuuuuck you",
        "fuсk yоu",
        "hij0s de put4",
        "h.i.j.o.s de p.u.t.a",
        "HÍJÓS DÈ PÜTÄ",
        "vete a la mi3rd4",
    ] {
        assert_eq!(judge(text).verdict, Verdict::Rejected, "{text}");
    }
}

/// Spellings that users of other filters report as missed.
#[test]
fn spellings_that_other_filters_miss_are_found() {
    for text in [
        "fuuck", "fuckkkk", "sh|t", "tw@t", "b1tch", "sh1t", "k1k3", "mindfuck", "a$$hole",
        "f.u.c.k",
    ] {
        assert_ne!(judge(text).verdict, Verdict::Approved, "{text}");
    }
}

#[test]
fn hostile_text_is_answered_like_any_other() {
    for (text, is_clean) in [
        (String::new(), true),
        ("\0\0\0".to_owned(), true),
        ("\u{fffd}\u{fffd}".to_owned(), true),
        ("<script>alert('x')</script>".to_owned(), true),
        ("'; drop table comments; --".to_owned(), true),
        ("👍🏽".repeat(12), true),
        ("@ann ".repeat(10_000), false),
        ("a".repeat(1_000_000), false),
        ("a".repeat(5_000) + "!", false),
        (format!("z{}algo", "\u{301}\u{489}".repeat(3_000)), true),
        ("\u{202e}".repeat(10_000), true),
        ("((((((((((".repeat(1_000), false),
        ("a@".repeat(5_000), false),
        ("http://".repeat(1_000), true),
        ("fuck".repeat(2_500), false),
    ] {
        let start: String = text.chars().take(20).collect();
        let approved = judge(&text).verdict == Verdict::Approved;
        assert_eq!(approved, is_clean, "{start:?}");
    }
}

/// With their inflections, spellings and masks.
/// A model that objects to nothing but the link says what the rule says.
#[test]
fn a_link_alone_is_one_signal() {
    for (text, verdict) in [
        ("https://example.com", Verdict::Flagged),
        ("nice! www.example.com", Verdict::Flagged),
        (
            "Just a stunning view of the whole bridge in the morning fog: https://example.com",
            Verdict::Approved,
        ),
        (
            "Win a free prize now!! Send CASH to claim 1000 pounds today, txt WIN to this number, cost 150p a min, visit www.example.com",
            Verdict::Rejected,
        ),
        // Hidden links are no accident.
        (
            "Just a stunning view of the whole bridge in the morning fog: bit.ly/2xyz",
            Verdict::Flagged,
        ),
    ] {
        let judgement = judge(text);
        assert_eq!(judgement.verdict, verdict, "{text}: {judgement:?}");
    }
}

#[test]
fn spanish_insults_are_found() {
    let comments = include_str!("moderation/offensive.es.txt");
    let approved: Vec<&str> = comments
        .lines()
        .filter(|comment| judge(comment).verdict == Verdict::Approved)
        .collect();
    assert!(approved.is_empty(), "{approved:#?}");
}
