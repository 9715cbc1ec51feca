//! A settlement, as the database reads it, and its answer.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    base::{Code, Failure, json},
    engine::{Lease, Settled, Settlement},
    work::Effects,
};

/// Writes a settlement as the database reads it.
#[must_use]
pub fn settlement_json(run_id: Option<Uuid>, settlement: &Settlement<'_>) -> String {
    json::write(&SettlementWire {
        run_id,
        seq: settlement.seq,
        stopped_because: settlement.stopped_because,
        acks: pairs(&settlement.acks),
        releases: pairs(&settlement.releases),
        retries: settlement
            .retries
            .iter()
            .map(|retry| RetryWire {
                msg_id: retry.lease.msg_id,
                read_ct: retry.lease.read_ct,
                delay_secs: retry.delay_secs,
                code: retry.failure.code,
                error: &retry.failure.error,
                delivered: &retry.delivered,
            })
            .collect(),
        deferrals: settlement
            .deferrals
            .iter()
            .map(|deferral| RetryWire {
                msg_id: deferral.lease.msg_id,
                read_ct: deferral.lease.read_ct,
                delay_secs: deferral.delay_secs,
                code: deferral.failure.code,
                error: &deferral.failure.error,
                delivered: &deferral.delivered,
            })
            .collect(),
        dead_letters: settlement
            .dead_letters
            .iter()
            .map(|dead| DeadLetterWire {
                msg_id: dead.lease.msg_id,
                read_ct: dead.lease.read_ct,
                code: dead.failure.code,
                error: &dead.failure.error,
                delivered: &dead.delivered,
            })
            .collect(),
        effects: &settlement.effects,
    })
}

/// Reads the database's answer to a settlement.
///
/// # Errors
/// A failure `invalid_settlement_answer` if the bytes are not such an answer.
pub fn parse_settled(body: &[u8]) -> Result<Settled, Failure> {
    let settled: SettledWire = json::read(Code::InvalidSettlementAnswer, body)?;
    Ok(if settled.applied {
        Settled::Applied {
            backlog: settled.backlog,
        }
    } else {
        Settled::Lost(settled.lost)
    })
}

#[derive(Deserialize)]
struct SettledWire {
    applied: bool,
    #[serde(default)]
    backlog: u32,
    #[serde(default)]
    lost: Vec<i64>,
}

fn pairs(leases: &[Lease]) -> Vec<(i64, u32)> {
    leases
        .iter()
        .map(|lease| (lease.msg_id, lease.read_ct))
        .collect()
}

#[derive(Serialize)]
struct SettlementWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<Uuid>,
    seq: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_because: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    acks: Vec<(i64, u32)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    releases: Vec<(i64, u32)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retries: Vec<RetryWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deferrals: Vec<RetryWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dead_letters: Vec<DeadLetterWire<'a>>,
    #[serde(skip_serializing_if = "effects_are_empty")]
    effects: &'a Effects<'a>,
}

#[derive(Serialize)]
struct RetryWire<'a> {
    msg_id: i64,
    read_ct: u32,
    delay_secs: u32,
    code: Code,
    error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    delivered: &'a [String],
}

#[derive(Serialize)]
struct DeadLetterWire<'a> {
    msg_id: i64,
    read_ct: u32,
    code: Code,
    error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    delivered: &'a [String],
}

fn effects_are_empty(effects: &&Effects<'_>) -> bool {
    effects.is_empty()
}
