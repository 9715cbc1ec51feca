//! The JSON of claims, settlements and answers. Field names are known here and, for payloads, for the
//! context of a claim, for the environment and for the numbers of the queues, where these are; nowhere
//! else.

use serde::Serialize;

use crate::{
    batch,
    environment::Environment,
    handlers::{Delivery, Queue, Scene},
    outcome::Failure,
    providers::Subscription,
    settlement::Settlement,
};

mod claim;
mod effects;
mod response;
mod settlement;

pub use claim::parse_claim;
pub use response::{error_json, response_json, text_json};
pub use settlement::{parse_settled, settlement_json};

/// Decides upon one claim as a whole, without deliveries: the settlement of a run's first batch if
/// nothing comes in its way. Bytes of a claim in, JSON of a settlement out.
///
/// # Errors
/// A failure `invalid_claim` if the bytes are not a claim.
pub fn decide(queue: Queue, claim: &[u8], environment: &Environment) -> Result<String, Failure> {
    let batch = batch::open(parse_claim(claim)?, |body, now, context| {
        queue.handle(
            body,
            &Scene {
                now,
                context,
                environment,
            },
        )
    });
    let settlement = Settlement {
        seq: 1,
        ..batch::settle(&batch)
    };
    Ok(settlement_json(None, &settlement))
}

/// A delivery as the host sends it.
#[must_use]
pub fn delivery_json(delivery: &Delivery) -> String {
    let request = &delivery.request;
    to_json(&DeliveryWire {
        provider: request.provider.name(),
        key: &request.key,
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect(),
        body: &request.body,
        token: request.token.as_deref(),
        subscription: request.subscription.as_ref(),
    })
}

/// Serialising our own types fails only for maps with keys that are not text; there are none.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[derive(Serialize)]
struct DeliveryWire<'a> {
    provider: &'static str,
    key: &'a str,
    headers: std::collections::BTreeMap<&'static str, &'a str>,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription: Option<&'a Subscription>,
}
