//! What is asked about a comment, and what the answers mean.

use serde_json::{Value, json};
use suplatzigram_queues::{
    base::Reply,
    notify::{
        Environment,
        providers::{self, Opinion, OpinionProvider, Provider},
    },
    wire,
    work::Answer,
};

use crate::{HTTP, OPENAI, now};

const COMMENT: &str = "@ann you \"idiot\" 🙂";

/// The request as the host reads it.
fn delivery(provider: OpinionProvider, variables: &[(&str, &str)]) -> Value {
    let environment = environment(variables);
    let request = providers::opinion(provider, "comment:1".to_owned(), COMMENT);
    let access = environment.access(Provider::Opinion(provider)).unwrap();
    serde_json::from_str(&wire::delivery_json(&request, access)).unwrap()
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::read(&|name: &str| {
        let mut all = variables.iter();
        all.find(|(it, _)| *it == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        body: body.as_bytes().to_vec(),
        ..Reply::default()
    }
}

fn opinion(provider: Provider, body: &str) -> Option<Opinion> {
    match providers::classify(provider, &reply(200, body), now()) {
        Answer::Accepted { content, .. } => Opinion::of(&content.unwrap()),
        Answer::Transient { failure, .. } => {
            assert_eq!(failure.error, "HTTP 200: not an answer of the provider");
            None
        }
        other @ (Answer::Throttled { .. }
        | Answer::Busy { .. }
        | Answer::Rejected(_)
        | Answer::Gone(_)
        | Answer::Misconfigured(_)) => unreachable!("{other:?}"),
    }
}

#[test]
fn openai_gets_the_text_alone() {
    assert_eq!(
        delivery(
            OpinionProvider::OpenAi,
            &[("OPENAI_API_KEY", "s3cret"), ("OPENAI_URL", "")]
        ),
        json!({
            "provider": "openai",
            "url": "https://api.openai.com/v1/moderations",
            "headers": {"content-type": "application/json"},
            "body": r#"{"model":"omni-moderation-latest","input":"@ you \"idiot\" 🙂"}"#,
            "authorization": {"scheme": "api_key", "secret": "OPENAI_API_KEY"},
            "timeout_ms": 15000,
        })
    );
}

#[test]
fn a_service_of_the_app_gets_the_text_alone() {
    let variables = [
        (
            "MODERATION_URL",
            "https://moderation.suplatzigram.app/judge?v=1",
        ),
        ("MODERATION_SECRET", "s3cret"),
    ];
    assert_eq!(
        delivery(OpinionProvider::Http, &variables),
        json!({
            "provider": "http",
            "url": "https://moderation.suplatzigram.app/judge?v=1",
            "headers": {"content-type": "application/json"},
            "body": r#"{"text":"@ you \"idiot\" 🙂"}"#,
            "authorization": {"scheme": "api_key", "secret": "MODERATION_SECRET"},
            "timeout_ms": 15000,
        })
    );
}

#[test]
fn a_service_of_the_app_is_called_over_https_alone() {
    for url in [
        "http://moderation.suplatzigram.app",
        "http://127.0.0.1:8000",
        "moderation.suplatzigram.app",
        "https://ann:s3cret@moderation.suplatzigram.app",
        "https://",
        "ftp://moderation.suplatzigram.app",
    ] {
        let environment = environment(&[("MODERATION_URL", url), ("MODERATION_SECRET", "s3cret")]);
        let failure = environment.access(HTTP).unwrap_err();
        assert_eq!(
            failure.error,
            "the secret MODERATION_URL is not a URL that begins with https://"
        );
    }
    let missing = environment(&[("MODERATION_URL", "https://moderation.suplatzigram.app")]);
    let failure = missing.access(HTTP).unwrap_err();
    assert_eq!(failure.error, "the secret MODERATION_SECRET is not set");
}

#[test]
fn reads_the_opinion_of_openai() {
    let body = r#"{"id": "modr-5", "model": "omni-moderation-2024-09-26", "results": [{"flagged": true,
        "categories": {"harassment": true, "illicit": null},
        "category_scores": {"harassment": 0.90071, "harassment/threatening": 0.00012, "self-harm/intent": 3.1e-7, "illicit": null},
        "category_applied_input_types": {"harassment": ["text"]}}]}"#;
    let read = opinion(OPENAI, body).unwrap();
    assert_eq!(
        (read.flagged, read.highest(), read.model.as_str()),
        (
            true,
            Some(("harassment", 0.901)),
            "omni-moderation-2024-09-26"
        )
    );
}

#[test]
fn reads_the_opinion_of_a_service_of_the_app() {
    let body = r#"{"flagged": false, "scores": {"toxicity": 0.04}, "model": "own-3", "anything": ["else"]}"#;
    let read = opinion(HTTP, body).unwrap();
    assert_eq!(
        (read.flagged, read.highest(), read.model.as_str()),
        (false, Some(("toxicity", 0.04)), "own-3")
    );
}

#[test]
fn an_answer_without_an_opinion_is_none() {
    let scores = r#""category_scores": {"hate": 0.5}"#;
    for body in [
        "",
        "{}",
        "<!DOCTYPE html><title>Sign in</title>",
        r#"{"model": "m", "results": []}"#,
        r#"{"model": "m", "results": null}"#,
        &format!(r#"{{"results": [{{"flagged": true, {scores}}}]}}"#),
        &format!(r#"{{"model": "m", "results": [{{{scores}}}]}}"#),
        &format!(r#"{{"model": "m", "results": [{{"flagged": "yes", {scores}}}]}}"#),
        r#"{"model": "m", "results": [{"flagged": true, "category_scores": {}}]}"#,
        r#"{"model": "m", "results": [{"flagged": true, "category_scores": {"hate": 7}}]}"#,
        r#"{"model": "m", "results": [{"flagged": true, "category_scores": {"hate": "0.5"}}]}"#,
        r#"{"model": "m", "results": [{"flagged": true, "category_scores": {"hate": 1e999}}]}"#,
        // The opinion about one text are not several.
        &format!(
            r#"{{"model": "m", "results": [{{"flagged": true, {scores}}}, {{"flagged": false, {scores}}}]}}"#
        ),
        r#"{"model": "m", "results": [{"flagged": true, "category_scores": {"hate": 0.5}}"#,
    ] {
        assert_eq!(opinion(OPENAI, body), None, "{body}");
    }
    for body in [
        r#"{"flagged": true, "scores": {}, "model": "m"}"#,
        r#"{"flagged": true, "scores": {"hate": 0.5}}"#,
        r#"{"flagged": null, "scores": {"hate": 0.5}, "model": "m"}"#,
        r#"{"flagged": true, "scores": {"hate\u0000": 0.5}, "model": "m"}"#,
        r#"{"flagged": true, "scores": {"\ud800": 0.5}, "model": "m"}"#,
        r#"{"flagged": true, "scores": {"hate": 0.5}, "model": "the model\n"}"#,
        r#"[true]"#,
    ] {
        assert_eq!(opinion(HTTP, body), None, "{body}");
    }
}
