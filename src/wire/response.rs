//! What the callers of the functions are answered: `{status, body}`.

use serde::Serialize;

use crate::{
    base::{Code, Failure, json},
    engine::{DatabaseError, Summary},
};

/// The answer to whoever called the worker: `{status, body}`, the body being the run's summary or
/// an error.
#[must_use]
pub fn response_json(queue: &str, summary: &Summary) -> String {
    match summary.error.as_ref().map(DatabaseError::http) {
        None => json::write(&ResponseWire {
            status: 200,
            body: SummaryWire {
                queue,
                claimed: summary.claimed,
                processed: summary.processed,
                retried: summary.retried,
                deferred: summary.deferred,
                dead_lettered: summary.dead_lettered,
                lost: summary.lost,
                released: summary.released,
                batches: summary.batches,
                stopped_because: summary.stopped_because.name(),
            },
        }),
        Some((status, failure)) => error_json(status, failure),
    }
}

/// An answer that is text.
#[must_use]
pub fn text_json(status: u16, body: &str) -> String {
    json::write(&ResponseWire { status, body })
}

/// The answer where there is no run to report on.
#[must_use]
pub fn error_json(status: u16, failure: &Failure) -> String {
    json::write(&ResponseWire {
        status,
        body: ErrorWire {
            error: CodeWire {
                code: failure.code,
                message: &failure.error,
            },
        },
    })
}

#[derive(Serialize)]
struct ResponseWire<T> {
    status: u16,
    body: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryWire<'a> {
    queue: &'a str,
    claimed: u32,
    processed: u32,
    retried: u32,
    deferred: u32,
    dead_lettered: u32,
    lost: u32,
    released: u32,
    batches: u32,
    stopped_because: &'static str,
}

#[derive(Serialize)]
struct ErrorWire<'a> {
    error: CodeWire<'a>,
}

#[derive(Serialize)]
struct CodeWire<'a> {
    code: Code,
    message: &'a str,
}
