//! The JSON of a claim.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    base::{Code, Failure, Timestamp, json},
    engine::{Claim, ClaimedMessage, Lease, Policy},
};

#[derive(Deserialize)]
struct ClaimWire {
    now: Timestamp,
    policy: Policy,
    backlog: u32,
    messages: Vec<MessageWire>,
    context: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct MessageWire {
    msg_id: i64,
    read_ct: u32,
    failures: u32,
    #[serde(default)]
    delivered: Vec<String>,
    size_bytes: u64,
    #[serde(default)]
    withheld: bool,
    message: Box<RawValue>,
}

/// Reads the database's answer to a claim.
///
/// # Errors
/// `invalid_claim` if the bytes are not such an answer.
pub fn parse_claim(body: &[u8]) -> Result<Claim, Failure> {
    let claim: ClaimWire = json::read(Code::InvalidClaim, body)?;
    let messages = claim.messages.into_iter();
    Ok(Claim {
        now: claim.now,
        policy: claim.policy,
        backlog: claim.backlog,
        messages: messages.map(ClaimedMessage::from).collect(),
        context: claim.context,
    })
}

impl From<MessageWire> for ClaimedMessage {
    fn from(message: MessageWire) -> Self {
        Self {
            lease: Lease {
                msg_id: message.msg_id,
                read_ct: message.read_ct,
            },
            failures: message.failures,
            delivered: message.delivered,
            size_bytes: message.size_bytes,
            body: (!message.withheld).then_some(message.message),
        }
    }
}
