//! Records a simulation as JSON lines for the replay on Postgres (`tests/sql/replay.test.ts`): its start,
//! then each call that reached the database with its reply and the state that it left.

use std::{
    cell::RefCell,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    rc::Rc,
};

use serde_json::{Value, json};
use suplatzigram_queues::{
    engine::{Ask, Claim, ClaimedMessage, DatabaseError, Policy, Settled, Settlement},
    wire::settlement_json,
};
use uuid::Uuid;

use crate::{
    broken::BROKEN,
    database::{Database, MAX_CRASHES, NO_CONTEXT},
    executor::START,
    faults::Faults,
    messages::needed,
    number,
    scenario::Scenario,
};

/// Writes the recordings: `$RECORDINGS/model/<scenario>-<seed>.jsonl` for `$REPLAY_SEEDS` seeds, and
/// `$RECORDINGS/broken/<rule>.jsonl`, a run in which the database without that rule differs from the
/// complete one.
#[test]
#[ignore = "writes files"]
fn write_recordings() {
    let folder = PathBuf::from(std::env::var_os("RECORDINGS").unwrap());
    let scenarios = [
        ("all", Faults::all()),
        ("bad_network", Faults::bad_network()),
        ("none", Faults::none()),
        ("killers_only", Faults::killers_only()),
        ("outage", Faults::outage()),
    ];
    for seed in 100_000..100_000 + number("REPLAY_SEEDS").unwrap_or(1) {
        for (name, faults) in scenarios {
            let recording = record(Scenario::generate(seed, faults)).unwrap();
            let file = format!("model/{name}-{seed}.jsonl");
            write(&folder.join(file), &recording);
        }
    }
    for broken in &BROKEN {
        let differs = |seed| {
            let whole = record(Scenario::generate(seed, (broken.faults)())).unwrap();
            // If the run panics, the recording ends there.
            let recording = record(broken.scenario(seed)).unwrap_or_else(|cut_off| cut_off);
            (recording != whole).then_some(recording)
        };
        let recording = (0..400).find_map(differs).unwrap();
        write(
            &folder.join(format!("broken/{}.jsonl", broken.rule)),
            &recording,
        );
    }
}

