//! A model of the database: what `claim_messages` and `settle_messages` promise, in memory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};
use suplatzigram_queues::{
    base::{Code, Failure},
    engine::{
        Ask, Claim, ClaimedMessage, DatabaseError, Lease, Policy, Settled, Settlement,
        sqlstate_error,
    },
    notify::providers::Provider,
};
use uuid::Uuid;

use crate::{
    deferred::Likes,
    executor::timestamp,
    messages::{FCM, RESEND, needed},
};

pub(crate) const MAX_CRASHES: u32 = 3;
/// How often a claim looks behind messages that it dead-letters.
const CLAIM_ATTEMPTS: u32 = 10;
pub(crate) const SECOND_US: u64 = 1_000_000;

/// The rules behind the promises. A test breaks each of them.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) compares_read_counts: bool,
    pub(crate) remembers_settled_leases: bool,
    pub(crate) applies_all_or_nothing: bool,
    pub(crate) isolates_suspects: bool,
    pub(crate) shares_breakers: bool,
    pub(crate) compares_revisions: bool,
    pub(crate) remembers_outcomes: bool,
}

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) body: Box<RawValue>,
    pub(crate) visible_at_us: u64,
    /// When it was due: a release puts it back there.
    due_us: u64,
    pub(crate) read_ct: u32,
    pub(crate) failures: u32,
    pub(crate) settlements: u32,
    pub(crate) settled_read_ct: u32,
    /// The run that may settle it: the last one to claim it, until it settles.
    holder: Option<u32>,
    pub(crate) delivered: BTreeSet<String>,
}

impl Row {
    pub(crate) fn new(body: String, visible_at_us: u64) -> Self {
        Self {
            body: RawValue::from_string(body).unwrap(),
            visible_at_us,
            due_us: visible_at_us,
            read_ct: 0,
            failures: 0,
            settlements: 0,
            settled_read_ct: 0,
            holder: None,
            delivered: BTreeSet::new(),
        }
    }

    fn crashes(&self) -> u32 {
        self.read_ct - self.settlements
    }

    pub(crate) fn is_held_by(&self, run: u32, now_us: u64) -> bool {
        self.holder == Some(run) && self.visible_at_us > now_us
    }
}

/// A message of `<queue>_dlq`.
#[derive(Debug, Clone)]
pub(crate) struct DeadLetter {
    pub(crate) reason: String,
    pub(crate) attempts: u32,
    pub(crate) crashes: u32,
}

/// A row of `queues.circuit_breakers`.
#[derive(Default)]
pub(crate) struct BreakerRow {
    pub(crate) version: i64,
    pub(crate) failures: u32,
    pub(crate) trips: u32,
    pub(crate) open_until_us: Option<u64>,
    pub(crate) probe_until_us: Option<u64>,
    pub(crate) reason: Option<String>,
}

pub(crate) struct Database {
    pub(crate) rules: Rules,
    pub(crate) policy: Policy,
    pub(crate) rows: BTreeMap<i64, Row>,
    pub(crate) archive: BTreeMap<i64, u32>,
    pub(crate) dead_letters: BTreeMap<i64, DeadLetter>,
    /// How often each message's effects were applied.
    pub(crate) effects: BTreeMap<i64, u32>,
    pub(crate) counted: u64,
    /// Messages whose effects the database refuses, as a violated constraint would.
    pub(crate) refused: BTreeSet<i64>,
    /// Messages whose effects need what is deleted after the claim.
    pub(crate) vanished: BTreeSet<i64>,
    /// Messages for which the claim hook raises an error.
    pub(crate) without_context: BTreeSet<i64>,
    /// Keys that a claim returned as delivered, with its lease.
    pub(crate) seen_delivered: BTreeSet<(Lease, String)>,
    /// Messages that a worker changed after it had lost its lease.
    pub(crate) changed_by_others: BTreeSet<i64>,
    pub(crate) settled_seqs: BTreeMap<u32, u32>,
    pub(crate) breakers: BTreeMap<Provider, BreakerRow>,
    /// When each run was last seen.
    pub(crate) last_seen_us: BTreeMap<u32, u64>,
    pub(crate) longest_silence_us: u64,
    /// The last message that was sent later than at the start.
    sent: i64,
    /// The deferred likes, if that is the queue.
    pub(crate) likes: Option<Likes>,
}

