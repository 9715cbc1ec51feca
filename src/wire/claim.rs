//! A claim, as the database answers it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    batch::{Claim, ClaimedMessage},
    context::Context,
    outcome::Failure,
    policy::Policy,
    settlement::Lease,
    timestamp::Timestamp,
};

/// Reads the database's answer to a claim.
///
/// # Errors
/// A failure `invalid_claim` if the bytes are not such an answer.
pub fn parse_claim(body: &[u8]) -> Result<Claim, Failure> {
    let wire: ClaimWire<'_> = serde_json::from_slice(body)
        .map_err(|error| Failure::new("invalid_claim", error.to_string()))?;
    Ok(Claim {
        now: wire.now,
        policy: wire.policy.into(),
        backlog: wire.backlog,
        messages: wire.messages.into_iter().map(Into::into).collect(),
        context: wire.context.unwrap_or_default(),
    })
}

#[derive(Deserialize)]
struct ClaimWire<'a> {
    now: Timestamp,
    policy: PolicyWire,
    #[serde(default)]
    backlog: u32,
    #[serde(borrow)]
    messages: Vec<ClaimedMessageWire<'a>>,
    #[serde(default)]
    context: Option<Context>,
}

#[derive(Deserialize)]
struct PolicyWire {
    visibility_timeout_secs: u32,
    batch_size: u32,
    max_retries: u32,
    backoff_base_secs: u32,
    backoff_cap_secs: u32,
    max_message_bytes: u64,
    #[serde(default = "one_at_a_time")]
    delivery_concurrency: u32,
}

/// What a database without the setting allows.
fn one_at_a_time() -> u32 {
    1
}

impl From<PolicyWire> for Policy {
    fn from(wire: PolicyWire) -> Self {
        Self {
            visibility_timeout_secs: wire.visibility_timeout_secs,
            batch_size: wire.batch_size,
            max_retries: wire.max_retries,
            backoff_base_secs: wire.backoff_base_secs,
            backoff_cap_secs: wire.backoff_cap_secs,
            max_message_bytes: wire.max_message_bytes,
            delivery_concurrency: wire.delivery_concurrency,
        }
    }
}

#[derive(Deserialize)]
struct ClaimedMessageWire<'a> {
    msg_id: i64,
    read_ct: u32,
    #[serde(default)]
    failures: u32,
    #[serde(default)]
    delivered: Vec<String>,
    #[serde(default)]
    size_bytes: Option<u64>,
    #[serde(default)]
    withheld: bool,
    #[serde(borrow)]
    message: &'a RawValue,
}

impl From<ClaimedMessageWire<'_>> for ClaimedMessage {
    fn from(wire: ClaimedMessageWire<'_>) -> Self {
        let body_bytes = u64::try_from(wire.message.get().len()).unwrap_or(u64::MAX);
        Self {
            lease: Lease {
                msg_id: wire.msg_id,
                read_ct: wire.read_ct,
            },
            failures: wire.failures,
            delivered: wire.delivered,
            size_bytes: wire.size_bytes.unwrap_or(body_bytes),
            body: (!wire.withheld).then(|| wire.message.to_owned()),
        }
    }
}
