//! A claim → a batch: what each claimed message causes, or why it cannot be done.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::{
    context::Context,
    handlers::{Delivery, Effect, Work},
    message::Reject,
    outcome::{Failure, Outcome},
    policy::Policy,
    providers::Answer,
    retry::{self, Verdict},
    settlement::{DeadLetter, Deferral, Lease, Retry, Settlement},
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
    /// What the database says beyond them.
    pub context: Context,
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
    /// What is to be written down whatever becomes of it.
    records: Vec<Effect>,
}

/// Where an item stands.
#[derive(Debug, Clone)]
pub enum State {
    /// Its work is to be done.
    Working(Work),
    /// It is tried again, put off, or given up.
    Failed(Verdict),
}

/// The messages that are settled together.
pub type Batch = Vec<Item>;

/// Parses every message of a claim; one that is rejected leaves its neighbours alone.
pub fn open(
    claim: Claim,
    handle: impl Fn(&str, Timestamp, &Context) -> Result<Work, Reject>,
) -> Batch {
    let Claim {
        now,
        policy,
        messages,
        context,
        ..
    } = claim;
    // Two messages that ask for the same delivery make it once.
    let mut asked = BTreeSet::new();
    let open = |message| {
        let mut item = Item::open(message, &policy, |body| handle(body, now, &context));
        item.keep_deliveries(|key| asked.insert(key.to_owned()));
        item
    };
    messages.into_iter().map(open).collect()
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
        let mut records = Vec::new();
        let state = match work {
            Ok(Work {
                effects,
                verdict: Some(verdict),
                ..
            }) => {
                records = effects;
                State::Failed(verdict)
            }
            Ok(mut work) => {
                work.deliveries
                    .retain(|delivery| !message.delivered.contains(&delivery.request.key));
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
            records,
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

    /// The delivery to make next, if any.
    #[must_use]
    pub fn next_delivery(&self) -> Option<&Delivery> {
        match &self.state {
            State::Working(work) => work.deliveries.first(),
            State::Failed(_) => None,
        }
    }

    /// Takes in what came of a delivery. One that succeeded is not repeated, by this run or a later one;
    /// one that did not makes the message a retry, a dead letter or, where its provider is not to be
    /// asked for `closed_for_secs`, a deferral.
    pub fn answered(
        &mut self,
        delivery: &Delivery,
        answer: &Answer,
        closed_for_secs: Option<u32>,
        queue: &str,
        policy: &Policy,
    ) {
        let outcome = match answer {
            Answer::Accepted { .. } | Answer::Gone(_) => Outcome::Success,
            Answer::Rejected(failure) => Outcome::Permanent(failure.clone()),
            Answer::Busy {
                after_secs,
                failure,
            } => Outcome::Throttled {
                after_secs: after_secs.unwrap_or(0),
                failure: failure.clone(),
            },
            Answer::Transient { failure, .. }
            | Answer::Throttled { failure, .. }
            | Answer::Misconfigured(failure) => match closed_for_secs {
                Some(secs) => Outcome::Unavailable {
                    after_secs: secs,
                    failure: failure.clone(),
                },
                None => Outcome::Transient(failure.clone()),
            },
        };
        if outcome == Outcome::Success {
            self.delivered(&delivery.request.key);
            self.records.extend(delivery.records(answer, None));
        } else {
            self.failed(queue, policy, outcome);
            if let State::Failed(verdict) = &self.state {
                self.records.extend(delivery.records(answer, Some(verdict)));
            }
        }
    }

    /// Puts off what is not to be begun now: after so long, or at once where another worker may do it.
    pub fn not_begun(&mut self, queue: &str, after_secs: u32, failure: Failure) {
        let verdict = match after_secs {
            0 => Verdict::Defer {
                delay_secs: 0,
                failure,
            },
            secs => retry::defer(secs, failure, self.seed(queue)),
        };
        if let (State::Working(work), Verdict::Defer { failure, .. }) = (&self.state, &verdict) {
            let waiting = work.deliveries.iter();
            self.records
                .extend(waiting.filter_map(|delivery| delivery.not_begun(failure)));
        }
        self.state = State::Failed(verdict);
    }

    /// Turns an outcome that was no success into a retry, a deferral or a dead letter.
    pub fn failed(&mut self, queue: &str, policy: &Policy, outcome: Outcome) {
        let seed = self.seed(queue);
        if let Some(verdict) = retry::decide(policy, self.failures, outcome, seed) {
            self.state = State::Failed(verdict);
        }
    }

    /// Whether it goes back as it came: another worker may begin it at once.
    #[must_use]
    pub fn is_given_back(&self) -> bool {
        match &self.state {
            State::Failed(Verdict::Defer { delay_secs: 0, .. }) => self.delivered.is_empty(),
            State::Working(_) | State::Failed(_) => false,
        }
    }

    fn delivered(&mut self, key: &str) {
        self.delivered.push(key.to_owned());
        self.keep_deliveries(|other| other != key);
    }

    fn keep_deliveries(&mut self, mut is_due: impl FnMut(&str) -> bool) {
        if let State::Working(work) = &mut self.state {
            work.deliveries
                .retain(|delivery| is_due(&delivery.request.key));
        }
    }

    fn seed(&self, queue: &str) -> u64 {
        retry::seed(queue, self.lease.msg_id, self.failures)
    }
}

/// One settlement for all of the items.
#[must_use]
pub fn settle(items: &[Item]) -> Settlement<'_> {
    let mut settlement = Settlement::default();
    for item in items {
        let lease = item.lease;
        settlement.effects.extend(&item.records);
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
            State::Failed(Verdict::Defer { .. }) if item.is_given_back() => {
                settlement.releases.push(lease);
            }
            State::Failed(Verdict::Defer {
                delay_secs,
                failure,
            }) => settlement.deferrals.push(Deferral {
                lease,
                delay_secs: *delay_secs,
                failure: failure.clone(),
                delivered: item.delivered.clone(),
            }),
            State::Failed(Verdict::DeadLetter(failure)) => {
                settlement.dead_letters.push(DeadLetter {
                    lease,
                    failure: failure.clone(),
                    delivered: item.delivered.clone(),
                });
            }
        }
    }
    settlement
}