impl Database {
    pub(crate) fn new(rules: Rules, policy: Policy, bodies: Vec<String>) -> Self {
        let rows = (1..)
            .zip(bodies)
            .map(|(msg_id, body)| (msg_id, Row::new(body, 0)));
        Self {
            rules,
            policy,
            rows: rows.collect(),
            archive: BTreeMap::new(),
            dead_letters: BTreeMap::new(),
            effects: BTreeMap::new(),
            counted: 0,
            refused: BTreeSet::new(),
            vanished: BTreeSet::new(),
            without_context: BTreeSet::new(),
            seen_delivered: BTreeSet::new(),
            changed_by_others: BTreeSet::new(),
            settled_seqs: BTreeMap::new(),
            breakers: [FCM, RESEND]
                .map(|provider| (provider, BreakerRow::default()))
                .into(),
            last_seen_us: BTreeMap::new(),
            longest_silence_us: 0,
            sent: 0,
            likes: None,
        }
    }

    /// Records that the run is alive, as each of its calls does.
    pub(crate) fn heartbeat(&mut self, now_us: u64, run: u32) {
        if let Some(before_us) = self.last_seen_us.insert(run, now_us) {
            self.longest_silence_us = self.longest_silence_us.max(now_us - before_us);
        }
    }

    pub(crate) fn backlog(&self, now_us: u64) -> u32 {
        let visible = self.rows.values().filter(|row| row.visible_at_us <= now_us);
        visible.count() as u32
    }

