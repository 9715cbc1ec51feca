//! The answers to the callers of the functions: `{status, headers, body}`. The body is text, or an object
//! that is sent as JSON.

use serde::Serialize;

use crate::{
    base::{
        Code, Failure,
        json::{self, Texts},
    },
    engine::{DatabaseError, Summary},
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The answer of a worker: the run's summary, or an error. `retire` says that its process can do no more work.
#[must_use]
pub fn response_json(queue: &str, summary: &Summary, retire: bool) -> String {
    let (status, body) = match summary.error.as_ref().map(DatabaseError::http) {
        None => (
            200,
            ResponseBodyWire::Summary(SummaryWire {
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
            }),
        ),
        Some((status, failure)) => (status, ResponseBodyWire::Error(ErrorBodyWire::of(failure))),
    };
    json::write(&ResponseWire {
        status,
        body,
        retire,
    })
}

/// The answer if no run took place.
#[must_use]
pub fn error_json(status: u16, failure: &Failure) -> String {
    answer(status, None, ErrorBodyWire::of(failure))
}

/// The answer to a collector of metrics.
#[must_use]
pub fn metrics_json(text: &str) -> String {
    answer(200, Some(("content-type", OPEN_METRICS)), text)
}

/// The answer to a request whose method is not allowed; `None` if it is.
#[must_use]
pub fn refuse_method(method: &str, allowed: &str) -> Option<String> {
    (method != allowed).then(|| {
        let failure = Failure::new(Code::MethodNotAllowed, wrong_method(method, allowed));
        let body = ErrorBodyWire::of(&failure);
        answer(405, Some(("allow", allowed)), body)
    })
}

pub(super) fn wrong_method(method: &str, instead: &str) -> String {
    [method, " is not allowed here, use ", instead].concat()
}

/// The answer to a caller that does not wait for the run; `None` for one that waits.
#[must_use]
pub fn accept_run(queue: &str, run_id: &str, prefer: Option<&str>) -> Option<String> {
    is_async(prefer).then(|| answer(202, None, AcceptedWire { queue, run_id }))
}

/// Whether a `Prefer` header (RFC 7240) asks for an answer before the work is done.
#[must_use]
pub fn is_async(prefer: Option<&str>) -> bool {
    let mut preferences = prefer.unwrap_or_default().split(',');
    preferences.any(|preference| {
        let name = preference.split([';', '=']).next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("respond-async")
    })
}

fn answer(status: u16, header: Option<(&str, &str)>, body: impl Serialize) -> String {
    json::write(&AnswerWire {
        status,
        headers: Texts(header.into_iter().collect()),
        body,
        error: None,
    })
}

#[derive(Serialize)]
pub(super) struct AnswerWire<'a, T> {
    pub(super) status: u16,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub(super) headers: Texts<'a>,
    pub(super) body: T,
    /// For the log alone, not for the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorWire<'a>>,
}

#[derive(Serialize)]
struct ResponseWire<'a> {
    status: u16,
    body: ResponseBodyWire<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    retire: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ResponseBodyWire<'a> {
    Summary(SummaryWire<'a>),
    Error(ErrorBodyWire<'a>),
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
#[serde(rename_all = "camelCase")]
struct AcceptedWire<'a> {
    queue: &'a str,
    run_id: &'a str,
}

#[derive(Serialize)]
struct ErrorBodyWire<'a> {
    error: ErrorWire<'a>,
}

impl<'a> ErrorBodyWire<'a> {
    fn of(failure: &'a Failure) -> Self {
        Self {
            error: ErrorWire::of(failure),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ErrorWire<'a> {
    code: Code,
    message: &'a str,
}

impl<'a> ErrorWire<'a> {
    pub(super) fn of(failure: &'a Failure) -> Self {
        Self {
            code: failure.code,
            message: &failure.error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_other_methods() {
        assert_eq!(refuse_method("POST", "POST"), None);
        assert_eq!(
            refuse_method("GET", "POST").unwrap(),
            r#"{"status":405,"headers":{"allow":"POST"},"body":{"error":{"code":"method_not_allowed","message":"GET is not allowed here, use POST"}}}"#
        );
        assert!(refuse_method("HEAD", "GET").is_some());
    }

    #[test]
    fn answers_at_once_if_the_caller_prefers_it() {
        for prefer in [
            "respond-async",
            "Respond-Async",
            "wait=10, respond-async",
            "respond-async;x=1,wait=10",
        ] {
            assert_eq!(
                accept_run("analytics", "7", Some(prefer)).as_deref(),
                Some(r#"{"status":202,"body":{"queue":"analytics","runId":"7"}}"#),
                "{prefer}"
            );
        }
        for prefer in [
            "",
            "return=minimal",
            "wait=respond-async",
            "no-respond-async",
        ] {
            assert_eq!(accept_run("analytics", "7", Some(prefer)), None, "{prefer}");
        }
        assert_eq!(accept_run("analytics", "7", None), None);
    }
}
