//! The host of a simulated worker: every call takes virtual time, and its request or reply may be lost.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use suplatzigram_queues::{
    base::{Code, Failure, Timestamp},
    engine::{Ask, Claim, DatabaseError, Host, Lease, Settled, Settlement, Used},
    queues::Queue,
    work::Answer,
};

use crate::{
    database::{Database, SECOND_US},
    executor::{Random, Timers, sleep_until},
    faults::Faults,
    messages::{Fate, SimulatedDelivery},
    recording::Recording,
};

/// What all workers share: the database, the clock, the faults.
pub(crate) struct World {
    pub(crate) queue: Queue,
    pub(crate) now_us: Rc<Cell<u64>>,
    pub(crate) database: RefCell<Database>,
    pub(crate) random: RefCell<Random>,
    pub(crate) faults: Cell<Faults>,
    /// Messages that kill their worker.
    pub(crate) killers: BTreeSet<i64>,
    /// How often providers accepted each key.
    pub(crate) accepted: RefCell<BTreeMap<String, u32>>,
    /// Requests to a provider while it was down.
    pub(crate) requests_while_down: Cell<u32>,
    pub(crate) history: RefCell<Vec<String>>,
    pub(crate) recording: Option<Rc<Recording>>,
}

impl World {
    pub(crate) fn note(&self, event: String) {
        let line = format!("{} {event}", self.now_us.get());
        self.history.borrow_mut().push(line);
    }

    fn accept(&self, key: &str) {
        let mut accepted = self.accepted.borrow_mut();
        *accepted.entry(key.to_owned()).or_default() += 1;
    }

    fn one_in(&self, rate: fn(&Faults) -> u64) -> bool {
        self.random.borrow_mut().one_in(rate(&self.faults.get()))
    }
}

/// The host of one worker.
pub(crate) struct SimulatedHost {
    pub(crate) world: Rc<World>,
    pub(crate) timers: Timers,
    pub(crate) run: u32,
    pub(crate) is_doomed: Rc<Cell<bool>>,
    pub(crate) is_stopping: Rc<Cell<bool>>,
    /// All its leases of each message: it may claim a message again after its lease expired.
    leases: RefCell<BTreeMap<i64, Vec<Lease>>>,
    /// Deliveries under way.
    delivering: Cell<u32>,
}

impl SimulatedHost {
    pub(crate) fn new(world: Rc<World>, timers: Timers, run: u32) -> Self {
        Self {
            world,
            timers,
            run,
            is_doomed: Rc::default(),
            is_stopping: Rc::default(),
            leases: RefCell::default(),
            delivering: Cell::default(),
        }
    }

    async fn wait(&self, us: u64) {
        let until_us = self.world.now_us.get() + us;
        sleep_until(Rc::clone(&self.world.now_us), self.timers.clone(), until_us).await;
    }

    fn may_deliver(&self, msg_id: i64, key: &str) -> bool {
        let database = self.world.database.borrow();
        let leases = self.leases.borrow();
        let told = |lease: &Lease| database.seen_delivered.contains(&(*lease, key.to_owned()));
        !leases[&msg_id].iter().all(told)
    }

    /// The answer of a provider that may be down, refuse, throttle, or lose its answer.
    async fn ask(&self, delivery: &SimulatedDelivery) -> Answer {
        let failure = |code| Failure::new(code, "simulated");
        self.travel().await;
        let now_us = self.world.now_us.get();
        if self.world.faults.get().is_out(delivery.provider, now_us) {
            self.world
                .requests_while_down
                .set(self.world.requests_while_down.get() + 1);
            return Answer::Transient {
                failure: failure(Code::ProviderUnavailable),
                is_uncertain: false,
            };
        }
        match delivery.fate {
            Fate::Rejected => return Answer::Rejected(failure(Code::MessageRejected)),
            Fate::Gone => return Answer::Gone(failure(Code::DeviceGone)),
            Fate::Accepted => {}
        }
        if self.world.one_in(|faults| faults.provider_down) {
            return Answer::Transient {
                failure: failure(Code::ProviderUnavailable),
                is_uncertain: false,
            };
        }
        if self.world.one_in(|faults| faults.provider_down) {
            return Answer::Busy {
                after_secs: Some(45),
                failure: failure(Code::RecipientThrottled),
            };
        }
        if self.world.one_in(|faults| faults.throttled) {
            return Answer::Throttled {
                after_secs: Some(20),
                failure: failure(Code::ProviderThrottled),
            };
        }
        self.world.accept(&delivery.key);
        if self.world.one_in(|faults| faults.slow_answer) {
            self.wait(14 * SECOND_US).await;
        }
        self.travel().await;
        if self.world.one_in(|faults| faults.lost_reply) {
            return Answer::Transient {
                failure: failure(Code::NetworkError),
                is_uncertain: true,
            };
        }
        Answer::Accepted {
            message_id: None,
            content: None,
        }
    }

