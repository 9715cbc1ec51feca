//! A claim, as the database answers it.

use serde_json::value::RawValue;

use crate::{
    base::{
        Failure,
        json::{FromJson, Object, Problem},
    },
    engine::{Claim, ClaimedMessage, Lease, Policy},
};

/// Reads the database's answer to a claim.
///
/// # Errors
/// A failure `invalid_claim` if the bytes are not such an answer.
pub fn parse_claim(body: &[u8]) -> Result<Claim, Failure> {
    read(body).map_err(|problem| Failure::new("invalid_claim", problem.to_string()))
}

fn read(body: &[u8]) -> Result<Claim, Problem> {
    let mut fields = Object::parse_bytes(body)?;
    Ok(Claim {
        now: fields.get("now")?,
        policy: fields.get("policy")?,
        backlog: fields.get_or("backlog", 0)?,
        messages: fields.get("messages")?,
        context: fields.get("context")?,
    })
}

impl FromJson for Policy {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            visibility_timeout_secs: fields.get("visibility_timeout_secs")?,
            batch_size: fields.get("batch_size")?,
            max_retries: fields.get("max_retries")?,
            backoff_base_secs: fields.get("backoff_base_secs")?,
            backoff_cap_secs: fields.get("backoff_cap_secs")?,
            max_message_bytes: fields.get("max_message_bytes")?,
            // A database without the setting allows one at a time.
            delivery_concurrency: fields.get_or("delivery_concurrency", 1)?,
        })
    }
}

impl FromJson for ClaimedMessage {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        let body: Box<RawValue> = fields.get("message")?;
        let body_bytes = u64::try_from(body.get().len()).unwrap_or(u64::MAX);
        Ok(Self {
            lease: Lease {
                msg_id: fields.get("msg_id")?,
                read_ct: fields.get("read_ct")?,
            },
            failures: fields.get_or("failures", 0)?,
            delivered: fields.get_or("delivered", Vec::new())?,
            size_bytes: fields.get_or("size_bytes", body_bytes)?,
            body: (!fields.get_or("withheld", false)?).then_some(body),
        })
    }
}
