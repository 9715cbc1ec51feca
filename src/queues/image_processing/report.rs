//! What the host says about a job, and what that means.

use serde::Deserialize;
use serde_json::value::RawValue;
use strum::EnumString;

use crate::{
    base::{Code, Failure, Reply, Timestamp, excerpt, json, object::Object, retry_after_secs},
    work::Answer,
};

/// Characters of an answer of Storage that are kept.
const MAX_ANSWER_CHARS: usize = 200;

/// What the host says about a job.
#[derive(Debug, Deserialize)]
pub struct Report {
    outcome: Outcome,
    /// The variants, where they are, and what is known of the picture.
    picture: Option<Box<RawValue>>,
    /// Why the module of images refused the upload, or trapped.
    #[serde(default)]
    code: String,
    #[serde(default)]
    error: String,
    /// Uploads that the module had processed before this one.
    #[serde(default)]
    processed_before: u32,
    /// What was asked of Storage, and its answer; status 0 stands for none.
    step: Option<Step>,
    #[serde(default)]
    status: u16,
    retry_after: Option<String>,
    #[serde(default)]
    body: String,
}

#[derive(Debug, Clone, Copy, EnumString)]
#[strum(serialize_all = "snake_case")]
enum Outcome {
    /// It is done.
    Done,
    /// The module refused the upload.
    Refused,
    /// The module trapped: it cannot be used again.
    Trapped,
    /// Storage did not do what it was asked.
    Storage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "snake_case")]
enum Step {
    Download,
    Publish,
    Remove,
}

json::read_by_name!(Outcome: "the outcome of a job", Step: "a step of a job");

impl Report {
    /// Reads what the host says. A reply that is no report is a failure of the worker, not of the upload.
    #[must_use]
    pub fn read(reply: &Reply) -> Self {
        json::parse(&reply.body).unwrap_or_else(|error| Self {
            outcome: Outcome::Storage,
            picture: None,
            code: String::new(),
            error: String::new(),
            processed_before: 0,
            step: None,
            status: 0,
            retry_after: None,
            body: format!("the worker's report cannot be read: {error}"),
        })
    }

    /// Whether the module can be used again.
    #[must_use]
    pub fn leaves_the_module_usable(&self) -> bool {
        !matches!(self.outcome, Outcome::Trapped)
    }

    /// What it means for the job.
    #[must_use]
    pub fn answer(self, now: Timestamp) -> Answer {
        match self.outcome {
            Outcome::Done => Answer::Accepted {
                message_id: None,
                content: self.picture.map(|picture| picture.get().to_owned()),
            },
            Outcome::Refused => {
                let error = [&*self.code, ": ", &*self.error].concat();
                Answer::Rejected(Failure::new(Code::ImageRefused, error))
            }
            // Memory is never given back: what was processed before may have left too little of it.
            Outcome::Trapped if self.processed_before > 0 => Answer::Transient {
                failure: Failure::new(Code::WorkerExhausted, self.error),
                is_uncertain: false,
            },
            Outcome::Trapped => Answer::Rejected(Failure::new(
                Code::ImageRefused,
                "too_much_memory: the picture takes more memory than there is, or is damaged; please upload it smaller, or \
                save it anew",
            )),
            Outcome::Storage => self.storage_answer(now),
        }
    }

    fn storage_answer(self, now: Timestamp) -> Answer {
        // Storage answers many errors with status 400 and the real one in its body.
        let (in_body, message) = storage_error(&self.body);
        let status = in_body.unwrap_or(self.status);
        let failure = |code| {
            let step = match self.step {
                Some(Step::Download) => "download",
                Some(Step::Publish) => "publish",
                Some(Step::Remove) => "remove",
                None => "job",
            };
            let text = message.as_deref().unwrap_or(&self.body);
            let text = excerpt(text, MAX_ANSWER_CHARS);
            Failure::new(code, format!("{step}: HTTP {status} {text}"))
        };
        let is_bucket = message
            .as_deref()
            .is_some_and(|text| text.to_ascii_lowercase().contains("bucket"));
        match status {
            // It may have been moved since the claim.
            404 if !is_bucket && self.step == Some(Step::Download) => Answer::Transient {
                failure: failure(Code::UploadGone),
                is_uncertain: false,
            },
            400..=407 | 409..=422 => Answer::Misconfigured(failure(Code::StorageMisconfigured)),
            429 => Answer::Busy {
                after_secs: self
                    .retry_after
                    .as_deref()
                    .and_then(|header| retry_after_secs(header, now)),
                failure: failure(Code::StorageUnavailable),
            },
            _ => Answer::Transient {
                failure: failure(Code::StorageUnavailable),
                is_uncertain: false,
            },
        }
    }
}

