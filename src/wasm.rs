//! The JavaScript interface: a pure decision, and the drain loop over a host in JavaScript.
//!
//! One call for each batch crosses the boundary in each direction: the bytes of an HTTP body in, a JSON
//! string out.

use std::cell::Cell;

use js_sys::Uint8Array;
use uuid::Uuid;
use wasm_bindgen::prelude::*;

#[cfg(feature = "deliveries")]
use crate::notify::providers::{self, Provider, Request};
#[cfg(feature = "uploads")]
use crate::queues::Report;
use crate::{
    base::{Code, Failure, Reply, Stage, Timestamp, Variables},
    engine::{self, Ask, Claim, DatabaseError, Host, Limits, Settled, Settlement, Used},
    notify::Environment,
    queues::{Delivery, Queue},
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
  /** The provider's id for the message, if a header holds it. */
  readonly messageId?: string;
  /**
   * Set if the request was not made: its secret cannot be used, there was no access token to get, or its body could not
   * be encrypted. The body says why; for a token, it is the answer of the token endpoint.
   */
  readonly stage?: "secret" | "token" | "encryption";
  readonly body: Uint8Array;
}

/** The environment variables of the function. */
export interface Variables {
  /** The value of a variable. The core asks for none that is a secret. */
  variable(name: string): string | undefined;
  /** Whether a variable is set to more than white space. */
  isSet(name: string): boolean;
}

/** The I/O of one run. No method throws: what goes wrong is a reply. */
export interface Host extends Variables {
  /** Calls `claim_messages`; without a limit the queue's batch size holds. `alone` is its `p_alone`. */
  claim(limit: number | undefined, alone: boolean): Promise<Reply>;
  /** Calls `settle_messages` with this JSON. */
  settle(settlement: string): Promise<Reply>;
  /** Calls `heartbeat_run`. Its reply is not read. */
  heartbeat(): Promise<Reply>;
  /** Makes the request of this `Delivery`, or does this `ImageJob`, in JSON. The body of a job's reply is a `Report`. */
  deliver(delivery: string): Promise<Reply>;
  sleep(ms: number): Promise<void>;
  /** A monotonic clock, in milliseconds. */
  now(): number;
  /** CPU time that deliveries have taken in this process, in milliseconds, as far as it is measured. */
  cpuMs(): number;
  /** Memory that deliveries hold until the process ends. */
  memoryBytes(): number;
  /** Whether the process is about to be shut down. */
  isStopping(): boolean;
}

/** What `unsubscribe` needs. */
export interface UnsubscribeHost extends Variables {
  /** Calls `unsubscribe` in the database. Does not throw. */
  unsubscribe(token: string): Promise<Reply>;
}

/** A request to a provider. */
export interface Delivery {
  provider: string;
  /** May hold `{project_id}`, for the project that a service account names. */
  url: string;
  headers: Record<string, string>;
  body: string;
  /** The keys of the browser that the body is to be encrypted for (RFC 8291). */
  encrypt_for?: { p256dh: string; auth: string };
  authorization: Authorization;
  /** For all of it, with the token that it may need. */
  timeout_ms: number;
}

/** Work with pictures in Storage. */
export type ImageJob =
  | {
    task: "process";
    /** The upload. */
    bucket: string;
    path: string;
    max_bytes: number;
    options: { location: boolean; serial_number: boolean };
    /** Where variants go. `{sha256}` in the folder stands for the hash of the upload. */
    publish: { bucket: string; folder: string; cache_control: string };
    /** For each request. */
    timeout_ms: number;
  }
  | { task: "remove"; bucket: string; paths: string[]; timeout_ms: number };

/** What became of a job. */
export type Report =
  | { outcome: "done"; picture?: unknown }
  | { outcome: "refused"; code: string; error: string }
  /** The module cannot be used again. */
  | { outcome: "trapped"; error: string; processed_before: number }
  /** The answer of Storage; status 0 stands for none. */
  | { outcome: "storage"; step: "download" | "publish" | "remove"; status: number; retry_after?: string; body: string };

/** What becomes the `authorization` header. `secret` is the name of an environment variable. */
export type Authorization =
  | { scheme: "api_key"; secret: string }
  | { scheme: "apns"; secret: string; key_id: string; team_id: string; use_secs: number }
  | {
    scheme: "google";
    secret: string;
    scope: string;
    valid_secs: number;
    margin_secs: number;
    timeout_ms: number;
  }
  | { scheme: "vapid"; secret: string; public_key: string; subject: string; valid_secs: number; use_secs: number };
"#;

