//! The package `deliveries`.

use suplatzigram_queues::wasm::{JsHost, drain};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{RUN, calls, scripted};

const DELIVERIES: &str = r#"{"now":"2026-11-23T12:00:00Z","backlog":0,
  "policy":{"visibility_timeout_secs":60,"batch_size":100,"max_retries":3,"backoff_base_secs":10,"backoff_cap_secs":60,"max_message_bytes":1000,"delivery_concurrency":16},
  "context":{"settings":{"hourly_caps":{"push":20,"email":6},"max_age_secs":86400,"breaker_failures":5,"breaker_base_secs":30,"breaker_cap_secs":900},
    "breakers":[{"provider":"fcm","version":1,"failures":2,"trips":0,"open_secs":null,"may_probe":false}],
    "deliveries":{"00000000-0000-4000-8000-000000000001":{"status":"pending","channel":"push","age_secs":1,"tries":0,
      "notification":{"id":"00000000-0000-4000-8000-000000000002","type":"new_like","title":"New like","body":"ann liked your photo","url":null,"data":{},"actor_count":1,"is_read":false,"is_withdrawn":false},
      "recipient":{"id":"00000000-0000-4000-8000-000000000003","language":"en","push_notifications":true,"email_notifications":true,"email":null,"unsubscribe_token":null,"quiet":null,"local_time":"12:00:00","sent_last_hour":0},
      "device":{"id":null,"provider":"fcm","token":"a-token","p256dh":null,"auth":null}}}},
  "messages":[{"msg_id":1,"read_ct":1,"failures":0,"size_bytes":64,"message":{"v":1,"delivery_id":"00000000-0000-4000-8000-000000000001"}}]}"#;

#[wasm_bindgen_test]
async fn makes_a_delivery_and_settles_its_outcome() {
    let host = scripted(&format!(
        r#"{{"variables":{{"FCM_SERVICE_ACCOUNT":"set"}},
          "claim":[{{"status":200,"body":{DELIVERIES}}}],
          "deliver":[{{"status":200,"body":{{"name":"projects/p/messages/7"}}}}],
          "settle":[{{"status":200,"body":{{"applied":true,"lost":[],"backlog":0}}}}]}}"#
    ));
    let seen = JsValue::from(&host).unchecked_into::<JsHost>();
    let answer = drain("deliveries".into(), RUN.into(), host, None).await;
    assert!(answer.contains(r#""processed":1"#), "{answer}");
    let calls = calls(&seen);
    for part in [
        r#"["deliver",{"provider":"fcm","url":"https://fcm.googleapis.com/v1/projects/{project_id}/messages:send","headers":{"content-type":"application/json"},"body":""#,
        r#""status":"sent","reason":null,"provider":"fcm","provider_message_id":"projects/p/messages/7""#,
        r#""breakers":[{"provider":"fcm","version":1,"failures":0"#,
        r#""acks":[[1,1]]"#,
    ] {
        assert!(calls.contains(part), "{part} is not in {calls}");
    }
}

#[wasm_bindgen_test]
async fn makes_no_delivery_if_its_provider_is_misconfigured() {
    let host = scripted(&format!(
        r#"{{"variables":{{"FCM_SERVICE_ACCOUNT":"set","FCM_URL":"s3cret"}},
          "claim":[{{"status":200,"body":{DELIVERIES}}}],
          "settle":[{{"status":200,"body":{{"applied":true,"lost":[],"backlog":0}}}}]}}"#
    ));
    let seen = JsValue::from(&host).unchecked_into::<JsHost>();
    let answer = drain("deliveries".into(), RUN.into(), host, None).await;
    assert!(answer.contains(r#""deferred":1"#), "{answer}");
    let calls = calls(&seen);
    assert!(calls.contains("the secret FCM_URL is not a URL"), "{calls}");
    assert!(!calls.contains(r#"["deliver""#) && !calls.contains("s3cret"));
}
