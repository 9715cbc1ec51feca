//! One run: claim, decide, deliver, settle, until the queue is empty or the budget is used up. The next
//! batch is claimed while the current one is settled.
//!
//! Generic over [`Host`], which owns the clock and all I/O, so that the simulation runs the same loop.
//! Dropping the future at any await is a crash of the worker: the leases of the current batch expire and
//! nothing is lost.

use std::{convert::Infallible, future::Future, pin::pin};

use futures_util::future::{Either, join, select};

mod deliver;
mod settle;

use crate::{
    base::Timestamp,
    engine::{
        Ask, Budget, Claim, DatabaseError, Grant, HEARTBEAT_SECS, Limits, Policy, Settled,
        Settlement, StopReason,
        batch::{self, Batch, TrackedMessage},
    },
    work::{Answer, Consumer, Delivery},
};

/// Tries of a call to the database before the run gives up.
const DATABASE_TRIES: u32 = 4;
/// The factor by which claims grow again after a claim of one message.
const CLAIM_GROWTH: u32 = 4;
/// Pause before the second try; doubles with each further try.
const DATABASE_RETRY_MS: u32 = 100;

/// The outside world of a run.
pub trait Host {
    /// The deliveries that it can make.
    type Delivery: Delivery;

    /// Claims messages.
    fn claim(&self, ask: Ask) -> impl Future<Output = Result<Claim, DatabaseError>>;
    /// Settles messages in one transaction.
    fn settle(
        &self,
        settlement: &Settlement<'_>,
    ) -> impl Future<Output = Result<Settled, DatabaseError>>;
    /// Tells the database that the run is alive. A lost heartbeat is not an error.
    fn heartbeat(&self) -> impl Future<Output = ()>;
    /// Makes one delivery. `now` is the time for reading dates in its answer.
    fn deliver(&self, delivery: &Self::Delivery, now: Timestamp) -> impl Future<Output = Answer>;
    /// Sleeps.
    fn sleep(&self, ms: u32) -> impl Future<Output = ()>;
    /// A monotonic clock.
    fn now_us(&self) -> u64;
    /// What the deliveries of this process have used so far, as far as the host can measure it.
    fn used(&self) -> Used;
    /// Whether the host is shutting down. The run then releases what it has not begun.
    fn is_stopping(&self) -> bool;
}

/// What deliveries have used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// CPU time, on top of the core's.
    pub cpu_us: u64,
    /// Memory that the process does not get back.
    pub memory_bytes: u64,
}

/// What a run did. Each claimed message counts once in `processed` to `lost`, except for those whose
/// leases expire because the database did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Messages claimed.
    pub claimed: u32,
    /// Acknowledged.
    pub processed: u32,
    /// To be tried again.
    pub retried: u32,
    /// Deferred without a failure.
    pub deferred: u32,
    /// Moved to the dead-letter queue.
    pub dead_lettered: u32,
    /// Released unchanged.
    pub released: u32,
    /// Claimed by another worker because the lease expired.
    pub lost: u32,
    /// Claims that returned messages.
    pub batches: u32,
    /// Why the run ended.
    pub stopped_because: StopReason,
    /// The error that ended it, if any.
    pub error: Option<DatabaseError>,
}

/// Drains a queue within the limits. The consumer decides what its messages cause.
pub async fn drain<H: Host>(
    host: &H,
    consumer: &dyn Consumer<Delivery = H::Delivery>,
    limits: Limits,
) -> Summary {
    let mut run = Run {
        host,
        consumer,
        budget: Budget::new(limits, host.now_us()),
        used: host.used(),
        seq: 0,
        summary: Summary {
            claimed: 0,
            processed: 0,
            retried: 0,
            deferred: 0,
            dead_lettered: 0,
            released: 0,
            lost: 0,
            batches: 0,
            stopped_because: StopReason::Empty,
            error: None,
        },
    };
    let (stopped_because, error) = with_heartbeats(host, run.batches()).await;
    run.summary.stopped_because = stopped_because;
    run.summary.error = error;
    run.close().await;
    run.summary
}

/// Does the work of a run and sends heartbeats meanwhile, so that the run keeps its place even while it waits
/// for a provider.
async fn with_heartbeats<H: Host, T>(host: &H, work: impl Future<Output = T>) -> T {
    let (work, heartbeats) = (pin!(work), pin!(heartbeats(host)));
    match select(work, heartbeats).await {
        Either::Left((result, _)) => result,
        Either::Right((never, _)) => match never {},
    }
}

