//! The messages of a simulation, and the real handler with the deliveries that they ask for.

use suplatzigram_queues::{
    context::Context,
    environment::Environment,
    handlers::{Delivery, Queue, Scene, Work},
    message::Reject,
    providers::{Provider, Request},
    timestamp::Timestamp,
};

/// What a message is like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Healthy {
        deliveries: u64,
    },
    /// One of its deliveries is refused for good.
    Unwanted,
    /// One of its deliveries goes to a device that is gone: that is nobody's failure.
    Gone,
    Poison,
    /// The database refuses its effects.
    Refused,
    Killer,
}

pub(crate) fn body(id: i64, kind: Kind) -> String {
    let valid = |deliveries: &str| {
        format!(
            r#"{{"event":"like","session_id":"{id}","new_count":{id},"timestamp":"2026-11-23T11:00:00Z","deliveries":"{deliveries}"}}"#
        )
    };
    match kind {
        Kind::Healthy { deliveries } => valid(&"+".repeat(deliveries as usize)),
        Kind::Unwanted => valid("+x"),
        Kind::Gone => valid("+g+"),
        Kind::Killer | Kind::Refused => valid(""),
        Kind::Poison => match id % 3 {
            0 => "null".to_owned(),
            1 => r#"{"event":7}"#.to_owned(),
            _ => format!(r#"{{"event":"{}"}}"#, "x".repeat(20_000)),
        },
    }
}

pub(crate) fn id_of(body: &str) -> i64 {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["session_id"].as_str().unwrap().parse().unwrap()
}

/// The real handler, with the deliveries that the body asks for.
pub(crate) fn handle(body: &str, now: Timestamp, context: &Context) -> Result<Work, Reject> {
    let environment = &Environment::default();
    let scene = Scene {
        now,
        context,
        environment,
    };
    let mut work = Queue::Analytics.handle(body, &scene)?;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let id = body["session_id"].as_str().unwrap();
    for (index, mark) in body["deliveries"].as_str().unwrap().chars().enumerate() {
        let request = Request {
            provider: [Provider::Fcm, Provider::Resend][index % 2],
            key: format!("{id}:{index}"),
            headers: Vec::new(),
            body: match mark {
                'x' => "rejected",
                'g' => "gone",
                _ => "healthy",
            }
            .to_owned(),
            token: None,
            subscription: None,
        };
        work.deliveries.push(Delivery {
            request,
            ledger: None,
            gone_device: None,
        });
    }
    Ok(work)
}
