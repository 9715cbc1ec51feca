//! The JavaScript surface: a pure decision, and the drain loop over a host written in JavaScript.
//!
//! One call per batch crosses the boundary each way: bytes of an HTTP body in, a JSON string out.

use js_sys::Uint8Array;
use uuid::Uuid;
use wasm_bindgen::prelude::*;

use crate::{
    base::{Code, Failure, Reply, Timestamp},
    engine::{self, Claim, DatabaseError, Host, Limits, Settled, Settlement},
    notify::{Delivery, Environment, providers},
    queues::Queue,
    wire,
    work::Answer,
};

#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = r#"
/** An HTTP answer. Status 0 stands for no answer; the body is then the error's text, in UTF-8. */
export interface Reply {
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter?: string;
  /** The `X-RateLimit-Reset` header, or else `RateLimit-Reset`. */
  readonly rateLimitReset?: string;
  /** What the provider calls the message, where a header says it. */
  readonly messageId?: string;
  /** Set where this is the answer to getting an access token, and the request itself was not made. */
  readonly stage?: "auth";
  readonly body: Uint8Array;
}

/** The I/O of one run. No method throws: what goes wrong is a reply. */
export interface Host {
  /** Calls `claim_messages`; without a limit the queue's batch size holds. */
  claim(limit?: number): Promise<Reply>;
  /** Calls `settle_messages` with this JSON. */
  settle(settlement: string): Promise<Reply>;
  /** Makes the request `{provider, key, headers, body, token?, subscription?}`. */
  deliver(delivery: string): Promise<Reply>;
  sleep(ms: number): Promise<void>;
  /** A monotonic clock, in milliseconds. */
  now(): number;
  /** Whether the process is about to be shut down. */
  isStopping(): boolean;
  /**
   * What deliveries can rely on: JSON `{providers, email_provider, email_from, app_url, unsubscribe_url,
   * web_push_hosts}`.
   */
  environment(): string;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See `Host` in the TypeScript section.
    #[wasm_bindgen(typescript_type = "Host")]
    pub type JsHost;

