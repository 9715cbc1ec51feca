//! The JSON of a claim.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    base::{Code, Failure, Timestamp, json},
    engine::{Claim, ClaimedMessage, Lease, Policy, sqlstate_error},
};

#[derive(Deserialize)]
struct ClaimWire {
    now: Timestamp,
    policy: Policy,
    backlog: u32,
    messages: Vec<MessageWire>,
    context: Option<Box<RawValue>>,
    context_error: Option<ErrorWire>,
}

/// An error of the context of a message that was claimed alone.
#[derive(Deserialize)]
struct ErrorWire {
    code: String,
    message: String,
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
        context_error: claim.context_error.map(|error| {
            let message = ["its context: ", &error.message].concat();
            sqlstate_error(&error.code, &message)
        }),
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
