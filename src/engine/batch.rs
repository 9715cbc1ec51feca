//! Turns a claim into a batch: what each claimed message causes, or why it cannot be processed.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    ClaimedMessage, DeadLetter, Delayed, Dropped, Lease, Outcome, Policy, Settlement, retry,
};
use crate::{
    base::Failure,
    work::{Answer, Delivery, Effect, Handler, Reject, Verdict, Work},
};

/// A claimed message and its state.
#[derive(Debug, Clone)]
pub struct TrackedMessage<D> {
    /// The fencing token.
    pub lease: Lease,
    /// Whether it is in progress or has failed.
    pub state: State<D>,
    failures: u32,
    delivered: Vec<String>,
    /// What to record whether or not it is acknowledged.
    records: Vec<Effect>,
}

/// The state of a message.
#[derive(Debug, Clone)]
pub enum State<D> {
    /// In progress; acknowledged once its deliveries are made.
    Working(Work<D>),
    /// To be retried, deferred or dead-lettered.
    Failed(Verdict),
}

/// Messages that are settled together.
pub type Batch<D> = Vec<TrackedMessage<D>>;

/// Decides every message of a claim. A rejected message does not affect the others.
pub fn open<D: Delivery>(
    messages: Vec<ClaimedMessage>,
    policy: &Policy,
    handler: &dyn Handler<D>,
) -> Batch<D> {
    // A delivery that two messages ask for is made once.
    let mut asked = BTreeSet::new();
    let open = |message| {
        let mut message = TrackedMessage::open(message, policy, handler);
        message.keep_deliveries(|key| asked.insert(key.to_owned()));
        message
    };
    messages.into_iter().map(open).collect()
}

impl<D: Delivery> TrackedMessage<D> {
    fn open(message: ClaimedMessage, policy: &Policy, handler: &dyn Handler<D>) -> Self {
        let work = match message.body {
            None => Err(Reject::TooLarge {
                size_bytes: message.size_bytes,
                max_bytes: policy.max_message_bytes,
            }),
            Some(body) => handler.handle(body.get()),
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
                    .retain(|delivery| !message.delivered.iter().any(|key| key == delivery.key()));
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

    /// A message that failed before it was decided.
    #[must_use]
    pub fn failed_at_once(
        message: ClaimedMessage,
        queue: &str,
        policy: &Policy,
        outcome: &Outcome,
    ) -> Self {
        let seed = retry::seed(queue, message.lease.msg_id, message.failures);
        let verdict = retry::decide(policy, message.failures, outcome.clone(), seed);
        Self {
            lease: message.lease,
            state: State::Failed(verdict),
            failures: message.failures,
            delivered: message.delivered,
            records: Vec::new(),
        }
    }

    /// Whether deliveries are left to make.
    #[must_use]
    pub fn has_deliveries(&self) -> bool {
        self.next_delivery().is_some()
    }

    /// The delivery to make next, if any.
    #[must_use]
    pub fn next_delivery(&self) -> Option<&D> {
        match &self.state {
            State::Working(work) => work.deliveries.first(),
            State::Failed(_) => None,
        }
    }

    /// Takes note of the answer to a delivery. A successful delivery is never repeated. A failed one makes
    /// the message a retry, a dead letter or, if the provider's circuit breaker is open for `open_secs`,
    /// a deferral.
    pub fn answered(
        &mut self,
        delivery: &D,
        answer: &Answer,
        open_secs: Option<u32>,
        queue: &str,
        policy: &Policy,
    ) {
        match Outcome::of(answer, open_secs) {
            None => {
                self.delivered(delivery.key());
                self.records.extend(delivery.answered(answer, None));
            }
            Some(outcome) => {
                let verdict = self.verdict(queue, policy, outcome);
                self.records
                    .extend(delivery.answered(answer, Some(&verdict)));
                self.state = State::Failed(verdict);
            }
        }
    }

    /// Defers a message whose next delivery must not begin now. With `after_secs` 0 another worker may
    /// claim it at once.
    pub fn put_off(&mut self, queue: &str, after_secs: u32, failure: Failure) {
        if let State::Working(work) = &self.state {
            let waiting = work.deliveries.iter();
            let records = waiting.flat_map(|delivery| delivery.put_off(&failure));
            self.records.extend(records);
        }
        self.state = State::Failed(match after_secs {
            0 => Verdict::Defer {
                delay_secs: 0,
                failure,
            },
            secs => retry::defer(secs, failure, self.seed(queue)),
        });
    }

    /// Marks the message as failed: a retry, a deferral or a dead letter.
    pub fn failed(&mut self, queue: &str, policy: &Policy, outcome: Outcome) {
        self.state = State::Failed(self.verdict(queue, policy, outcome));
    }

    /// Drops a message in progress whose effects need something that is gone, and returns whether it did.
    pub fn drop_without(&mut self, gone: &[Uuid]) -> bool {
        let State::Working(work) = &self.state else {
            return false;
        };
        let Some(needed) = work.effects.iter().find_map(|effect| effect.lacks(gone)) else {
            return false;
        };
        self.state = State::Failed(Verdict::Drop(Failure::new(needed.code, needed.error)));
        true
    }

    /// Whether it is released unchanged, for another worker to claim at once.
    #[must_use]
    pub fn is_released(&self) -> bool {
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
            work.deliveries.retain(|delivery| is_due(delivery.key()));
        }
    }

    fn verdict(&self, queue: &str, policy: &Policy, outcome: Outcome) -> Verdict {
        retry::decide(policy, self.failures, outcome, self.seed(queue))
    }

    fn seed(&self, queue: &str) -> u64 {
        retry::seed(queue, self.lease.msg_id, self.failures)
    }
}

/// One settlement for all messages.
#[must_use]
pub fn settle<D: Delivery>(messages: &[TrackedMessage<D>]) -> Settlement<'_> {
    let mut settlement = Settlement::default();
    for message in messages {
        let lease = message.lease;
        settlement.effects.extend(&message.records);
        match &message.state {
            State::Working(work) => {
                settlement.acks.push(lease);
                settlement.effects.extend(&work.effects);
            }
            State::Failed(Verdict::Retry {
                delay_secs,
                failure,
            }) => settlement.retries.push(Delayed {
                lease,
                delay_secs: *delay_secs,
                failure: failure.clone(),
                delivered: message.delivered.clone(),
            }),
            State::Failed(Verdict::Defer { .. }) if message.is_released() => {
                settlement.releases.push(lease);
            }
            State::Failed(Verdict::Defer {
                delay_secs,
                failure,
            }) => settlement.deferrals.push(Delayed {
                lease,
                delay_secs: *delay_secs,
                failure: failure.clone(),
                delivered: message.delivered.clone(),
            }),
            State::Failed(Verdict::Drop(failure)) => settlement.drops.push(Dropped {
                lease,
                failure: failure.clone(),
            }),
            State::Failed(Verdict::DeadLetter(failure)) => {
                settlement.dead_letters.push(DeadLetter {
                    lease,
                    failure: failure.clone(),
                    delivered: message.delivered.clone(),
                });
            }
        }
    }
    settlement
}
