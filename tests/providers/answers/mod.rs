//! What the answers mean that the providers document or were seen to give.

mod apns;
mod emails;
mod every_provider;
mod fcm;
mod opinions;
mod web_push;

use suplatzigram_queues::{
    base::Reply,
    notify::providers::{self, Provider},
    work::Answer,
};

use crate::now;

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        body: body.as_bytes().to_vec(),
        ..Reply::default()
    }
}

/// The meaning of an answer in one word, its code and its text.
fn classified(provider: Provider, reply: &Reply) -> (&'static str, String, String) {
    let wait = |after: Option<u32>| after.map_or_else(String::new, |secs| format!(" {secs}"));
    let (word, failure, after) = match providers::classify(provider, reply, now()) {
        Answer::Accepted {
            message_id,
            content,
        } => {
            return (
                "accepted",
                message_id.unwrap_or_default(),
                content.unwrap_or_default(),
            );
        }
        Answer::Throttled {
            after_secs,
            failure,
        } => ("throttled", failure, wait(after_secs)),
        Answer::Busy {
            after_secs,
            failure,
        } => ("busy", failure, wait(after_secs)),
        Answer::Transient {
            failure,
            is_uncertain: true,
        } => ("uncertain", failure, String::new()),
        Answer::Transient {
            failure,
            is_uncertain: false,
        } => ("transient", failure, String::new()),
        Answer::Rejected(failure) => ("rejected", failure, String::new()),
        Answer::Gone(failure) => ("gone", failure, String::new()),
        Answer::Misconfigured(failure) => ("misconfigured", failure, String::new()),
    };
    (word, format!("{}{after}", failure.code), failure.error)
}

fn expect(provider: Provider, cases: &[(u16, &str, &str, &str, &str)]) {
    for (status, body, word, code, error) in cases {
        let told = classified(provider, &reply(*status, body));
        let expected = (*word, (*code).to_owned(), (*error).to_owned());
        assert_eq!(told, expected, "HTTP {status} {body}");
    }
}
