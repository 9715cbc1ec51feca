//! Settles the batch of a claim: in one settlement, or in smaller ones if the database refuses it.

use uuid::Uuid;

use super::{DATABASE_TRIES, Host, Run, Terms, pause};
use crate::{
    base::{Code, Failure},
    engine::{
        Claim, DatabaseError, Lease, Outcome, Policy, Settled, Settlement,
        batch::{self, Batch, State, TrackedMessage},
    },
    work::{Effects, Handler, Verdict},
};

impl<H: Host> Run<'_, H> {
    /// Settles a whole batch, if possible at once, and returns the backlog.
    ///
    /// Drops lost leases, and messages whose effects need what is gone, and settles the rest again. Halves a group that the database refuses until the
    /// message at fault is alone, so that its neighbours succeed.
    pub(super) async fn settle_batch(
        &mut self,
        batch: Batch<H::Delivery>,
        handler: &mut dyn Handler<H::Delivery>,
        terms: &Terms,
    ) -> Result<u32, DatabaseError> {
        let mut backlog = 0;
        let mut groups = vec![batch];
        let mut is_ending = false;
        while let Some(mut group) = groups.pop() {
            if self.host.is_stopping() || self.budget.is_over(self.host.now_us()) {
                // Everything that is left, in one settlement: it records the deliveries made so far.
                if !is_ending {
                    group.extend(groups.drain(..).flatten());
                }
                is_ending = true;
                self.give_back(&mut group);
            } else {
                self.deliver(&mut group, handler, terms).await;
            }
            let learnt = handler.effects();
            let plan = || {
                let mut settlement = batch::settle(&group);
                settlement.effects.extend(&learnt);
                settlement
            };
            let error = match self.settle(plan).await {
                Ok(Settled::Applied { backlog: left }) => {
                    backlog = left;
                    self.tally(&group);
                    continue;
                }
                Ok(Settled::Lost(lost)) => {
                    let before = group.len();
                    group.retain(|message| !lost.contains(&message.lease.msg_id));
                    self.summary.lost += u32::try_from(before - group.len()).unwrap_or(u32::MAX);
                    // An answer that names none of these messages would be repeated forever.
                    if group.len() < before && !group.is_empty() {
                        groups.push(group);
                    }
                    continue;
                }
                Ok(Settled::Gone(gone)) => {
                    let dropped = group.iter_mut().map(|message| message.drop_without(&gone));
                    if dropped.filter(|is_dropped| *is_dropped).count() > 0 {
                        groups.push(group);
                        continue;
                    }
                    needless(&gone)
                }
                Err(error) => error,
            };
            match self.isolate(group, error, &terms.policy) {
                Ok(smaller) => groups.extend(smaller),
                Err(Stuck {
                    error: error @ DatabaseError::Unreachable(_),
                    ..
                }) => return Err(error),
                Err(Stuck { group, error }) => {
                    groups.push(group);
                    // This error tells more than an error of the release.
                    let _: Result<u32, DatabaseError> = self.release(leases(&groups)).await;
                    return Err(error);
                }
            }
        }
        Ok(backlog)
    }

    /// Settles a message without a context like one whose settlement is refused. If the message is not at
    /// fault, releases it and ends the run.
    pub(super) async fn fail_without_context(&mut self, claim: Claim) -> Result<(), DatabaseError> {
        self.count_claim(&claim);
        let leases = claim.messages.iter().map(|message| message.lease).collect();
        let outcome = match claim.context_error {
            None => return Ok(()),
            Some(DatabaseError::RolledBack(failure)) => Outcome::Transient(failure),
            Some(DatabaseError::Rejected(failure)) => Outcome::Permanent(failure),
            Some(
                error @ (DatabaseError::Unreachable(_)
                | DatabaseError::Busy(_)
                | DatabaseError::Misconfigured { .. }),
            ) => {
                // The error of the context tells more than an error of the release.
                let _: Result<u32, DatabaseError> = self.release(leases).await;
                return Err(error);
            }
        };
        let queue = self.consumer.queue();
        let fail =
            |message| TrackedMessage::failed_at_once(message, queue, &claim.policy, &outcome);
        let mut group: Batch<H::Delivery> = claim.messages.into_iter().map(fail).collect();
        while !group.is_empty() {
            match self.settle(|| batch::settle(&group)).await? {
                Settled::Applied { .. } => {
                    self.tally(&group);
                    break;
                }
                Settled::Lost(lost) => {
                    let before = group.len();
                    group.retain(|message| !lost.contains(&message.lease.msg_id));
                    self.summary.lost += u32::try_from(before - group.len()).unwrap_or(u32::MAX);
                    if group.len() == before {
                        break;
                    }
                }
                Settled::Gone(gone) => return Err(needless(&gone)),
            }
        }
        Ok(())
    }

    /// Leaves the messages in progress to another worker.
    fn give_back(&self, group: &mut Batch<H::Delivery>) {
        for message in group {
            if let State::Working(_) = message.state {
                let why = Failure::new(Code::Interrupted, "the run is about to end");
                message.put_off(self.consumer.queue(), 0, why);
            }
        }
    }

    /// What to settle instead of a refused group: its halves, or its only message as failed.
    fn isolate(
        &self,
        mut group: Batch<H::Delivery>,
        error: DatabaseError,
        policy: &Policy,
    ) -> Result<Vec<Batch<H::Delivery>>, Stuck<H::Delivery>> {
        let outcome = match &error {
            DatabaseError::Unreachable(_) | DatabaseError::Misconfigured { .. } => {
                return Err(Stuck { group, error });
            }
            DatabaseError::Busy(failure) | DatabaseError::RolledBack(failure) => {
                Outcome::Transient(failure.clone())
            }
            DatabaseError::Rejected(failure) => Outcome::Permanent(failure.clone()),
        };
        match group.as_mut_slice() {
            [] => Ok(Vec::new()),
            // Refused although it has failed already: not the message's fault.
            [
                TrackedMessage {
                    state: State::Failed(_),
                    ..
                },
            ] => Err(Stuck { group, error }),
            [message] => {
                message.failed(self.consumer.queue(), policy, outcome);
                Ok(vec![group])
            }
            messages => {
                let half = messages.len() / 2;
                let second = group.split_off(half);
                Ok(vec![second, group])
            }
        }
    }

    /// Repeats a settlement until it is answered. It keeps its number, so that the database recognises a
    /// repetition after a lost answer.
    async fn settle<'s>(
        &mut self,
        plan: impl FnOnce() -> Settlement<'s>,
    ) -> Result<Settled, DatabaseError> {
        self.seq += 1;
        let settlement = Settlement {
            seq: self.seq,
            ..self.on_cpu(plan)
        };
        let mut tries = 0;
        loop {
            let error = match self.host.settle(&settlement).await {
                Ok(settled) => return Ok(settled),
                Err(error) => error,
            };
            tries += 1;
            match error {
                DatabaseError::Unreachable(_) | DatabaseError::Busy(_)
                    if tries < DATABASE_TRIES && !self.budget.is_over(self.host.now_us()) =>
                {
                    pause(self.host, tries).await;
                }
                DatabaseError::Unreachable(_)
                | DatabaseError::Busy(_)
                | DatabaseError::RolledBack(_)
                | DatabaseError::Rejected(_)
                | DatabaseError::Misconfigured { .. } => return Err(error),
            }
        }
    }

    /// Releases leases and returns the backlog. If this fails too, they expire.
    pub(super) async fn release(&mut self, mut leases: Vec<Lease>) -> Result<u32, DatabaseError> {
        while !leases.is_empty() {
            let releases = leases.clone();
            let settled = self.settle(|| Settlement {
                releases,
                ..Settlement::default()
            });
            match settled.await? {
                Settled::Applied { backlog } => {
                    self.summary.released += u32::try_from(leases.len()).unwrap_or(u32::MAX);
                    return Ok(backlog);
                }
                Settled::Lost(lost) => {
                    let before = leases.len();
                    leases.retain(|lease| !lost.contains(&lease.msg_id));
                    self.summary.lost += u32::try_from(before - leases.len()).unwrap_or(u32::MAX);
                    if leases.len() == before {
                        return Ok(0);
                    }
                }
                Settled::Gone(gone) => return Err(needless(&gone)),
            }
        }
        Ok(0)
    }

    /// Records why the run ended, and what it has to say besides. If the database is unreachable, the run stays recorded as unfinished.
    pub(super) async fn close(&mut self) {
        if let Some(DatabaseError::Unreachable(_)) = self.summary.error {
            return;
        }
        let stopped_because = Some(self.summary.stopped_because.name());
        let error = self.summary.error.as_ref();
        let error = error.map(|error| error.http().1.clone());
        let records = self.consumer.run_effects();
        let mut effects = Effects::default();
        effects.extend(&records);
        let settled = self.settle(|| Settlement {
            stopped_because,
            error,
            effects,
            ..Settlement::default()
        });
        if let (Err(error), None) = (settled.await, &self.summary.error) {
            self.summary.error = Some(error);
        }
    }

    fn tally(&mut self, group: &Batch<H::Delivery>) {
        for message in group {
            let summary = &mut self.summary;
            let count = match &message.state {
                State::Working(_) | State::Failed(Verdict::Drop(_)) => &mut summary.processed,
                State::Failed(Verdict::Retry { .. }) => &mut summary.retried,
                State::Failed(Verdict::Defer { .. }) if message.is_released() => {
                    &mut summary.released
                }
                State::Failed(Verdict::Defer { .. }) => &mut summary.deferred,
                State::Failed(Verdict::DeadLetter(_)) => &mut summary.dead_lettered,
            };
            *count += 1;
        }
    }
}

/// A group that cannot be settled, and why.
struct Stuck<D> {
    group: Batch<D>,
    error: DatabaseError,
}

/// The database names as gone what none of the settled effects needs, so that dropping messages does not help.
fn needless(gone: &[Uuid]) -> DatabaseError {
    let (count, error) = (gone.len().to_string(), " ids are gone that no effect needs");
    DatabaseError::Misconfigured {
        status: 500,
        failure: Failure::new(Code::InvalidSettlementAnswer, [&count, error].concat()),
    }
}

fn leases<D>(groups: &[Batch<D>]) -> Vec<Lease> {
    groups
        .iter()
        .flatten()
        .map(|message| message.lease)
        .collect()
}