/// The error is the recording of a run that panicked.
fn record(mut scenario: Scenario) -> Result<String, String> {
    let recording = Rc::<Recording>::default();
    scenario.recording = Some(Rc::clone(&recording));
    let end = catch_unwind(AssertUnwindSafe(|| scenario.run().check_promises()));
    let text = recording.text();
    if end.is_ok() { Ok(text) } else { Err(text) }
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[derive(Default)]
pub(crate) struct Recording(RefCell<Vec<String>>);

impl Recording {
    pub(crate) fn start(&self, database: &Database) {
        let bodies: Vec<&str> = database.rows.values().map(|row| row.body.get()).collect();
        self.push(&json!({
            "start": START,
            "policy": policy(&database.policy),
            "max_crashes": MAX_CRASHES,
            "bodies": bodies,
            "refused": database.refused,
            "vanished": database.vanished.iter().map(|id| needed(*id).id).collect::<Vec<_>>(),
            "without_context": database.without_context,
            "no_context": NO_CONTEXT,
            "providers": database.breakers.keys().collect::<Vec<_>>(),
        }));
    }

    pub(crate) fn claim(
        &self,
        now_us: u64,
        run: u32,
        ask: Ask,
        claim: &Result<Claim, DatabaseError>,
        left: &Database,
    ) {
        let reply = match claim {
            Ok(claim) => claimed(claim),
            Err(_) => json!(NO_CONTEXT.1),
        };
        self.push(&json!({
            "at_us": now_us,
            "claim": {"run": run_id(run), "limit": ask.limit(), "alone": ask == Ask::OneAlone},
            "reply": reply,
            "left": state(left),
        }));
    }

    pub(crate) fn settlement(
        &self,
        now_us: u64,
        run: u32,
        settlement: &Settlement<'_>,
        settled: &Result<Settled, DatabaseError>,
        left: &Database,
    ) {
        let settlement = settlement_json(Some(run_id(run)), settlement);
        let reply = match settled {
            Ok(Settled::Applied { backlog }) => {
                json!({"applied": true, "lost": [], "backlog": backlog})
            }
            Ok(Settled::Lost(lost)) => {
                let mut lost = lost.clone();
                lost.sort_unstable();
                json!({"applied": false, "lost": lost, "backlog": left.backlog(now_us)})
            }
            Ok(Settled::Gone(gone)) => {
                let mut gone = gone.clone();
                gone.sort_unstable();
                json!({"applied": false, "lost": [], "gone": gone, "backlog": left.backlog(now_us)})
            }
            Err(_) => json!("rejected"),
        };
        self.push(&json!({
            "at_us": now_us,
            "settlement": serde_json::from_str::<Value>(&settlement).unwrap(),
            "reply": reply,
            "left": state(left),
        }));
    }

    fn text(&self) -> String {
        self.0.borrow().concat()
    }

    fn push(&self, line: &Value) {
        self.0.borrow_mut().push(format!("{line}\n"));
    }
}

fn run_id(run: u32) -> Uuid {
    Uuid::from_u128(run.into())
}

fn claimed(claim: &Claim) -> Value {
    let messages: Vec<Value> = claim.messages.iter().map(message).collect();
    let mut reply = json!({
        "now": claim.now,
        "policy": policy(&claim.policy),
        "backlog": claim.backlog,
        "messages": messages,
    });
    if let Some(context) = &claim.context {
        reply["context"] = serde_json::to_value(context).unwrap();
    }
    if claim.context_error.is_some() {
        let (code, message) = NO_CONTEXT;
        reply["context_error"] = json!({"code": code, "message": message});
    }
    reply
}

fn policy(policy: &Policy) -> Value {
    json!({
        "visibility_timeout_secs": policy.visibility_timeout_secs,
        "batch_size": policy.batch_size,
        "max_retries": policy.max_retries,
        "backoff_base_secs": policy.backoff_base_secs,
        "backoff_cap_secs": policy.backoff_cap_secs,
        "max_message_bytes": policy.max_message_bytes,
        "delivery_concurrency": policy.delivery_concurrency,
    })
}

/// Without `enqueued_at` and `vt`, which the core does not read.
fn message(message: &ClaimedMessage) -> Value {
    let mut json = json!({
        "msg_id": message.lease.msg_id,
        "read_ct": message.lease.read_ct,
        "failures": message.failures,
        "size_bytes": message.size_bytes,
        "message": message.body,
    });
    if !message.delivered.is_empty() {
        json["delivered"] = json!(message.delivered);
    }
    if message.body.is_none() {
        json["withheld"] = json!(true);
    }
    json
}

fn state(database: &Database) -> Value {
    let messages = database.rows.iter().map(|(msg_id, row)| {
        json!({"msg_id": msg_id, "read_ct": row.read_ct, "visible_at_us": row.visible_at_us})
    });
    let settled_before = database.rows.iter().filter(|(_, row)| row.settlements > 0);
    let failures = settled_before.map(|(msg_id, row)| {
        json!({
            "msg_id": msg_id,
            "failures": row.failures,
            "settlements": row.settlements,
            "settled_read_ct": row.settled_read_ct,
            "delivered": row.delivered,
        })
    });
    let dead_letters = database.dead_letters.iter().map(|(msg_id, dead)| {
        json!({
            "msg_id": msg_id,
            "reason": dead.reason,
            "attempts": dead.attempts,
            "crashes": dead.crashes,
        })
    });
    let effects = database
        .effects
        .iter()
        .map(|(msg_id, times)| json!({"msg_id": msg_id, "times": times}));
    let breakers = database.breakers.iter().map(|(provider, row)| {
        json!({
            "provider": provider,
            "version": row.version,
            "failures": row.failures,
            "trips": row.trips,
            "open_until_us": row.open_until_us,
            "probe_until_us": row.probe_until_us,
            "reason": row.reason,
        })
    });
    let runs = database
        .settled_seqs
        .iter()
        .map(|(run, seq)| json!({"run": run_id(*run), "settled_seq": seq}));
    json!({
        "messages": messages.collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
        "archive": database.archive.keys().collect::<Vec<_>>(),
        "dead_letters": dead_letters.collect::<Vec<_>>(),
        "effects": effects.collect::<Vec<_>>(),
        "counted": database.counted,
        "breakers": breakers.collect::<Vec<_>>(),
        "runs": runs.collect::<Vec<_>>(),
    })
}