#[wasm_bindgen]
extern "C" {
    /// See `Variables` in the TypeScript section.
    #[wasm_bindgen(typescript_type = "Variables")]
    pub type JsVariables;

    #[wasm_bindgen(method)]
    fn variable(this: &JsVariables, name: &str) -> Option<String>;
    #[wasm_bindgen(method, js_name = isSet)]
    fn is_set(this: &JsVariables, name: &str) -> bool;

    /// See `Host` in the TypeScript section.
    #[wasm_bindgen(extends = JsVariables, typescript_type = "Host")]
    pub type JsHost;

    #[wasm_bindgen(method, catch)]
    async fn claim(this: &JsHost, limit: Option<u32>, alone: bool) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn settle(this: &JsHost, settlement: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn heartbeat(this: &JsHost) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn deliver(this: &JsHost, delivery: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn sleep(this: &JsHost, ms: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn now(this: &JsHost) -> f64;
    #[wasm_bindgen(method, js_name = cpuMs)]
    fn cpu_ms(this: &JsHost) -> f64;
    #[wasm_bindgen(method, js_name = memoryBytes)]
    fn memory_bytes(this: &JsHost) -> f64;
    #[wasm_bindgen(method, js_name = isStopping)]
    fn is_stopping(this: &JsHost) -> bool;

    /// See `UnsubscribeHost` in the TypeScript section.
    #[wasm_bindgen(extends = JsVariables, typescript_type = "UnsubscribeHost")]
    pub type JsUnsubscribeHost;

    #[wasm_bindgen(method, catch, js_name = unsubscribe)]
    async fn ask(this: &JsUnsubscribeHost, token: &str) -> Result<JsValue, JsValue>;

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
    let reply = self::reply(Ok(reply.into()));
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
    match answer(Ok(reply.into()), wire::open_metrics) {
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
        None => request.answered(&reply(host.ask(&token).await)),
    }
}

impl Variables for JsVariables {
    fn variable(&self, name: &str) -> Option<String> {
        self.variable(name)
    }

    fn is_set(&self, name: &str) -> bool {
        self.is_set(name)
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

struct HostAdapter<'e> {
    host: JsHost,
    run_id: Uuid,
    environment: &'e Environment,
    /// What a delivery needs of this process has broken.
    is_broken: Cell<bool>,
}

#[cfg(feature = "deliveries")]
impl HostAdapter<'_> {
    /// Makes a request to a provider.
    async fn request(&self, provider: Provider, request: &Request, now: Timestamp) -> Answer {
        let access = match self.environment.access(provider) {
            Ok(access) => access,
            Err(failure) => return Answer::Misconfigured(failure),
        };
        let json = wire::delivery_json(request, access);
        let reply = reply(self.host.deliver(&json).await);
        providers::classify(provider, &reply, now)
    }
}

impl Host for HostAdapter<'_> {
    type Delivery = Delivery;

    async fn claim(&self, ask: Ask) -> Result<Claim, DatabaseError> {
        let reply = self.host.claim(ask.limit(), ask == Ask::OneAlone).await;
        answer(reply, wire::parse_claim)
    }

    async fn settle(&self, settlement: &Settlement<'_>) -> Result<Settled, DatabaseError> {
        let json = wire::settlement_json(Some(self.run_id), settlement);
        answer(self.host.settle(&json).await, wire::parse_settled)
    }

    async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> Answer {
        match *delivery {
            #[cfg(feature = "deliveries")]
            Delivery::Notification(ref delivery) => {
                self.request(delivery.provider(), &delivery.request, now)
                    .await
            }
            #[cfg(feature = "deliveries")]
            Delivery::Opinion(ref call) => self.request(call.provider(), &call.request, now).await,
            #[cfg(feature = "uploads")]
            Delivery::Image(ref job) => {
                let report = Report::read(&reply(self.host.deliver(&job.json()).await));
                if !report.leaves_the_module_usable() {
                    self.is_broken.set(true);
                }
                report.answer(now)
            }
        }
    }

    async fn heartbeat(&self) {
        // The next one makes up for one that is lost.
        let _: Result<JsValue, JsValue> = self.host.heartbeat().await;
    }

    async fn sleep(&self, ms: u32) {
        // If the host cannot sleep, the next try comes early, which does no harm.
        let _: Result<JsValue, JsValue> = self.host.sleep(ms).await;
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and no clock is negative or above 500,000 years"
    )]
    fn now_us(&self) -> u64 {
        (self.host.now() * 1_000.0) as u64
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and neither is negative"
    )]
    fn used(&self) -> Used {
        Used {
            cpu_us: (self.host.cpu_ms() * 1_000.0) as u64,
            memory_bytes: self.host.memory_bytes() as u64,
        }
    }

    fn is_stopping(&self) -> bool {
        self.is_broken.get() || self.host.is_stopping()
    }
}

/// Reads a successful answer or classifies an error.
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
                stage: match reply.stage().as_deref() {
                    Some("secret") => Stage::Secret,
                    Some("token") => Stage::Token,
                    Some("encryption") => Stage::Encryption,
                    _ => Stage::Request,
                },
                body: reply.body().to_vec(),
            }
        }
        Err(error) => Reply {
            body: text_of(error).into_bytes(),
            ..Reply::default()
        },
    }
}

/// The text of what a host threw, although it must not throw.
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