    #[wasm_bindgen(method, catch)]
    async fn claim(this: &JsHost, limit: Option<u32>) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn settle(this: &JsHost, settlement: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn deliver(this: &JsHost, delivery: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn sleep(this: &JsHost, ms: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn now(this: &JsHost) -> f64;
    #[wasm_bindgen(method, js_name = isStopping)]
    fn is_stopping(this: &JsHost) -> bool;
    #[wasm_bindgen(method)]
    fn environment(this: &JsHost) -> String;

    /// See `Reply` in the TypeScript section.
    #[wasm_bindgen(typescript_type = "Reply")]
    pub type JsReply;

    #[wasm_bindgen(method, getter)]
    fn status(this: &JsReply) -> u16;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &JsReply) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = rateLimitReset)]
    fn rate_limit_reset(this: &JsReply) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = messageId)]
    fn message_id(this: &JsReply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn stage(this: &JsReply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn body(this: &JsReply) -> Uint8Array;
}

/// Decides upon one claim: the bytes of `claim_messages`' answer in, the JSON for
/// `settle_messages` out. Deliveries are not made; `drain` does that. The environment is that of
/// `Host.environment`.
///
/// # Errors
/// Throws an `Error` whose message begins with a stable code: `unknown_queue`, `invalid_claim` or
/// `invalid_environment`.
#[wasm_bindgen]
pub fn decide(queue: &str, claim: &[u8], environment: Option<String>) -> Result<String, JsError> {
    let environment = environment
        .as_deref()
        .map_or_else(|| Ok(Environment::default()), Environment::parse);
    find(queue)
        .and_then(|queue| wire::decide(queue, claim, &environment?))
        .map_err(|failure| JsError::new(&format!("{}: {}", failure.code, failure.error)))
}

/// Drains a queue within the limits (by default those of the free plan). If nobody awaits the answer,
/// it stays for a moment after the queue is empty. Answers the JSON `{status, body}` for the worker's
/// caller and never throws.
#[wasm_bindgen]
pub async fn drain(
    queue: String,
    run_id: String,
    host: JsHost,
    is_awaited: bool,
    wall_ms: Option<u32>,
    cpu_ms: Option<u32>,
) -> String {
    let queue = match find(&queue) {
        Ok(queue) => queue,
        Err(failure) => return wire::error_json(404, &failure),
    };
    let run_id = Uuid::try_parse(&run_id)
        .map_err(|_| Failure::new(Code::InvalidRunId, "the run id is not a UUID"));
    let (run_id, environment) = match (run_id, Environment::parse(&host.environment())) {
        (Ok(run_id), Ok(environment)) => (run_id, environment),
        (Err(failure), _) | (_, Err(failure)) => return wire::error_json(500, &failure),
    };
    let defaults = Limits::default();
    let limits = Limits {
        wall_ms: wall_ms.unwrap_or(defaults.wall_ms),
        cpu_ms: cpu_ms.unwrap_or(defaults.cpu_ms),
        idle_wait_ms: if is_awaited { 0 } else { Limits::IDLE_WAIT_MS },
    };
    let adapter = HostAdapter { host, run_id };
    let summary = engine::drain(&adapter, &queue.consumer(&environment), limits).await;
    wire::response_json(queue.name(), &summary)
}

/// Turns the reply of `queue_metrics` into the JSON `{status, body}` for whoever collects the
/// numbers; the body of a success is OpenMetrics text.
#[must_use]
#[wasm_bindgen(js_name = openMetrics)]
pub fn open_metrics(reply: JsReply) -> String {
    match answer(Ok(reply.into()), wire::open_metrics) {
        Ok(text) => wire::text_json(200, &text),
        Err(error) => {
            let (status, failure) = error.http();
            wire::error_json(status, failure)
        }
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

struct HostAdapter {
    host: JsHost,
    run_id: Uuid,
}

impl Host for HostAdapter {
    type Delivery = Delivery;

    async fn claim(&self, limit: Option<u32>) -> Result<Claim, DatabaseError> {
        answer(self.host.claim(limit).await, wire::parse_claim)
    }

    async fn settle(&self, settlement: &Settlement<'_>) -> Result<Settled, DatabaseError> {
        let json = wire::settlement_json(Some(self.run_id), settlement);
        answer(self.host.settle(&json).await, wire::parse_settled)
    }

    async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> Answer {
        let json = wire::delivery_json(delivery);
        let reply = reply(self.host.deliver(&json).await);
        providers::classify(delivery.provider(), &reply, now)
    }

    async fn sleep(&self, ms: u32) {
        // A host that cannot wait makes the next try come early; that is no reason to stop.
        let _: Result<JsValue, JsValue> = self.host.sleep(ms).await;
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and a clock below zero or above 500,000 years is none"
    )]
    fn now_us(&self) -> u64 {
        (self.host.now() * 1_000.0) as u64
    }

    fn is_stopping(&self) -> bool {
        self.host.is_stopping()
    }
}

/// Reads a successful answer, classifies another one.
fn answer<T>(
    result: Result<JsValue, JsValue>,
    parse: impl FnOnce(&[u8]) -> Result<T, Failure>,
) -> Result<T, DatabaseError> {
    let reply = reply(result);
    match engine::database_error(&reply) {
        Some(error) => Err(error),
        None => parse(&reply.body).map_err(|failure| DatabaseError::Misconfigured {
            status: 500,
            failure,
        }),
    }
}

fn reply(result: Result<JsValue, JsValue>) -> Reply {
    match result {
        Ok(value) => {
            let reply: JsReply = value.unchecked_into();
            Reply {
                status: reply.status(),
                retry_after: reply.retry_after(),
                rate_limit_reset: reply.rate_limit_reset(),
                message_id: reply.message_id(),
                is_auth: reply.stage().as_deref() == Some("auth"),
                body: reply.body().to_vec(),
            }
        }
        Err(error) => Reply {
            body: text_of(error).into_bytes(),
            ..Reply::default()
        },
    }
}

/// The text of what a host threw although it must not.
fn text_of(error: JsValue) -> String {
    let error: Result<js_sys::Error, JsValue> = error.dyn_into();
    error.map_or_else(
        |other| {
            other
                .as_string()
                .unwrap_or_else(|| "the host threw".to_owned())
        },
        |error| String::from(error.message()),
    )
}
