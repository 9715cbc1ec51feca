//! The package `comments`.

use suplatzigram_queues::wasm::{JsHost, drain};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{RUN, calls, scripted};

const COMMENTS: &str = r#"{"now":"2026-11-23T12:00:00Z","backlog":0,
  "policy":{"visibility_timeout_secs":60,"batch_size":100,"max_retries":3,"backoff_base_secs":10,"backoff_cap_secs":60,"max_message_bytes":1000,"delivery_concurrency":16},
  "context":{"settings":{"thresholds":{"other":{"offence":{"flag":0.3,"reject":0.3},"spam":{"flag":0.4,"reject":0.4}}}},"recent":[],
    "comments":{"00000000-0000-4000-8000-000000000001":{"revision":1,"status":"pending","body":"Eres un hijo de puta \ud800","language":"es",
      "author":{"id":null,"age_secs":null,"offences":0}}}},
  "messages":[{"msg_id":1,"read_ct":1,"failures":0,"size_bytes":64,"message":{"v":1,"comment_id":"00000000-0000-4000-8000-000000000001"}}]}"#;

#[wasm_bindgen_test]
async fn judges_a_comment_and_settles_the_verdict() {
    let host = scripted(&format!(
        r#"{{"claim":[{{"status":200,"body":{COMMENTS}}}],
          "settle":[{{"status":200,"body":{{"applied":true,"lost":[],"backlog":0}}}}]}}"#
    ));
    let seen = JsValue::from(&host).unchecked_into::<JsHost>();
    let answer = drain("comment_moderation".into(), RUN.into(), host, None).await;
    assert!(answer.contains(r#""processed":1"#), "{answer}");
    let calls = calls(&seen);
    for part in [
        r#""comment_verdicts":[{"comment_id":"00000000-0000-4000-8000-000000000001","revision":1,"verdict":"rejected""#,
        r#""acks":[[1,1]]"#,
    ] {
        assert!(calls.contains(part), "{part} is not in {calls}");
    }
}