/// The status and the message in an error of Storage.
fn storage_error(body: &str) -> (Option<u16>, Option<String>) {
    let Ok(mut fields) = Object::parse(body) else {
        return (None, None);
    };
    let status = fields
        .text("statusCode")
        .ok()
        .flatten()
        .and_then(|status| status.parse().ok());
    (status, fields.text("message").ok().flatten())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{super::Job, *};
    use crate::work::{Delivery, Verdict};

    fn job() -> Job {
        Job::remove(Uuid::from_u128(1), "images", &["a/b".to_owned()])
    }

    fn answer(report: &str) -> Answer {
        let reply = Reply {
            status: 200,
            body: report.as_bytes().to_vec(),
            ..Reply::default()
        };
        let now = Timestamp::parse("2026-11-29T20:00:00Z").unwrap();
        Report::read(&reply).answer(now)
    }

    fn storage(step: &str, status: u16, body: &str) -> Answer {
        answer(
            &serde_json::json!({"outcome": "storage", "step": step, "status": status, "body": body})
                .to_string(),
        )
    }

    fn failure(answer: &Answer) -> Failure {
        match answer {
            Answer::Rejected(failure)
            | Answer::Misconfigured(failure)
            | Answer::Busy { failure, .. }
            | Answer::Transient { failure, .. } => failure.clone(),
            other @ (Answer::Accepted { .. } | Answer::Throttled { .. } | Answer::Gone(_)) => {
                panic!("{other:?}")
            }
        }
    }

    #[test]
    fn an_upload_that_is_refused_is_rejected_with_its_reason() {
        let answer =
            answer(r#"{"outcome":"refused","code":"truncated","error":"the file ends early"}"#);
        assert!(matches!(answer, Answer::Rejected(_)));
        assert_eq!(failure(&answer).error, "truncated: the file ends early");
    }

    #[test]
    fn a_trap_is_the_fault_of_the_upload_only_in_a_fresh_module() {
        let after = |count: u32| {
            answer(&format!(
                r#"{{"outcome":"trapped","error":"unreachable","processed_before":{count}}}"#
            ))
        };
        assert!(matches!(after(0), Answer::Rejected(_)));
        assert_eq!(failure(&after(0)).code, Code::ImageRefused);
        assert!(matches!(after(1), Answer::Transient { .. }));
        assert_eq!(failure(&after(1)).code, Code::WorkerExhausted);
    }

    #[test]
    fn reads_the_real_status_of_storage_from_its_body() {
        let gone = r#"{"statusCode":"404","error":"not_found","message":"Object not found"}"#;
        assert_eq!(
            failure(&storage("download", 400, gone)).code,
            Code::UploadGone
        );
        let bucket =
            r#"{"statusCode":"404","error":"Bucket not found","message":"Bucket not found"}"#;
        let answer = storage("download", 400, bucket);
        assert!(matches!(answer, Answer::Misconfigured(_)));
        assert_eq!(
            failure(&answer).error,
            "download: HTTP 404 Bucket not found"
        );
        let denied = r#"{"statusCode":"403","error":"Unauthorized","message":"new row violates row-level security policy"}"#;
        assert!(matches!(
            storage("publish", 400, denied),
            Answer::Misconfigured(_)
        ));
    }

    #[test]
    fn storage_that_fails_or_does_not_answer_is_asked_again() {
        for (status, body) in [
            (0, "timeout"),
            (500, ""),
            (503, "<html>"),
            (408, ""),
            (
                544,
                r#"{"statusCode":"544","message":"database timed out"}"#,
            ),
        ] {
            let answer = storage("publish", status, body);
            assert!(matches!(answer, Answer::Transient { .. }), "{status}");
            assert_eq!(failure(&answer).code, Code::StorageUnavailable);
        }
        let busy = answer(
            r#"{"outcome":"storage","step":"publish","status":429,"retry_after":"7","body":""}"#,
        );
        assert!(matches!(
            busy,
            Answer::Busy {
                after_secs: Some(7),
                ..
            }
        ));
    }

    #[test]
    fn a_report_that_cannot_be_read_is_a_failure_that_may_pass() {
        for report in ["", "{}", "[]", r#"{"outcome":"unknown"}"#] {
            assert!(
                matches!(answer(report), Answer::Transient { .. }),
                "{report}"
            );
        }
    }

    #[test]
    fn a_removal_that_fails_changes_no_picture() {
        let failure = Failure::new(Code::StorageUnavailable, "down");
        let verdict = Verdict::DeadLetter(failure.clone());
        assert!(
            job()
                .answered(&Answer::Rejected(failure), Some(&verdict))
                .is_empty()
        );
    }
}
