//! A claim → a batch: what each claimed message causes, or why it cannot be done.

use serde_json::value::RawValue;

use crate::{
    handlers::Work,
    message::Reject,
    outcome::{Failure, Outcome},
    policy::Policy,
    retry::{self, Verdict},
    settlement::{DeadLetter, Lease, Retry, Settlement},
    timestamp::Timestamp,
};

/// The database's answer to a claim.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The database's clock.
    pub now: Timestamp,
    /// The queue's policy.
    pub policy: Policy,
    /// Visible messages left in the queue, counted up to a bound.
    pub backlog: u32,
    /// The claimed messages, each held until its visibility timeout.
    pub messages: Vec<ClaimedMessage>,
}

/// A message and its lease.
#[derive(Debug, Clone)]
pub struct ClaimedMessage {
    /// The fencing token.
    pub lease: Lease,
    /// Failures recorded so far; crashes of workers are not among them.
    pub failures: u32,
    /// Keys of the deliveries that succeeded in earlier tries.
    pub delivered: Vec<String>,
    /// Size of the body as JSON text.
    pub size_bytes: u64,
    /// The body; `None` where the database withheld one that is over the limit.
    pub body: Option<Box<RawValue>>,
}

/// A claimed message and what has become of it so far.
#[derive(Debug, Clone)]
pub struct Item {
    /// The fencing token.
    pub lease: Lease,
    /// What it causes, while it has neither failed nor been rejected.
    pub state: State,
    failures: u32,
    delivered: Vec<String>,
}

/// Where an item stands.
#[derive(Debug, Clone)]
pub enum State {
    /// Its work is to be done.
    Working(Work),
    /// It is tried again, or given up.
    Failed(Verdict),
}

/// The messages that are settled together.
pub type Batch = Vec<Item>;

/// Parses every message of a claim; one that is rejected leaves its neighbours alone.
pub fn open(claim: Claim, handle: impl Fn(&str, Timestamp) -> Result<Work, Reject>) -> Batch {
    let Claim {
        now,
        policy,
        messages,
        ..
    } = claim;
    messages
        .into_iter()
        .map(|message| Item::open(message, &policy, |body| handle(body, now)))
        .collect()
}

impl Item {
    fn open(
        message: ClaimedMessage,
        policy: &Policy,
        handle: impl Fn(&str) -> Result<Work, Reject>,
    ) -> Self {
        let body = message
            .body
            .filter(|_| message.size_bytes <= policy.max_message_bytes);
        let work = match body {
            None => Err(Reject::TooLarge {
                size_bytes: message.size_bytes,
                max_bytes: policy.max_message_bytes,
            }),
            Some(body) => handle(body.get()),
        };
        let state = match work {
            Ok(mut work) => {
                work.deliveries
                    .retain(|delivery| !message.delivered.contains(&delivery.key));
                State::Working(work)
            }
            Err(reject) => State::Failed(Verdict::DeadLetter(Failure::new(
                reject.code(),
                reject.to_string(),
            ))),
        };
        Self {
            lease: message.lease,
            state,
            failures: message.failures,
            delivered: message.delivered,
        }
    }

    /// Whether something has to leave the database before it can be settled.
    #[must_use]
    pub fn has_deliveries(&self) -> bool {
        match &self.state {
            State::Working(work) => !work.deliveries.is_empty(),
            State::Failed(_) => false,
        }
    }

    /// Records a delivery that succeeded: neither this run nor a later one repeats it.
    pub fn delivered(&mut self, key: &str) {
        self.delivered.push(key.to_owned());
        if let State::Working(work) = &mut self.state {
            work.deliveries.retain(|delivery| delivery.key != key);
        }
    }

    /// Turns an outcome that was no success into a retry or a dead letter.
    pub fn failed(&mut self, queue: &str, policy: &Policy, outcome: Outcome) {
        let seed = retry::seed(queue, self.lease.msg_id, self.failures);
        if let Some(verdict) = retry::decide(policy, self.failures, outcome, seed) {
            self.state = State::Failed(verdict);
        }
    }
}

/// One settlement for all of the items.
#[must_use]
pub fn settle(items: &[Item]) -> Settlement<'_> {
    let mut settlement = Settlement::default();
    for item in items {
        let lease = item.lease;
        match &item.state {
            State::Working(work) => {
                settlement.acks.push(lease);
                settlement.effects.extend(&work.effects);
            }
            State::Failed(Verdict::Retry {
                delay_secs,
                failure,
            }) => settlement.retries.push(Retry {
                lease,
                delay_secs: *delay_secs,
                failure: failure.clone(),
                delivered: item.delivered.clone(),
            }),
            State::Failed(Verdict::DeadLetter(failure)) => {
                settlement.dead_letters.push(DeadLetter {
                    lease,
                    failure: failure.clone(),
                });
            }
        }
    }
    settlement
}
