//! A claim → a batch: what each claimed message causes, or why it cannot be done.

use std::collections::BTreeSet;

use super::{
    ClaimedMessage, DeadLetter, Deferral, Lease, Outcome, Policy, Retry, Settlement, retry,
};
use crate::{
    base::Failure,
    work::{Answer, Delivery, Effect, Handler, Reject, Verdict, Work},
};

/// A claimed message and what has become of it so far.
#[derive(Debug, Clone)]
pub struct TrackedMessage<D> {
    /// The fencing token.
    pub lease: Lease,
    /// What it causes, while it has neither failed nor been rejected.
    pub state: State<D>,
    failures: u32,
    delivered: Vec<String>,
    /// What to record whatever becomes of it.
    records: Vec<Effect>,
}

/// Where a message stands.
#[derive(Debug, Clone)]
pub enum State<D> {
    /// Its work is to be done.
    Working(Work<D>),
    /// It is retried, deferred or dead-lettered.
    Failed(Verdict),
}

/// The messages that are settled together.
pub type Batch<D> = Vec<TrackedMessage<D>>;

/// Decides every message of a claim. A rejected one leaves its neighbours alone.
pub fn open<D: Delivery>(
    messages: Vec<ClaimedMessage>,
    policy: &Policy,
    handler: &dyn Handler<D>,
) -> Batch<D> {
    // Two messages that ask for the same delivery make it once.
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

    /// Whether something has to leave the database before it can be settled.
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

    /// Takes note of an answer to a delivery. One that succeeded is not repeated, by this run or a later
    /// one. One that did not makes the message a retry, a dead letter or, if the provider's circuit
    /// breaker is open for `open_secs`, a deferral.
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

    /// Defers a message whose next delivery is not to be begun now; at once, for another worker, if
    /// `after_secs` is 0.
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

    /// Turns an outcome into a retry, a deferral or a dead letter.
    pub fn failed(&mut self, queue: &str, policy: &Policy, outcome: Outcome) {
        self.state = State::Failed(self.verdict(queue, policy, outcome));
    }

    /// Whether it goes back as it came, for another worker to begin at once.
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

/// One settlement for all of the messages.
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
            }) => settlement.retries.push(Retry {
                lease,
                delay_secs: *delay_secs,
                failure: failure.clone(),
                delivered: message.delivered.clone(),
            }),
            State::Failed(Verdict::Defer { .. }) if message.is_given_back() => {
                settlement.releases.push(lease);
            }
            State::Failed(Verdict::Defer {
                delay_secs,
                failure,
            }) => settlement.deferrals.push(Deferral {
                lease,
                delay_secs: *delay_secs,
                failure: failure.clone(),
                delivered: message.delivered.clone(),
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
