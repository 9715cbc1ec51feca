//! The JSON of claims, settlements, deliveries and answers. Messages, contexts and effects know their own
//! field names.

mod claim;
mod delivery;
mod metrics;
mod response;
mod settlement;
mod unsubscribe;

pub use claim::parse_claim;
pub use delivery::delivery_json;
pub use metrics::open_metrics;
pub use response::{accept_run, error_json, is_async, metrics_json, refuse_method, response_json};
pub use settlement::{parse_settled, settlement_json};
pub use unsubscribe::Unsubscribe;

use crate::{
    base::Failure,
    engine::{Settlement, batch},
    notify::Environment,
    queues::Queue,
    work::Consumer,
};

/// Decides one claim without making its deliveries: the settlement of a run's first batch if nothing
/// fails. Reads the bytes of a claim and writes the JSON of a settlement.
///
/// # Errors
/// `invalid_claim` if the bytes are not a claim.
pub fn decide(queue: Queue, claim: &[u8], environment: &Environment) -> Result<String, Failure> {
    let claim = parse_claim(claim)?;
    let consumer = queue.consumer(environment);
    let batch = if claim.messages.is_empty() {
        Vec::new()
    } else {
        let handler = consumer.open(claim.now, claim.context.as_deref())?;
        batch::open(claim.messages, &claim.policy, &*handler)
    };
    let settlement = Settlement {
        seq: 1,
        ..batch::settle(&batch)
    };
    Ok(settlement_json(None, &settlement))
}
