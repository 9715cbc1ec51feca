//! Opinions by a service of the app's own. The contract is in docs/moderation.md.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Access, Opinion,
    access::{Authorization, secret, unusable},
    answer::{FlatBody, failure, of_status},
};
use crate::{
    base::{Code, Failure, Reply, Timestamp, Variables, is_web_address, json},
    work::Answer,
};

const URL: &str = "MODERATION_URL";
const SECRET: &str = "MODERATION_SECRET";
pub(super) const SECRETS: [&str; 2] = [URL, SECRET];

#[derive(Serialize)]
struct Body<'a> {
    text: &'a str,
}

#[derive(Deserialize)]
struct Judged {
    flagged: bool,
    scores: BTreeMap<String, Option<f64>>,
    model: String,
}

pub(super) fn access(variables: &dyn Variables) -> Result<Access, Failure> {
    secret(variables, URL)?;
    let url = variables.setting(URL).unwrap_or_default();
    let is_https = url
        .get(..6)
        .is_some_and(|it| it.eq_ignore_ascii_case("https:"));
    // It gets what people write, and our secret.
    if !is_https || !is_web_address(&url) {
        return Err(unusable(URL, "is not a URL that begins with https://"));
    }
    Ok(Access {
        base_url: url,
        headers: Vec::new(),
        authorization: Authorization::ApiKey {
            secret: secret(variables, SECRET)?,
        },
    })
}

pub(super) fn body(text: &str) -> String {
    json::write(&Body { text })
}

pub(super) fn answer(reply: &Reply, now: Timestamp) -> Answer {
    if reply.status == 200
        && let Some(opinion) = opinion(&reply.body)
    {
        return opinion.answer();
    }
    let body = FlatBody::of(reply);
    let (said, message) = (body.name.as_deref(), body.message.as_deref());
    match reply.status {
        // Nothing answers at this URL, whatever the comment.
        404 | 405 | 410 => {
            let code = Code::ProviderMisconfigured;
            Answer::Misconfigured(failure(code, reply, said, message))
        }
        _ => of_status(reply, now, said, message),
    }
}

fn opinion(body: &[u8]) -> Option<Opinion> {
    let Judged {
        flagged,
        scores,
        model,
    } = json::parse(body).ok()?;
    Opinion::checked(flagged, scores, &model)
}