    /// One way through the network. Sometimes a process or a connection hangs for longer than a lease
    /// lasts.
    async fn travel(&self) {
        let us = if self.world.one_in(|faults| faults.hang) {
            self.world.random.borrow_mut().between(5, 90) * SECOND_US
        } else {
            self.world.random.borrow_mut().between(200, 30_000)
        };
        self.wait(us).await;
    }

    /// A call to the database: the request may be lost, the transaction rolled back, the reply lost.
    async fn call<T>(
        &self,
        transaction: impl FnOnce(&mut Database) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        self.travel().await;
        if self.world.one_in(|faults| faults.lost_request) {
            let failure = Failure::new(Code::NetworkError, "connection refused");
            return Err(DatabaseError::Unreachable(failure));
        }
        if self.world.one_in(|faults| faults.busy) {
            let failure = Failure::new(Code::DatabaseBusy, "PT409: deadlock");
            return Err(DatabaseError::Busy(failure));
        }
        if self.world.one_in(|faults| faults.too_slow) {
            let failure = Failure::new(Code::DatabaseTooSlow, "57014: statement timeout");
            return Err(DatabaseError::RolledBack(failure));
        }
        let answer = transaction(&mut self.world.database.borrow_mut());
        self.travel().await;
        if self.world.one_in(|faults| faults.lost_reply) {
            let failure = Failure::new(Code::NetworkError, "connection reset");
            return Err(DatabaseError::Unreachable(failure));
        }
        answer
    }
}

impl Host for SimulatedHost {
    type Delivery = SimulatedDelivery;

    async fn claim(&self, ask: Ask) -> Result<Claim, DatabaseError> {
        let transaction = |db: &mut Database| {
            let claim = db.claim(self.now_us(), self.run, ask);
            if let Some(recording) = &self.world.recording {
                recording.claim(self.now_us(), self.run, ask, &claim, db);
            }
            claim
        };
        let claim = self.call(transaction).await?;
        let ids: Vec<i64> = claim.messages.iter().map(|m| m.lease.msg_id).collect();
        self.world.note(format!("run {} claims {ids:?}", self.run));
        let mut leases = self.leases.borrow_mut();
        for message in &claim.messages {
            leases
                .entry(message.lease.msg_id)
                .or_default()
                .push(message.lease);
        }
        Ok(claim)
    }

    async fn settle(&self, settlement: &Settlement<'_>) -> Result<Settled, DatabaseError> {
        let transaction = |db: &mut Database| {
            let settled = db.settle(self.now_us(), self.run, settlement);
            if let Some(recording) = &self.world.recording {
                recording.settlement(self.now_us(), self.run, settlement, &settled, db);
            }
            settled
        };
        let settled = self.call(transaction).await;
        self.world.note(format!(
            "run {} settles {}: {settled:?}",
            self.run, settlement.seq
        ));
        settled
    }

    async fn deliver(&self, delivery: &SimulatedDelivery, _now: Timestamp) -> Answer {
        let key = &delivery.key;
        let (msg_id, _) = key.split_once(':').unwrap();
        let msg_id = msg_id.parse().unwrap();
        assert!(
            self.may_deliver(msg_id, key),
            "{key} is delivered again although the claim lists it as delivered"
        );
        self.delivering.set(self.delivering.get() + 1);
        {
            let database = self.world.database.borrow();
            assert!(self.delivering.get() <= database.policy.delivery_concurrency);
            let is_held = || database.rows[&msg_id].is_held_by(self.run, self.now_us());
            assert!(
                self.world.faults.get().hang != 0 || is_held(),
                "{key} begins after its lease expired"
            );
        }
        let answer = self.ask(delivery).await;
        self.delivering.set(self.delivering.get() - 1);
        self.world.note(format!("{key}: {answer:?}"));
        answer
    }

    async fn heartbeat(&self) {
        let transaction = |db: &mut Database| {
            db.heartbeat(self.now_us(), self.run);
            Ok(())
        };
        let _: Result<(), DatabaseError> = self.call(transaction).await;
    }

    async fn sleep(&self, ms: u32) {
        self.wait(u64::from(ms) * 1_000).await;
    }

    fn now_us(&self) -> u64 {
        self.world.now_us.get()
    }

    fn used(&self) -> Used {
        Used::default()
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.get()
    }
}
