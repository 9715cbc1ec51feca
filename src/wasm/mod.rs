//! The JavaScript interface: a pure decision, and the drain loop over a host in JavaScript.
//!
//! One call for each batch crosses the boundary in each direction: the bytes of an HTTP body in, a JSON
//! string out.

use std::cell::Cell;

use uuid::Uuid;
use wasm_bindgen::prelude::*;

use self::host::HostAdapter;
pub use self::imports::{JsHost, JsReply, JsUnsubscribeHost, JsVariables};
#[cfg(feature = "deliveries")]
use crate::notify::providers;
use crate::{
    base::{Code, Failure},
    engine::{self, Limits},
    notify::Environment,
    queues::Queue,
    wire,
};

mod host;
mod imports;
mod reply;

#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = include_str!("types.ts");

/// Decides one claim without making its deliveries: takes the bytes of the answer of `claim_messages` and
/// returns the JSON for `settle_messages`. Without variables no provider is configured.
///
/// # Errors
/// Throws an `Error` whose message begins with a stable code: `unknown_queue` or `invalid_claim`.
#[wasm_bindgen]
pub fn decide(
    queue: &str,
    claim: &[u8],
    variables: Option<JsVariables>,
) -> Result<String, JsError> {
    find(queue)
        .and_then(|queue| {
            let environment = variables.map(|variables| queue.environment(&variables));
            wire::decide(queue, claim, &environment.unwrap_or_default())
        })
        .map_err(|failure| JsError::new(&format!("{}: {}", failure.code, failure.error)))
}

/// Drains a queue. `prefer` is the `Prefer` header of the request. Answers with the JSON `{status, body, retire?}` and
/// never throws. The status and the body are for the caller of the worker; `retire` is set if this process can do no
/// more work.
#[wasm_bindgen]
pub async fn drain(queue: String, run_id: String, host: JsHost, prefer: Option<String>) -> String {
    let queue = match find(&queue) {
        Ok(queue) => queue,
        Err(failure) => return wire::error_json(404, &failure),
    };
    let Ok(run_id) = Uuid::try_parse(&run_id) else {
        let failure = Failure::new(Code::InvalidRunId, "the run id is not a UUID");
        return wire::error_json(500, &failure);
    };
    let environment = queue.environment(&*host);
    let limits = Limits::read(&*host, !wire::is_async(prefer.as_deref()));
    let adapter = HostAdapter {
        host,
        run_id,
        environment: &environment,
        is_broken: Cell::new(false),
    };
    let summary = engine::drain(&adapter, &queue.consumer(&environment), limits).await;
    let retire =
        adapter.is_broken.get() || summary.stopped_because == engine::StopReason::MemoryBudget;
    wire::response_json(queue.name(), &summary, retire)
}

/// The JSON `{status, body}` for a caller that does not wait for its run; `undefined` if it waits.
#[must_use]
#[wasm_bindgen(js_name = acceptRun)]
pub fn accept_run(queue: &str, run_id: &str, prefer: Option<String>) -> Option<String> {
    wire::accept_run(queue, run_id, prefer.as_deref())
}

/// The JSON `{status, headers, body}` for a request whose method is not allowed; `undefined` if it is.
#[must_use]
#[wasm_bindgen(js_name = refuseMethod)]
pub fn refuse_method(method: &str, allowed: &str) -> Option<String> {
    wire::refuse_method(method, allowed)
}

/// How long to wait for the database.
#[must_use]
#[wasm_bindgen(js_name = databaseTimeoutMs)]
pub fn database_timeout_ms() -> u32 {
    engine::DATABASE_TIMEOUT_SECS * 1_000
}

/// Whether the provider refused the token in the `authorization` header, so that a new one is needed.
#[cfg(feature = "deliveries")]
#[must_use]
#[wasm_bindgen(js_name = refusesToken)]
pub fn refuses_token(provider: &str, reply: JsReply) -> bool {
    let reply = reply::read(Ok(reply.into()));
    provider
        .parse()
        .is_ok_and(|provider| providers::refuses_token(provider, &reply))
}

/// Converts the reply of `queue_metrics` to the JSON `{status, headers, body}` for the collector of the
/// metrics. The body of a success is OpenMetrics text.
#[cfg(feature = "core")]
#[must_use]
#[wasm_bindgen(js_name = openMetrics)]
pub fn open_metrics(reply: JsReply) -> String {
    match reply::answer(Ok(reply.into()), wire::open_metrics) {
        Ok(text) => wire::metrics_json(&text),
        Err(error) => {
            let (status, failure) = error.http();
            wire::error_json(status, failure)
        }
    }
}

/// Answers a request to unsubscribe with the JSON `{status, headers, body, error?}`, where `error` is for
/// the log. `languages` is the `Accept-Language` header.
#[cfg(feature = "core")]
#[wasm_bindgen]
pub async fn unsubscribe(
    method: String,
    token: String,
    languages: String,
    host: JsUnsubscribeHost,
) -> String {
    let request = wire::Unsubscribe {
        method: &method,
        token: &token,
        languages: &languages,
    };
    match request.at_once(&Environment::read(&*host)) {
        Some(answer) => answer,
        None => request.answered(&reply::read(host.ask(&token).await)),
    }
}

fn find(queue: &str) -> Result<Queue, Failure> {
    queue.parse().map_err(|_| {
        Failure::new(
            Code::UnknownQueue,
            format!("no handler for queue `{queue}`"),
        )
    })
}
