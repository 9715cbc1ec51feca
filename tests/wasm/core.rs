//! The package `core`.

use suplatzigram_queues::wasm::{JsHost, JsUnsubscribeHost, decide, drain, unsubscribe};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{RUN, calls, script, scripted};

const CLAIM: &str = r#"{"now":"2026-11-23T12:00:00Z","backlog":0,
  "policy":{"visibility_timeout_secs":60,"batch_size":100,"max_retries":3,"backoff_base_secs":10,"backoff_cap_secs":60,"max_message_bytes":1000,"delivery_concurrency":16},
  "messages":[{"msg_id":1,"read_ct":1,"failures":0,"size_bytes":64,"message":{"event":"like","timestamp":"2026-11-23T11:00:00Z"}},
              {"msg_id":2,"read_ct":1,"failures":0,"size_bytes":4,"message":null}]}"#;

#[wasm_bindgen_test]
fn decide_returns_the_settlement_of_a_claim() {
    let settlement = decide("analytics", CLAIM.as_bytes(), None).unwrap();
    assert!(settlement.contains(r#""acks":[[1,1]]"#), "{settlement}");
    assert!(
        settlement.contains(r#""code":"not_an_object""#),
        "{settlement}"
    );
}

#[wasm_bindgen_test]
async fn drain_claims_settles_and_reports() {
    let host = script(
        &format!(r#"{{"status":200,"body":{CLAIM}}}"#),
        r#"{"status":200,"body":{"applied":true,"lost":[],"backlog":0}}"#,
    );
    let seen = JsValue::from(&host).unchecked_into::<JsHost>();
    let answer = drain("analytics".into(), RUN.into(), host, None).await;
    assert_eq!(
        answer,
        r#"{"status":200,"body":{"queue":"analytics","claimed":2,"processed":1,"retried":0,"deferred":0,"deadLettered":1,"lost":0,"released":0,"batches":1,"stoppedBecause":"empty"}}"#
    );
    let calls = calls(&seen);
    assert!(
        calls.starts_with(
            r#"[["claim",null],["settle",{"run_id":"00000000-0000-4000-8000-000000000009","seq":1,"#
        ),
        "{calls}"
    );
    assert!(
        calls.ends_with(r#""seq":2,"stopped_because":"empty"}]]"#),
        "{calls}"
    );
}

#[wasm_bindgen_test]
async fn unsubscribe_calls_the_database_for_a_post_alone() {
    let host = |answer: &str| {
        let host = scripted(&format!(r#"{{"unsubscribe":[{answer}]}}"#));
        let seen = JsValue::from(&host).unchecked_into::<JsHost>();
        (
            JsValue::from(host).unchecked_into::<JsUnsubscribeHost>(),
            seen,
        )
    };
    let (opened, seen) = host("null");
    let answer = unsubscribe("GET".into(), "a.email.b".into(), "es".into(), opened).await;
    assert!(answer.contains("Para cancelar"), "{answer}");
    assert_eq!(calls(&seen), "[]");

    let (clicked, seen) = host(r#"{"status":200,"body":{"success":true}}"#);
    let answer = unsubscribe("POST".into(), "a.email.b".into(), String::new(), clicked).await;
    assert!(answer.starts_with(r#"{"status":200,"#), "{answer}");
    assert_eq!(calls(&seen), r#"[["unsubscribe","a.email.b"]]"#);

    let (away, _) = host(r#"{"throws":"connection reset"}"#);
    let answer = unsubscribe("POST".into(), "a.email.b".into(), String::new(), away).await;
    assert!(answer.starts_with(r#"{"status":503,"#), "{answer}");
    assert!(answer.ends_with(r#""error":{"code":"network_error","message":"connection reset"}}"#));
}