    pub(crate) fn claim(
        &mut self,
        now_us: u64,
        run: u32,
        ask: Ask,
    ) -> Result<Claim, DatabaseError> {
        self.heartbeat(now_us, run);
        let before = (self.rows.clone(), self.dead_letters.clone());
        let limit = ask.limit().unwrap_or(self.policy.batch_size);
        let mut taken = Vec::new();
        for _ in 0..CLAIM_ATTEMPTS {
            let candidates: Vec<i64> = self.visible(now_us).take(limit as usize).collect();
            let crashes = |id: &i64| self.rows[id].crashes();
            let (given_up, alive): (Vec<i64>, Vec<i64>) = candidates
                .into_iter()
                .partition(|id| crashes(id) >= MAX_CRASHES);
            let worst = alive.iter().map(crashes).max().unwrap_or(0);
            let room = if self.rules.isolates_suspects {
                let exponent = f64::from(MAX_CRASHES - 1 - worst) / f64::from(MAX_CRASHES - 1);
                #[expect(
                    clippy::cast_sign_loss,
                    reason = "a positive power of a positive number"
                )]
                let room = f64::from(limit).powf(exponent).floor() as usize;
                room.max(1)
            } else {
                limit as usize
            };
            let isolates = self.rules.isolates_suspects;
            taken = alive
                .into_iter()
                .filter(|id| !isolates || crashes(id) == worst)
                .take(room)
                .collect::<Vec<i64>>();
            taken.sort_unstable();
            let nothing_given_up = given_up.is_empty();
            for id in given_up {
                self.dead_letter(id, "worker_crashed", 0);
            }
            if !taken.is_empty() || nothing_given_up {
                break;
            }
        }
        let lacks_context = taken.iter().any(|id| self.without_context.contains(id));
        let context_error = lacks_context.then(no_context);
        if let (Some(error), Ask::Messages(_)) = (&context_error, ask) {
            (self.rows, self.dead_letters) = before;
            return Err(error.clone());
        }
        let lease_us = u64::from(self.policy.visibility_timeout_secs) * SECOND_US;
        let messages = taken.into_iter().map(|msg_id| {
            let row = self.rows.get_mut(&msg_id).unwrap();
            row.read_ct += 1;
            row.holder = Some(run);
            row.visible_at_us = now_us + lease_us + spread_us(msg_id);
            let lease = Lease {
                msg_id,
                read_ct: row.read_ct,
            };
            for key in &row.delivered {
                self.seen_delivered.insert((lease, key.clone()));
            }
            let size_bytes = row.body.get().len() as u64;
            let fits = size_bytes <= self.policy.max_message_bytes;
            ClaimedMessage {
                lease,
                failures: row.failures,
                delivered: row.delivered.iter().cloned().collect(),
                size_bytes,
                body: fits.then(|| row.body.clone()),
            }
        });
        let messages: Vec<ClaimedMessage> = messages.collect();
        let context = (!messages.is_empty() && !lacks_context).then(|| {
            let mut context = json!({"breakers": self.read_breakers(now_us)});
            if let Some(likes) = &self.likes {
                context["likes"] = likes.context(&messages, now_us);
            }
            to_raw_value(&context).unwrap()
        });
        Ok(Claim {
            context,
            context_error,
            now: timestamp(now_us),
            policy: self.policy,
            backlog: self.backlog(now_us),
            messages,
        })
    }

    pub(crate) fn settle(
        &mut self,
        now_us: u64,
        run: u32,
        settlement: &Settlement<'_>,
    ) -> Result<Settled, DatabaseError> {
        self.heartbeat(now_us, run);
        if self
            .settled_seqs
            .get(&run)
            .is_some_and(|seq| *seq >= settlement.seq)
        {
            return Ok(self.applied(now_us));
        }
        let lost: Vec<i64> = leases(settlement)
            .filter(|lease| !self.is_held(lease))
            .map(|lease| lease.msg_id)
            .collect();
        if !lost.is_empty() && self.rules.applies_all_or_nothing {
            return Ok(Settled::Lost(lost));
        }
        let effects = serde_json::to_value(&settlement.effects).unwrap();
        let causes = effect_ids(&effects);
        let gone = causes.iter().filter(|id| self.vanished.contains(id));
        let gone: Vec<Uuid> = gone.map(|id| needed(*id).id).collect();
        if !gone.is_empty() {
            return Ok(Settled::Gone(gone));
        }
        if causes.iter().any(|id| self.refused.contains(id)) {
            let failure = Failure::new(Code::DatabaseRejected, "23503: violates a constraint");
            return Err(DatabaseError::Rejected(failure));
        }

        for lease in leases(settlement) {
            let holder = self.rows.get(&lease.msg_id).map(|row| row.holder);
            if holder.is_some_and(|holder| holder != Some(run)) {
                self.changed_by_others.insert(lease.msg_id);
            }
        }
        self.settled_seqs.insert(run, settlement.seq);
        for id in causes {
            *self.effects.entry(id).or_default() += 1;
        }
        self.counted += rows(&effects, "analytics_daily")
            .map(|row| row["count"].as_u64().unwrap())
            .sum::<u64>();
        let dropped = settlement.drops.iter().map(|dropped| &dropped.lease);
        for lease in settlement.acks.iter().chain(dropped) {
            if let Some(row) = self.rows.remove(&lease.msg_id) {
                self.archive.insert(lease.msg_id, row.failures);
            }
        }
        for lease in &settlement.releases {
            let due_us = self.rows.get(&lease.msg_id).map_or(0, |row| row.due_us);
            self.give_back(lease, now_us.min(due_us + spread_us(lease.msg_id)));
        }
        for retry in &settlement.retries {
            let due_us = now_us + u64::from(retry.delay_secs) * SECOND_US;
            let visible_at_us = due_us + spread_us(retry.lease.msg_id);
            if let Some(row) = self.give_back(&retry.lease, visible_at_us) {
                row.due_us = due_us;
                row.failures += 1;
                row.delivered.extend(retry.delivered.iter().cloned());
            }
        }
        for deferral in &settlement.deferrals {
            let due_us = now_us + u64::from(deferral.delay_secs) * SECOND_US;
            let visible_at_us = due_us + spread_us(deferral.lease.msg_id);
            if let Some(row) = self.give_back(&deferral.lease, visible_at_us) {
                row.due_us = due_us;
                row.delivered.extend(deferral.delivered.iter().cloned());
            }
        }
        for change in rows(&effects, "breakers") {
            self.write_breaker(change, now_us);
        }
        if let Some(mut likes) = self.likes.take() {
            likes.settle(rows(&effects, "deferred_likes"), now_us, self);
            self.likes = Some(likes);
        }
        for dead in &settlement.dead_letters {
            self.dead_letter(dead.lease.msg_id, &dead.failure.code.to_string(), 1);
        }
        if lost.is_empty() {
            Ok(self.applied(now_us))
        } else {
            Ok(Settled::Lost(lost))
        }
    }

    /// The breakers for a claim; one claim at a time may probe.
    fn read_breakers(&mut self, now_us: u64) -> Vec<Value> {
        let shares = self.rules.shares_breakers;
        let read = |(provider, row): (&Provider, &mut BreakerRow)| {
            let left_us = row.open_until_us.map(|at_us| at_us.saturating_sub(now_us));
            let has_permit = row.probe_until_us.is_some_and(|at_us| at_us > now_us);
            let may_probe = left_us == Some(0) && !has_permit;
            if may_probe {
                row.probe_until_us = Some(now_us + 30 * SECOND_US);
            }
            json!({
                "provider": provider,
                "version": row.version,
                "failures": row.failures,
                "trips": row.trips,
                "open_secs": left_us.map(|us| us.div_ceil(SECOND_US)),
                "may_probe": may_probe,
                "reason": row.reason,
            })
        };
        let states = self.breakers.iter_mut().map(read);
        states.filter(|_| shares).collect()
    }

    fn write_breaker(&mut self, change: &Value, now_us: u64) {
        let provider = change["provider"].as_str().unwrap().parse().unwrap();
        let number = |field: &str| change[field].as_u64();
        let row = self.breakers.get_mut(&provider).unwrap();
        if Some(row.version) == change["version"].as_i64() {
            row.version += 1;
            row.failures = number("failures").unwrap() as u32;
            row.trips = number("trips").unwrap() as u32;
            row.open_until_us = number("open_secs").map(|secs| now_us + secs * SECOND_US);
            row.probe_until_us = None;
            row.reason = change["reason"].as_str().map(str::to_owned);
        }
    }

    /// Sends a message with a delay.
    pub(crate) fn send(&mut self, body: String, visible_at_us: u64) {
        self.sent += 1;
        self.rows.insert(self.sent, Row::new(body, visible_at_us));
    }

    /// In the order in which they became visible.
    fn visible(&self, now_us: u64) -> impl Iterator<Item = i64> {
        let rows = self.rows.iter();
        let visible = rows.filter(|(_, row)| row.visible_at_us <= now_us);
        let mut visible: Vec<(u64, i64)> =
            visible.map(|(id, row)| (row.visible_at_us, *id)).collect();
        visible.sort_unstable();
        visible.into_iter().map(|(_, id)| id)
    }

    fn is_held(&self, lease: &Lease) -> bool {
        self.rows.get(&lease.msg_id).is_some_and(|row| {
            let same_claim = row.read_ct == lease.read_ct || !self.rules.compares_read_counts;
            let unsettled =
                row.settled_read_ct != lease.read_ct || !self.rules.remembers_settled_leases;
            same_claim && unsettled
        })
    }

    fn give_back(&mut self, lease: &Lease, visible_at_us: u64) -> Option<&mut Row> {
        let row = self.rows.get_mut(&lease.msg_id)?;
        row.visible_at_us = visible_at_us;
        row.settlements += 1;
        row.settled_read_ct = lease.read_ct;
        row.holder = None;
        Some(row)
    }

    /// Dead-letters a message if it exists. `tries` of its open claims were not crashes.
    fn dead_letter(&mut self, msg_id: i64, reason: &str, tries: u32) {
        if let Some(row) = self.rows.remove(&msg_id) {
            let dead = DeadLetter {
                reason: reason.to_owned(),
                attempts: row.failures + tries,
                crashes: row.crashes() - tries,
            };
            if let Some(likes) = &mut self.likes {
                likes.drop_of_dead_letter(&row.body);
            }
            self.dead_letters.insert(msg_id, dead);
        }
    }

    fn applied(&self, now_us: u64) -> Settled {
        Settled::Applied {
            backlog: self.backlog(now_us),
        }
    }
}

