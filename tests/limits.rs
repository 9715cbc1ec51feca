//! Limits that two places need, held together.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use suplatzigram_queues::{
    base::Timestamp,
    engine::{HEARTBEAT_SECS, Limits},
    notify::Environment,
    queues::Queue,
    work::Consumer,
};

/// The number that follows a piece of text in a file of the repository.
fn number_after(file: &str, text: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = fs::read_to_string(path).unwrap();
    let (_, rest) = source.split_once(text).unwrap();
    let digits = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '_');
    let digits: String = digits.filter(|c| *c != '_').collect();
    digits.parse().unwrap()
}

/// The producer checks session ids so that its caller gets the error. The core checks them because other
/// producers may not.
#[test]
fn producer_and_core_accept_the_same_session_ids() {
    let max_chars = number_after(
        "supabase/schemas/00_platform/30_input.sql",
        "length(p_session_id) > ",
    );
    let is_accepted = |chars: usize| {
        let body = serde_json::json!({
            "event_type": "like", "event_value": 1, "new_like_count": 1,
            "post_id": "00000000-0000-4000-8000-000000000001",
            "liker_session_id": "é".repeat(chars),
            "timestamp": "2026-11-23T11:00:00Z",
        });
        let environment = Environment::default();
        let consumer = Queue::LikeEvents.consumer(&environment);
        let now = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
        let handler = consumer.open(now, None).unwrap();
        handler.handle(&body.to_string()).is_ok()
    };
    assert!(is_accepted(max_chars));
    assert!(!is_accepted(max_chars + 1));
}

/// The producer refuses longer comments so that its caller gets the answer, the tables whatever is written otherwise. The
/// core reads more than there can be.
#[test]
fn comments_have_one_length() {
    let max_chars = number_after(
        "supabase/schemas/45_comments/34_body.sql",
        "c_chars constant integer := ",
    );
    for (file, text) in [
        (
            "supabase/schemas/45_comments/30_comments.sql",
            "check (length(body) between 1 and ",
        ),
        (
            "supabase/schemas/46_moderation/10_log.sql",
            "check (length(body) <= ",
        ),
    ] {
        assert_eq!(number_after(file, text), max_chars, "{file}");
    }
    let read = number_after("src/moderation/mod.rs", "const MAX_CHARS: usize = ");
    assert!(read >= max_chars);
}

/// The database gives a worker's place to another one after three heartbeats.
#[test]
fn a_place_is_free_after_three_missed_heartbeats() {
    let silent_secs = number_after(
        "supabase/schemas/20_engine/40_runs.sql",
        "c_silent constant interval := interval '",
    );
    assert_eq!(silent_secs, 3 * HEARTBEAT_SECS as usize);
}

/// The core refuses an upload of known size before it is downloaded, the module any other.
#[test]
fn core_module_and_bucket_accept_uploads_of_the_same_size() {
    let max_bytes = number_after("src/images/limits.rs", "MAX_UPLOAD_BYTES: usize = ");
    assert_eq!(
        number_after(
            "src/queues/image_processing/job.rs",
            "MAX_UPLOAD_BYTES: u64 = "
        ),
        max_bytes
    );
    assert_eq!(
        number_after(
            "supabase/schemas/44_images/52_storage_trigger.sql",
            "v_settings.uploads_bucket, v_settings.uploads_bucket, false, "
        ),
        max_bytes
    );
}

/// A download and the uploads after it are over before another worker may claim the message.
#[test]
fn the_lease_of_a_picture_outlasts_its_requests_to_storage() {
    let request_secs = number_after("src/queues/image_processing/job.rs", "Duration::from_secs(");
    let lease_secs = number_after(
        "supabase/migrations/20261125100416_images_data.sql",
        "values ('image_processing', ",
    );
    assert!(2 * request_secs + 30 <= lease_secs);
}

/// `wake` calls no second worker for a while, so an idle run must poll for longer than that.
#[test]
fn an_idle_run_polls_longer_than_the_pause_between_calls() {
    let pause_secs = number_after(
        "supabase/schemas/30_dispatch/40_wake.sql",
        "v_now - interval '",
    );
    assert!(Limits::IDLE_WAIT_MS as usize > pause_secs * 1_000);
}
