//! Opinions by OpenAI's moderation.
//!
//! OpenAI API reference, "Moderations", "Error codes" and "Rate limits".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Access, Opinion,
    access::of_api,
    answer::{after_secs, failure, of_status},
};
use crate::{
    base::{Code, Failure, Reply, Timestamp, Variables, json, object::Object},
    work::Answer,
};

pub(super) const SECRET: &str = "OPENAI_API_KEY";
pub(super) const PATH: &str = "/v1/moderations";
const MODEL: &str = "omni-moderation-latest";

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a str,
}

#[derive(Deserialize)]
struct Moderation {
    model: String,
    results: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    flagged: bool,
    category_scores: BTreeMap<String, Option<f64>>,
}

pub(super) fn access(variables: &dyn Variables) -> Result<Access, Failure> {
    of_api(variables, SECRET, "OPENAI_URL", "https://api.openai.com")
}

pub(super) fn body(text: &str) -> String {
    json::write(&Body {
        model: MODEL,
        input: text,
    })
}

pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    if reply.status == 200
        && let Some(opinion) = opinion(&reply.body)
    {
        return opinion.answer();
    }
    let error = Error::of(reply);
    let said = error.code.as_deref().or(error.kind.as_deref());
    let message = error.message.as_deref();
    let failed = |code| failure(code, reply, said, message);
    match (reply.status, said.unwrap_or_default()) {
        // The account has no credit: waiting does not help.
        (429, "insufficient_quota" | "billing_not_active") => {
            Answer::Misconfigured(failed(Code::ProviderMisconfigured))
        }
        (429, _) => Answer::Throttled {
            after_secs: after_secs(reply, now),
            failure: failed(Code::ProviderThrottled),
        },
        // No such model, or not for this key.
        (404, _) => Answer::Misconfigured(failed(Code::ProviderMisconfigured)),
        _ => of_status(reply, now, said, message),
    }
}

fn opinion(body: &[u8]) -> Option<Opinion> {
    let Moderation { model, mut results } = json::parse(body).ok()?;
    let Judged {
        flagged,
        category_scores,
    } = results.pop().filter(|_| results.is_empty())?;
    Opinion::checked(flagged, category_scores, &model)
}

/// The error in the body, as far as there is one.
#[derive(Default)]
struct Error {
    code: Option<String>,
    kind: Option<String>,
    message: Option<String>,
}

impl Error {
    fn of(reply: &Reply) -> Self {
        let read = || {
            let mut body = Object::parse_bytes(&reply.body).ok()?;
            let mut error = Object::parse(body.take("error")?.get()).ok()?;
            Some(Self {
                code: error.text("code").ok()?,
                kind: error.text("type").ok()?,
                message: error.text("message").ok()?,
            })
        };
        read().unwrap_or_default()
    }
}