/// Keeps messages that become visible at the same time in the order of their ids.
fn spread_us(msg_id: i64) -> u64 {
    msg_id.unsigned_abs() % 1000
}

/// The error of the claim hook, as Postgres words it in the replay.
pub(crate) const NO_CONTEXT: (&str, &str) = ("22000", "no context");

fn no_context() -> DatabaseError {
    let (code, message) = NO_CONTEXT;
    sqlstate_error(code, message)
}

fn leases<'s>(settlement: &'s Settlement<'_>) -> impl Iterator<Item = &'s Lease> {
    let kept = settlement.acks.iter().chain(&settlement.releases);
    let failed = settlement.retries.iter().map(|retry| &retry.lease);
    let put_off = settlement.deferrals.iter().map(|deferral| &deferral.lease);
    let given_up = settlement.dead_letters.iter().map(|dead| &dead.lease);
    let dropped = settlement.drops.iter().map(|dropped| &dropped.lease);
    kept.chain(dropped)
        .chain(failed)
        .chain(put_off)
        .chain(given_up)
}

/// The rows of one effect.
fn rows<'e>(effects: &'e Value, effect: &str) -> impl Iterator<Item = &'e Value> {
    effects[effect].as_array().into_iter().flatten()
}

/// The messages whose effects are in a settlement: each event has the id of its message as session.
fn effect_ids(effects: &Value) -> Vec<i64> {
    rows(effects, "analytics_events")
        .map(|event| event["session_id"].as_str().unwrap().parse().unwrap())
        .collect()
}