async fn heartbeats<H: Host>(host: &H) -> Infallible {
    loop {
        host.sleep(HEARTBEAT_SECS * 1_000).await;
        host.heartbeat().await;
    }
}

struct Run<'h, H: Host> {
    host: &'h H,
    consumer: &'h dyn Consumer<Delivery = H::Delivery>,
    budget: Budget,
    /// What deliveries had used when it was last accounted for.
    used: Used,
    seq: u32,
    summary: Summary,
}

type Stop = (StopReason, Option<DatabaseError>);

/// A claim and its request.
struct Claimed {
    ask: Ask,
    /// When the claim was requested: its leases start then or later.
    asked_us: u64,
    claim: Claim,
}

/// What applies to all messages of one claim.
struct Terms {
    policy: Policy,
    now: Timestamp,
    /// A delivery that begins later might outlast its lease.
    deliver_until_us: u64,
}

impl<H: Host> Run<'_, H> {
    async fn batches(&mut self) -> Stop {
        // The largest claim to make; `None` until the queue's batch size is known.
        let mut most = None;
        let mut ahead = None;
        loop {
            let claimed = match ahead.take() {
                Some(ahead) => ahead,
                None => match self.next_claim(most).await {
                    Ok(next) => next,
                    Err(stop) => return stop,
                },
            };
            let Claimed {
                ask,
                asked_us,
                claim,
            } = claimed;
            let batch_size = claim.policy.batch_size;
            most = Some(match (ask, most) {
                // Grows back in steps, because more messages that make claims fail may follow.
                (Ask::OneAlone, _) => CLAIM_GROWTH.min(batch_size),
                (Ask::Messages(_), Some(most)) => most.saturating_mul(CLAIM_GROWTH).min(batch_size),
                (Ask::Messages(_), None) => batch_size,
            });
            if claim.messages.is_empty() {
                if self.waits_idle().await {
                    continue;
                }
                return (StopReason::Empty, None);
            }
            let started_us = self.host.now_us();
            if claim.context_error.is_some() {
                if let Err(error) = self.fail_without_context(claim).await {
                    return (StopReason::ClaimFailed, Some(error));
                }
                self.budget.batch_done(0, 0, 0);
                continue;
            }
            let mut handler = match self.consumer.open(claim.now, claim.context.as_deref()) {
                Ok(handler) => handler,
                Err(failure) => {
                    let status = 500;
                    let error = DatabaseError::Misconfigured { status, failure };
                    return (StopReason::ClaimFailed, Some(error));
                }
            };
            let policy = claim.policy;
            let terms = Terms {
                policy,
                now: claim.now,
                deliver_until_us: asked_us + u64::from(policy.delivery_window_secs()) * 1_000_000,
            };
            let messages = self.count_claim(&claim);
            let is_last = claim.backlog == 0 && messages < ask.limit().unwrap_or(batch_size);

            let cpu_before_us = self.budget.cpu_spent_us();
            let batch = self.on_cpu(|| batch::open(claim.messages, &policy, &*handler));
            let ask_ahead = self
                .ask_ahead(&batch, most)
                .filter(|_| !is_last && !handler.reads_its_settlement());
            let (host, budget) = (self.host, self.budget.clone());
            let claimed_ahead = async {
                match ask_ahead {
                    Some(ask) => Some(claim_with_retries(host, &budget, ask).await),
                    None => None,
                }
            };
            let (settled, claimed) = join(
                self.settle_batch(batch, &mut *handler, &terms),
                claimed_ahead,
            )
            .await;
            let backlog = match settled {
                Ok(backlog) => backlog,
                Err(error) => {
                    self.release_ahead(claimed, &error).await;
                    return (StopReason::SettleFailed, Some(error));
                }
            };
            self.account();
            let wall_us = self.host.now_us().saturating_sub(started_us);
            let cpu_us = self.budget.cpu_spent_us() - cpu_before_us;
            self.budget.batch_done(messages, wall_us, cpu_us);
            match claimed {
                Some(Ok(claimed)) => ahead = Some(claimed),
                Some(Err(error)) => return (StopReason::ClaimFailed, Some(error)),
                None if is_last && backlog == 0 && !self.waits_idle().await => {
                    return (StopReason::Empty, None);
                }
                None => {}
            }
        }
    }

    /// Sleeps until the next poll of an empty queue; false if the run has to end instead.
    async fn waits_idle(&mut self) -> bool {
        let wait_ms = match self.host.is_stopping() {
            true => None,
            false => self.budget.idle_wait(self.host.now_us()),
        };
        if let Some(ms) = wait_ms {
            self.host.sleep(ms).await;
        }
        wait_ms.is_some()
    }

    /// Takes note of what deliveries have used.
    fn account(&mut self) {
        let used = self.host.used();
        self.budget
            .spend_cpu(used.cpu_us.saturating_sub(self.used.cpu_us));
        self.budget.hold_memory(used.memory_bytes);
        self.used = used;
    }

    async fn next_claim(&mut self, most: Option<u32>) -> Result<Claimed, Stop> {
        if self.host.is_stopping() {
            return Err((StopReason::Interrupted, None));
        }
        self.account();
        let limit = match self.budget.grant(self.host.now_us(), most) {
            Grant::Claim(limit) => limit,
            Grant::Stop(reason) => return Err((reason, None)),
        };
        claim_with_retries(self.host, &self.budget, Ask::Messages(limit))
            .await
            .map_err(|error| (StopReason::ClaimFailed, Some(error)))
    }

    /// The claim to make while this batch is settled, if any. There is none while the batch holds messages
    /// that were claimed before, which may kill their worker, nor during deliveries, which would use up the
    /// next leases.
    fn ask_ahead(&self, batch: &Batch<H::Delivery>, most: Option<u32>) -> Option<Ask> {
        let is_quick = |message: &TrackedMessage<H::Delivery>| {
            message.lease.read_ct == 1 && !message.has_deliveries()
        };
        if !batch.iter().all(is_quick) || self.host.is_stopping() {
            return None;
        }
        let settled_at_us = self.host.now_us() + self.budget.expected_wall_us(batch.len());
        match self.budget.grant(settled_at_us, most) {
            Grant::Claim(limit) => Some(Ask::Messages(limit)),
            Grant::Stop(_) => None,
        }
    }

    fn count_claim(&mut self, claim: &Claim) -> u32 {
        let messages = u32::try_from(claim.messages.len()).unwrap_or(u32::MAX);
        self.summary.claimed += messages;
        self.summary.batches += u32::from(messages > 0);
        messages
    }

    /// Releases what was claimed while a settlement failed.
    async fn release_ahead(
        &mut self,
        claimed: Option<Result<Claimed, DatabaseError>>,
        error: &DatabaseError,
    ) {
        let Some(Ok(Claimed { claim, .. })) = claimed else {
            return;
        };
        self.count_claim(&claim);
        if let DatabaseError::Unreachable(_) = error {
            return;
        }
        let leases = claim.messages.iter().map(|message| message.lease).collect();
        // The error of the settlement tells more than an error of this release.
        let _: Result<u32, DatabaseError> = self.release(leases).await;
    }

    fn on_cpu<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let before_us = self.host.now_us();
        let result = work();
        self.budget
            .spend_cpu(self.host.now_us().saturating_sub(before_us));
        result
    }
}

