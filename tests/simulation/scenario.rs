//! Generates messages, faults and workers from a seed, and runs them.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use suplatzigram_queues::{
    engine::{Limits, Policy},
    queues::Queue,
};

use crate::{
    database::{Database, Rules, SECOND_US},
    executor::Random,
    faults::Faults,
    host::World,
    messages::{Kind, body},
    promises::End,
    recording::Recording,
    workers::Workers,
};

pub(crate) struct Scenario {
    pub(crate) rules: Rules,
    pub(crate) recording: Option<Rc<Recording>>,
    pub(crate) seed: u64,
    pub(crate) faults: Faults,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
    kinds: BTreeMap<i64, Kind>,
}

pub(crate) const DISPATCH_US: u64 = 10 * SECOND_US;
pub(crate) const FAULTS_END_US: u64 = 600 * SECOND_US;
pub(crate) const END_US: u64 = 4 * 3_600 * SECOND_US;

impl Scenario {
    pub(crate) fn generate(seed: u64, faults: Faults) -> Self {
        let mut random = Random::new(seed);
        let count = random.between(1, 60) as i64;
        let mut kind = || {
            if random.one_in(faults.poison) {
                Kind::Poison
            } else if random.one_in(faults.killer) {
                Kind::Killer
            } else if random.one_in(faults.refused) {
                Kind::Refused
            } else if random.one_in(faults.vanished) {
                Kind::Vanished
            } else if random.one_in(faults.without_context) {
                Kind::WithoutContext
            } else if random.one_in(faults.gone) {
                [Kind::Unwanted, Kind::Gone][random.between(0, 2) as usize]
            } else {
                let deliveries = random.between(0, 5).saturating_sub(2);
                Kind::Healthy { deliveries }
            }
        };
        Self {
            kinds: (1..=count).map(|msg_id| (msg_id, kind())).collect(),
            rules: Rules {
                compares_read_counts: true,
                remembers_settled_leases: true,
                applies_all_or_nothing: true,
                isolates_suspects: true,
                shares_breakers: true,
                compares_revisions: true,
                remembers_outcomes: true,
            },
            recording: None,
            policy: Policy {
                visibility_timeout_secs: random.between(5, 60) as u32,
                batch_size: random.between(1, 30) as u32,
                // A message that is alone needs enough retries to open the breaker.
                max_retries: if faults.outage_until_us > 0 { 5 } else { 3 },
                backoff_base_secs: 5,
                backoff_cap_secs: 60,
                max_message_bytes: 10_000,
                delivery_concurrency: random.between(1, 9) as u32,
            },
            limits: Limits {
                wall_ms: random.between(2, 100) as u32 * 1_000,
                cpu_ms: 1_000,
                memory_bytes: 1,
                idle_wait_ms: random.between(0, 2) as u32 * 550,
            },
            seed,
            faults,
        }
    }

    pub(crate) fn run(self) -> End {
        let ids_of = |wanted: Kind| -> BTreeSet<i64> {
            let kinds = self.kinds.iter();
            kinds
                .filter(|(_, kind)| **kind == wanted)
                .map(|(id, _)| *id)
                .collect()
        };
        let bodies = self
            .kinds
            .iter()
            .map(|(id, kind)| body(*id, *kind))
            .collect();
        let mut database = Database::new(self.rules, self.policy, bodies);
        database.refused = ids_of(Kind::Refused);
        database.vanished = ids_of(Kind::Vanished);
        database.without_context = ids_of(Kind::WithoutContext);
        if let Some(recording) = &self.recording {
            recording.start(&database);
        }
        let world = Rc::new(World {
            queue: Queue::Analytics,
            now_us: Rc::default(),
            database: RefCell::new(database),
            random: RefCell::new(Random::new(self.seed ^ 0xFACE)),
            faults: Cell::new(self.faults),
            killers: ids_of(Kind::Killer),
            accepted: RefCell::default(),
            requests_while_down: Cell::default(),
            history: RefCell::default(),
            recording: self.recording,
        });
        let mut workers = Workers {
            world: Rc::clone(&world),
            limits: self.limits,
            running: Vec::new(),
            runs: 0,
            summaries: Vec::new(),
        };
        let mut next_dispatch_us = 0;
        loop {
            let next_poll_us = workers.next_poll_us().unwrap_or(u64::MAX);
            let now_us = next_poll_us.min(next_dispatch_us);
            world.now_us.set(now_us.max(world.now_us.get()));
            if now_us >= FAULTS_END_US {
                world.faults.set(Faults {
                    outage_until_us: self.faults.outage_until_us,
                    ..Faults::calm()
                });
            }
            assert!(now_us < END_US, "messages are left after four hours");
            if next_dispatch_us <= next_poll_us {
                next_dispatch_us += DISPATCH_US;
                workers.dispatch();
                let is_idle = workers.running.is_empty();
                if is_idle && world.database.borrow().rows.is_empty() {
                    break;
                }
            } else {
                workers.poll_next();
            }
        }
        let summaries = workers.summaries;
        End {
            kinds: self.kinds,
            faults: self.faults,
            limits: self.limits,
            world,
            summaries,
        }
    }
}
