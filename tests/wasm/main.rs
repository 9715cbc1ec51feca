//! The JavaScript interface of a package, with a host in JavaScript. The features of the build choose the
//! package.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "comments")]
mod comments;
#[cfg(feature = "core")]
mod core;
#[cfg(feature = "deliveries")]
mod deliveries;
#[cfg(feature = "uploads")]
mod uploads;

use strum::VariantArray;
use suplatzigram_queues::{
    queues::Queue,
    wasm::{JsHost, decide, drain},
};
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
    claim: async (limit, alone) => answer('claim', alone ? 'alone' : limit ?? null),
    settle: async (settlement) => answer('settle', JSON.parse(settlement)),
    unsubscribe: async (token) => answer('unsubscribe', token),
    deliver: async (delivery) => answer('deliver', JSON.parse(delivery)),
    heartbeat: async () => answer('heartbeat'),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    now: () => 5,
    // For each delivery.
    cpuMs: () => calls.filter(([name]) => name === 'deliver').length * (answers.cpuMs ?? 0),
    memoryBytes: () => answers.memoryBytes ?? 0,
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

/// A queue of the package.
fn a_queue() -> &'static str {
    Queue::VARIANTS.first().unwrap().name()
}

/// Names of queues that the package does not have.
const UNKNOWN: &[&str] = &[
    "nope",
    #[cfg(not(feature = "core"))]
    "analytics",
    #[cfg(not(feature = "deliveries"))]
    "deliveries",
];

fn script(claims: &str, settles: &str) -> JsHost {
    scripted(&format!(
        r#"{{"claim":[{claims}],"settle":[{settles}],"deliver":[]}}"#
    ))
}

#[wasm_bindgen_test]
fn decide_throws_an_error_with_a_code() {
    let text = |error: JsError| {
        let error: js_sys::Error = JsValue::from(error).unchecked_into();
        String::from(error.message())
    };
    let unknown = text(decide("nope", b"{}", None).unwrap_err());
    assert_eq!(unknown, "unknown_queue: no handler for queue `nope`");
    assert!(text(decide(a_queue(), b"{", None).unwrap_err()).starts_with("invalid_claim: "));
}

#[wasm_bindgen_test]
async fn treats_an_error_of_the_host_as_a_network_error() {
    let host = script(
        r#"{"throws":"connection reset"}"#,
        r#"{"throws":"connection reset"}"#,
    );
    let answer = drain(a_queue().into(), RUN.into(), host, None).await;
    assert_eq!(
        answer,
        r#"{"status":500,"body":{"error":{"code":"network_error","message":"connection reset"}}}"#
    );
}

#[wasm_bindgen_test]
async fn an_unknown_queue_is_404_here_and_in_the_database() {
    for unknown in UNKNOWN {
        let host = script("{}", "{}");
        let answer = drain((*unknown).into(), RUN.into(), host, None).await;
        assert!(answer.starts_with(r#"{"status":404,"body":{"error":{"code":"unknown_queue""#));
    }
    let missing = r#"{"status":404,"body":{"code":"PT404","message":"there is no such queue"}}"#;
    let host = script(missing, missing);
    let answer = drain(a_queue().into(), RUN.into(), host, None).await;
    assert_eq!(
        answer,
        r#"{"status":404,"body":{"error":{"code":"misconfigured","message":"PT404: there is no such queue"}}}"#
    );
}

#[wasm_bindgen_test]
async fn rejects_an_invalid_run_id() {
    let answer = drain(a_queue().into(), "7".into(), script("{}", "{}"), None).await;
    assert!(answer.contains("invalid_run_id"), "{answer}");
}