/// Repeats a claim until it is answered or no retry can help. A claim that fails, perhaps because of one of
/// its messages, is repeated for the first of them alone.
async fn claim_with_retries<H: Host>(
    host: &H,
    budget: &Budget,
    mut ask: Ask,
) -> Result<Claimed, DatabaseError> {
    let mut tries = 0;
    loop {
        let asked_us = host.now_us();
        let error = match host.claim(ask).await {
            Ok(claim) => {
                return Ok(Claimed {
                    ask,
                    asked_us,
                    claim,
                });
            }
            Err(error) => error,
        };
        if let DatabaseError::RolledBack(_) | DatabaseError::Rejected(_) = error {
            if ask == Ask::OneAlone || budget.is_over(host.now_us()) || host.is_stopping() {
                return Err(error);
            }
            ask = Ask::OneAlone;
            continue;
        }
        tries += 1;
        match error {
            DatabaseError::Unreachable(_) | DatabaseError::Busy(_)
                if tries < DATABASE_TRIES && !budget.is_over(host.now_us()) =>
            {
                pause(host, tries).await;
            }
            DatabaseError::Unreachable(_)
            | DatabaseError::Busy(_)
            | DatabaseError::RolledBack(_)
            | DatabaseError::Rejected(_)
            | DatabaseError::Misconfigured { .. } => return Err(error),
        }
    }
}

async fn pause<H: Host>(host: &H, tries: u32) {
    let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
    host.sleep(DATABASE_RETRY_MS.saturating_mul(doubled)).await;
}
