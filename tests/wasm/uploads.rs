//! The package `uploads`.

use suplatzigram_queues::wasm::{JsHost, drain};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{RUN, calls, scripted};

/// A claim of one picture, with others behind it.
const IMAGES: &str = r#"{"now":"2026-11-29T12:00:00Z","backlog":5,
  "policy":{"visibility_timeout_secs":120,"batch_size":1,"max_retries":3,"backoff_base_secs":10,"backoff_cap_secs":60,"max_message_bytes":1000,"delivery_concurrency":1},
  "context":{"settings":{"images_bucket":"images","keeps_location":true,"keeps_serial_number":false},"removals":{},
    "images":{"00000000-0000-4000-8000-000000000001":{"revision":2,"status":"pending","owner_id":"00000000-0000-4000-8000-0000000000a1",
      "post_id":"00000000-0000-4000-8000-0000000000b1","bucket":"uploads","path":"a/b/c.jpg","size_bytes":1000,"is_stored":true}}},
  "messages":[{"msg_id":1,"read_ct":1,"failures":0,"size_bytes":64,"message":{"v":1,"image_id":"00000000-0000-4000-8000-000000000001","revision":2}}]}"#;
const NONE: &str = r#"{"now":"2026-11-29T12:00:00Z","backlog":0,
  "policy":{"visibility_timeout_secs":120,"batch_size":1,"max_retries":3,"backoff_base_secs":10,"backoff_cap_secs":60,"max_message_bytes":1000,"delivery_concurrency":1},
  "context":null,"messages":[]}"#;

async fn run(report: &str, host: &str) -> (String, String) {
    let host = scripted(&format!(
        r#"{{"claim":[{{"status":200,"body":{IMAGES}}},{{"status":200,"body":{NONE}}}],
          "deliver":[{{"status":200,"body":{report}}}],
          "settle":[{{"status":200,"body":{{"applied":true,"lost":[],"backlog":0}}}}]{host}}}"#
    ));
    let seen = JsValue::from(&host).unchecked_into::<JsHost>();
    let answer = drain("image_processing".into(), RUN.into(), host, None).await;
    (answer, calls(&seen))
}

const DONE: &str = r#"{"outcome":"done","picture":{"width":3,"variants":[]}}"#;

#[wasm_bindgen_test]
async fn processes_an_upload_and_records_its_picture() {
    let (answer, calls) = run(DONE, "").await;
    assert!(answer.contains(r#""processed":1"#), "{answer}");
    assert!(!answer.contains("retire"), "{answer}");
    for part in [
        r#"["deliver",{"task":"process","bucket":"uploads","path":"a/b/c.jpg","max_bytes":20000000,"options":{"location":true,"serial_number":false,"heic":false},"publish":{"bucket":"images","folder":"00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/{sha256}/00000000-0000-4000-8000-000000000001.2","cache_control":"public, max-age=31536000, immutable"}"#,
        r#""post_images":[{"image_id":"00000000-0000-4000-8000-000000000001","revision":2,"picture":{"width":3,"variants":[]},"reason":null,"error":null}]"#,
        r#""acks":[[1,1]]"#,
    ] {
        assert!(calls.contains(part), "{part} is not in {calls}");
    }
}

#[wasm_bindgen_test]
async fn ends_after_a_trap_and_claims_nothing_more() {
    let (answer, calls) = run(
        r#"{"outcome":"trapped","error":"unreachable","processed_before":0}"#,
        "",
    )
    .await;
    assert!(answer.contains(r#""deadLettered":1"#), "{answer}");
    assert!(
        answer.contains(r#""stoppedBecause":"interrupted""#),
        "{answer}"
    );
    assert!(answer.contains(r#""retire":true"#), "{answer}");
    assert_eq!(calls.matches(r#"["claim""#).count(), 1, "{calls}");
    assert!(calls.contains(r#""reason":"too_much_memory""#), "{calls}");
}

#[wasm_bindgen_test]
async fn a_trap_after_other_pictures_is_tried_again_in_a_new_process() {
    let (answer, calls) = run(
        r#"{"outcome":"trapped","error":"unreachable","processed_before":7}"#,
        "",
    )
    .await;
    assert!(answer.contains(r#""retried":1"#), "{answer}");
    assert!(answer.contains(r#""retire":true"#), "{answer}");
    assert!(!calls.contains("post_images"), "{calls}");
}

#[wasm_bindgen_test]
async fn claims_nothing_in_a_process_that_holds_too_much_memory() {
    let (answer, calls) = run(DONE, r#","memoryBytes":120000001"#).await;
    assert!(
        answer.contains(r#""stoppedBecause":"memory_budget""#),
        "{answer}"
    );
    assert!(answer.contains(r#""retire":true"#), "{answer}");
    assert!(!calls.contains(r#"["claim""#), "{calls}");
}

#[wasm_bindgen_test]
async fn counts_the_cpu_time_of_each_picture() {
    let (answer, calls) = run(DONE, r#","cpuMs":600"#).await;
    assert!(
        answer.contains(r#""stoppedBecause":"cpu_budget""#),
        "{answer}"
    );
    assert!(!answer.contains("retire"), "{answer}");
    assert_eq!(calls.matches(r#"["deliver""#).count(), 1, "{calls}");
}
