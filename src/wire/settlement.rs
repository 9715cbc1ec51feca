//! The JSON of a settlement and of its answer.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    base::{Code, Failure, json},
    engine::{DeadLetter, Delayed, Dropped, Lease, Settled, Settlement},
    work::Effects,
};

/// Writes a settlement for the database.
#[must_use]
pub fn settlement_json(run_id: Option<Uuid>, settlement: &Settlement<'_>) -> String {
    json::write(&SettlementWire {
        run_id,
        seq: settlement.seq,
        stopped_because: settlement.stopped_because,
        error: settlement.error.as_ref().map(ErrorWire::from),
        drops: settlement.drops.iter().map(FailedWire::from).collect(),
        acks: pairs(&settlement.acks),
        releases: pairs(&settlement.releases),
        retries: settlement.retries.iter().map(FailedWire::from).collect(),
        deferrals: settlement.deferrals.iter().map(FailedWire::from).collect(),
        dead_letters: settlement
            .dead_letters
            .iter()
            .map(FailedWire::from)
            .collect(),
        effects: &settlement.effects,
    })
}

/// Reads the database's answer to a settlement.
///
/// # Errors
/// `invalid_settlement_answer` if the bytes are not such an answer.
pub fn parse_settled(body: &[u8]) -> Result<Settled, Failure> {
    let settled: SettledWire = json::read(Code::InvalidSettlementAnswer, body)?;
    Ok(if settled.applied {
        Settled::Applied {
            backlog: settled.backlog,
        }
    } else if settled.gone.is_empty() {
        Settled::Lost(settled.lost)
    } else {
        Settled::Gone(settled.gone)
    })
}

#[derive(Deserialize)]
struct SettledWire {
    applied: bool,
    #[serde(default)]
    backlog: u32,
    #[serde(default)]
    lost: Vec<i64>,
    #[serde(default)]
    gone: Vec<Uuid>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drops: Vec<FailedWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    acks: Vec<(i64, u32)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    releases: Vec<(i64, u32)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retries: Vec<FailedWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deferrals: Vec<FailedWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dead_letters: Vec<FailedWire<'a>>,
    #[serde(skip_serializing_if = "effects_are_empty")]
    effects: &'a Effects<'a>,
}

/// The error that ended a run.
#[derive(Serialize)]
struct ErrorWire<'a> {
    code: Code,
    error: &'a str,
}

impl<'a> From<&'a Failure> for ErrorWire<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            code: failure.code,
            error: &failure.error,
        }
    }
}

/// A message whose work is not done.
#[derive(Serialize)]
struct FailedWire<'a> {
    msg_id: i64,
    read_ct: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_secs: Option<u32>,
    code: Code,
    error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    delivered: &'a [String],
}

impl<'a> From<&'a Delayed> for FailedWire<'a> {
    fn from(delayed: &'a Delayed) -> Self {
        Self {
            msg_id: delayed.lease.msg_id,
            read_ct: delayed.lease.read_ct,
            delay_secs: Some(delayed.delay_secs),
            code: delayed.failure.code,
            error: &delayed.failure.error,
            delivered: &delayed.delivered,
        }
    }
}

impl<'a> From<&'a DeadLetter> for FailedWire<'a> {
    fn from(dead: &'a DeadLetter) -> Self {
        Self {
            msg_id: dead.lease.msg_id,
            read_ct: dead.lease.read_ct,
            delay_secs: None,
            code: dead.failure.code,
            error: &dead.failure.error,
            delivered: &dead.delivered,
        }
    }
}

impl<'a> From<&'a Dropped> for FailedWire<'a> {
    fn from(dropped: &'a Dropped) -> Self {
        Self {
            msg_id: dropped.lease.msg_id,
            read_ct: dropped.lease.read_ct,
            delay_secs: None,
            code: dropped.failure.code,
            error: &dropped.failure.error,
            delivered: &[],
        }
    }
}

fn effects_are_empty(effects: &&Effects<'_>) -> bool {
    effects.is_empty()
}
