//! The JavaScript interface of the package, with a host in JavaScript.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use suplatzigram_queues::wasm::{JsHost, JsUnsubscribeHost, decide, drain, unsubscribe};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// A host with scripted answers for each method, in order; the last one is repeated.
#[wasm_bindgen(inline_js = "
export function scripted(script) {
  const answers = JSON.parse(script);
  const calls = [];
  const answer = (name, argument) => {
    calls.push([name, argument]);
    const next = answers[name].length > 1 ? answers[name].shift() : answers[name][0];
    if (next.throws) throw new Error(next.throws);
    return Promise.resolve({ status: next.status, body: new TextEncoder().encode(JSON.stringify(next.body)) });
  };
  return {
    calls,
    claim: async (limit) => answer('claim', limit ?? null),
    settle: async (settlement) => answer('settle', JSON.parse(settlement)),
    unsubscribe: async (token) => answer('unsubscribe', token),
    deliver: async (delivery) => answer('deliver', JSON.parse(delivery)),
    sleep: async () => {},
    now: () => 5,
    isStopping: () => false,
    variable: (name) => answers.variables?.[name],
    isSet: (name) => answers.variables?.[name] !== undefined,
  };
}
export function calls(host) { return JSON.stringify(host.calls); }
")]
extern "C" {
    fn scripted(script: &str) -> JsHost;
    fn calls(host: &JsHost) -> String;
}

const RUN: &str = "00000000-0000-4000-8000-000000000009";

const CLAIM: &str = r#"{"now":"2026-11-23T12:00:00Z","backlog":0,
  "policy":{"visibility_timeout_secs":60,"batch_size":100,"max_retries":3,"backoff_base_secs":10,"backoff_cap_secs":60,"max_message_bytes":1000,"delivery_concurrency":16},
  "messages":[{"msg_id":1,"read_ct":1,"failures":0,"size_bytes":64,"message":{"event":"like","timestamp":"2026-11-23T11:00:00Z"}},
              {"msg_id":2,"read_ct":1,"failures":0,"size_bytes":4,"message":null}]}"#;

fn script(claims: &str, settles: &str) -> JsHost {
    scripted(&format!(
        r#"{{"claim":[{claims}],"settle":[{settles}],"deliver":[]}}"#
    ))
}

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
fn decide_throws_an_error_with_a_code() {
    let text = |error: JsError| {
        let error: js_sys::Error = JsValue::from(error).unchecked_into();
        String::from(error.message())
    };
    let unknown = text(decide("nope", CLAIM.as_bytes(), None).unwrap_err());
    assert_eq!(unknown, "unknown_queue: no handler for queue `nope`");
    assert!(text(decide("analytics", b"{", None).unwrap_err()).starts_with("invalid_claim: "));
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
async fn treats_an_error_of_the_host_as_a_network_error() {
    let host = script(
        r#"{"throws":"the wire is cut"}"#,
        r#"{"throws":"the wire is cut"}"#,
    );
    let answer = drain("analytics".into(), RUN.into(), host, None).await;
    assert_eq!(
        answer,
        r#"{"status":500,"body":{"error":{"code":"network_error","message":"the wire is cut"}}}"#
    );
}

#[wasm_bindgen_test]
async fn an_unknown_queue_is_404_here_and_in_the_database() {
    let host = script("{}", "{}");
    let answer = drain("nope".into(), RUN.into(), host, None).await;
    assert!(answer.starts_with(r#"{"status":404,"body":{"error":{"code":"unknown_queue""#));
    let missing =
        r#"{"status":404,"body":{"code":"PT404","message":"there is no queue `analytics`"}}"#;
    let answer = drain(
        "analytics".into(),
        RUN.into(),
        script(missing, missing),
        None,
    )
    .await;
    assert_eq!(
        answer,
        r#"{"status":404,"body":{"error":{"code":"misconfigured","message":"PT404: there is no queue `analytics`"}}}"#
    );
}

#[wasm_bindgen_test]
async fn rejects_an_invalid_run_id() {
    let answer = drain("analytics".into(), "7".into(), script("{}", "{}"), None).await;
    assert!(answer.contains("invalid_run_id"), "{answer}");
}

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

    let (away, _) = host(r#"{"throws":"the wire is cut"}"#);
    let answer = unsubscribe("POST".into(), "a.email.b".into(), String::new(), away).await;
    assert!(answer.starts_with(r#"{"status":503,"#), "{answer}");
    assert!(answer.ends_with(r#""error":{"code":"network_error","message":"the wire is cut"}}"#));
}
