//! A seed → messages, faults and workers; their run; and what must hold at its end.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use suplatzigram_queues::{
    budget::{Limits, StopReason},
    drain::{Summary, drain},
    handlers::{Delivery, Queue, Work},
    message::Reject,
    policy::Policy,
    timestamp::Timestamp,
};

use crate::{
    database::{Database, MAX_CRASHES, Rules, SECOND_US},
    executor::{Random, Task, WakeAt},
    host::{SimulatedHost, World},
};

/// Each fault happens once in so many times; 0 is never.
#[derive(Clone, Copy)]
pub(crate) struct Faults {
    pub(crate) crash: u64,
    pub(crate) hang: u64,
    pub(crate) lost_request: u64,
    pub(crate) lost_reply: u64,
    pub(crate) busy: u64,
    pub(crate) too_slow: u64,
    pub(crate) shutdown: u64,
    pub(crate) provider_down: u64,
    /// Of the messages.
    killer: u64,
    poison: u64,
    refused: u64,
    gone: u64,
}

impl Faults {
    pub(crate) fn all() -> Self {
        Self {
            crash: 60,
            hang: 80,
            lost_request: 40,
            lost_reply: 40,
            busy: 40,
            too_slow: 60,
            shutdown: 200,
            provider_down: 8,
            killer: 40,
            poison: 12,
            refused: 15,
            gone: 25,
        }
    }

    /// All of them, and a network on which a call often stays without an answer whatever one tries.
    pub(crate) fn bad_network() -> Self {
        Self {
            lost_request: 5,
            lost_reply: 2,
            ..Self::all()
        }
    }

    /// Messages of all kinds, but a world in which nothing fails.
    pub(crate) fn none() -> Self {
        Self {
            poison: 12,
            refused: 15,
            gone: 25,
            ..Self::calm()
        }
    }

    pub(crate) fn killers_only() -> Self {
        Self {
            killer: 10,
            ..Self::calm()
        }
    }

    fn calm() -> Self {
        Self {
            crash: 0,
            hang: 0,
            lost_request: 0,
            lost_reply: 0,
            busy: 0,
            too_slow: 0,
            shutdown: 0,
            provider_down: 0,
            killer: 0,
            poison: 0,
            refused: 0,
            gone: 0,
        }
    }
}

/// What a message is like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Healthy {
        deliveries: u64,
    },
    /// One of its deliveries is refused for good.
    Gone,
    Poison,
    /// The database refuses its effects.
    Refused,
    Killer,
}

pub(crate) struct Scenario {
    pub(crate) rules: Rules,
    seed: u64,
    faults: Faults,
    policy: Policy,
    limits: Limits,
    kinds: BTreeMap<i64, Kind>,
}

const DISPATCH_US: u64 = 10 * SECOND_US;
const FAULTS_END_US: u64 = 600 * SECOND_US;
const END_US: u64 = 4 * 3_600 * SECOND_US;
const MAX_WORKERS: usize = 5;

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
            } else if random.one_in(faults.gone) {
                Kind::Gone
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
            },
            policy: Policy {
                visibility_timeout_secs: random.between(5, 60) as u32,
                batch_size: random.between(1, 30) as u32,
                max_retries: 3,
                backoff_base_secs: 5,
                backoff_cap_secs: 60,
                max_message_bytes: 10_000,
            },
            limits: Limits {
                wall_ms: random.between(2, 100) as u32 * 1_000,
                cpu_ms: 1_000,
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
        let world = Rc::new(World {
            now_us: Rc::default(),
            database: RefCell::new(database),
            random: RefCell::new(Random::new(self.seed ^ 0xFACE)),
            faults: Cell::new(self.faults),
            killers: ids_of(Kind::Killer),
            accepted: RefCell::default(),
            history: RefCell::default(),
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
                world.faults.set(Faults::calm());
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

/// A worker under way.
struct Worker {
    task: Task<Summary>,
    started_us: u64,
    is_doomed: Rc<Cell<bool>>,
    is_stopping: Rc<Cell<bool>>,
}

struct Workers {
    world: Rc<World>,
    limits: Limits,
    running: Vec<Worker>,
    runs: u32,
    /// Of the runs that ended by themselves, with what they took.
    summaries: Vec<(Summary, u64)>,
}

impl Workers {
    fn next_poll_us(&self) -> Option<u64> {
        self.running
            .iter()
            .map(|worker| worker.task.wake_at.get())
            .min()
    }

    /// Up to two calls for a backlog, now and then one too many.
    fn dispatch(&mut self) {
        let backlog = self
            .world
            .database
            .borrow()
            .backlog(self.world.now_us.get());
        let calls = self.world.random.borrow_mut().between(1, 3) as usize;
        let calls = if backlog == 0 { 0 } else { calls };
        for _ in 0..calls.min(MAX_WORKERS.saturating_sub(self.running.len())) {
            self.start();
        }
    }

    fn start(&mut self) {
        self.runs += 1;
        let wake_at: WakeAt = Rc::new(Cell::new(self.world.now_us.get()));
        let host = SimulatedHost::new(Rc::clone(&self.world), Rc::clone(&wake_at), self.runs);
        let (is_doomed, is_stopping) = (Rc::clone(&host.is_doomed), Rc::clone(&host.is_stopping));
        let limits = self.limits;
        let (world, doom) = (Rc::clone(&self.world), Rc::clone(&is_doomed));
        let look = move |body: &str, now: Timestamp| {
            let work = handle(body, now)?;
            if world.killers.contains(&id_of(body)) {
                doom.set(true);
            }
            Ok(work)
        };
        let future = async move { drain(&host, "analytics", limits, look).await };
        self.running.push(Worker {
            task: Task::new(wake_at, future),
            started_us: self.world.now_us.get(),
            is_doomed,
            is_stopping,
        });
    }

    fn poll_next(&mut self) {
        let earliest = self.next_poll_us();
        let ready: Vec<usize> = (0..self.running.len())
            .filter(|i| Some(self.running[*i].task.wake_at.get()) == earliest)
            .collect();
        let (index, crashes, shuts_down) = {
            let mut random = self.world.random.borrow_mut();
            let faults = self.world.faults.get();
            let index = ready[random.between(0, ready.len() as u64) as usize];
            (
                index,
                random.one_in(faults.crash),
                random.one_in(faults.shutdown),
            )
        };
        let worker = &mut self.running[index];
        if shuts_down {
            worker.is_stopping.set(true);
        }
        let ended = if crashes { None } else { worker.task.poll() };
        if let Some(summary) = ended {
            let took_us = self.world.now_us.get() - worker.started_us;
            self.world.note(format!("{summary:?}"));
            self.summaries.push((summary, took_us));
            self.running.swap_remove(index);
        } else if crashes || worker.is_doomed.get() {
            self.world.note("a worker crashes".to_owned());
            self.running.swap_remove(index);
        }
    }
}

fn body(id: i64, kind: Kind) -> String {
    let valid = |deliveries: &str| {
        format!(
            r#"{{"event":"like","session_id":"{id}","new_count":{id},"timestamp":"2026-11-23T11:00:00Z","deliveries":"{deliveries}"}}"#
        )
    };
    match kind {
        Kind::Healthy { deliveries } => valid(&"+".repeat(deliveries as usize)),
        Kind::Gone => valid("+x"),
        Kind::Killer | Kind::Refused => valid(""),
        Kind::Poison => match id % 3 {
            0 => "null".to_owned(),
            1 => r#"{"event":7}"#.to_owned(),
            _ => format!(r#"{{"event":"{}"}}"#, "x".repeat(20_000)),
        },
    }
}

fn id_of(body: &str) -> i64 {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["session_id"].as_str().unwrap().parse().unwrap()
}

/// The real handler, with the deliveries that the body asks for.
fn handle(body: &str, now: Timestamp) -> Result<Work, Reject> {
    let mut work = Queue::Analytics.handle(body, now)?;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let id = body["session_id"].as_str().unwrap();
    for (index, mark) in body["deliveries"].as_str().unwrap().chars().enumerate() {
        work.deliveries.push(Delivery {
            key: format!("{id}:{index}"),
            url: if mark == 'x' { "gone" } else { "provider" }.to_owned(),
            body: "{}".to_owned(),
        });
    }
    Ok(work)
}

/// The world after the last message has left the queue.
pub(crate) struct End {
    kinds: BTreeMap<i64, Kind>,
    faults: Faults,
    limits: Limits,
    world: Rc<World>,
    summaries: Vec<(Summary, u64)>,
}

impl End {
    pub(crate) fn history(self) -> Vec<String> {
        self.world.history.borrow().clone()
    }

    pub(crate) fn check_promises(&self) {
        let database = self.world.database.borrow();
        let accepted = self.world.accepted.borrow();
        for (id, kind) in &self.kinds {
            let is_archived = database.archive.contains_key(id);
            let dead = database.dead_letters.get(id);
            assert!(
                is_archived != dead.is_some(),
                "message {id} is nowhere, or twice"
            );
            let effects = database.effects.get(id).copied().unwrap_or(0);
            assert_eq!(effects, u32::from(is_archived), "effects of message {id}");

            let reason = dead.map(|(code, _)| code.as_str());
            match reason {
                // Its crashes are no failures, and failures no crashes.
                None | Some("worker_crashed") => {}
                Some("retries_exhausted") => {
                    assert_eq!(dead.unwrap().1, 3, "message {id} had four tries");
                }
                Some(reason) => assert_eq!(
                    Some(reason),
                    match kind {
                        Kind::Poison if id % 3 == 0 => Some("not_an_object"),
                        Kind::Poison if id % 3 == 1 => Some("wrong_type"),
                        Kind::Poison => Some("message_too_large"),
                        Kind::Refused => Some("database_rejected"),
                        Kind::Gone => Some("provider_rejected"),
                        Kind::Healthy { .. } | Kind::Killer => None,
                    },
                    "reason of message {id}"
                ),
            }
            if let (Kind::Healthy { deliveries }, true) = (kind, is_archived) {
                for index in 0..*deliveries {
                    assert!(
                        accepted.contains_key(&format!("{id}:{index}")),
                        "message {id} is done, its delivery {index} is not"
                    );
                }
            }
            match kind {
                Kind::Killer => assert_eq!(reason, Some("worker_crashed")),
                Kind::Poison | Kind::Refused | Kind::Gone => assert!(!is_archived),
                Kind::Healthy { .. } => {}
            }
        }
        let archived = database.archive.len() as u64;
        assert_eq!(database.counted, archived, "the daily counter");
        self.check_runs();
    }

    fn check_runs(&self) {
        for (summary, took_us) in &self.summaries {
            let settled = summary.processed
                + summary.retried
                + summary.dead_lettered
                + summary.released
                + summary.lost;
            assert!(settled <= summary.claimed, "{summary:?}");
            match summary.stopped_because {
                StopReason::ClaimFailed | StopReason::SettleFailed => {
                    assert!(summary.error.is_some(), "{summary:?}");
                }
                StopReason::Interrupted
                | StopReason::Empty
                | StopReason::WallBudget
                | StopReason::CpuBudget => {}
            }
            if summary.error.is_none() {
                assert_eq!(settled, summary.claimed, "{summary:?}");
            }
            if self.faults.hang == 0 {
                assert!(*took_us <= u64::from(self.limits.wall_ms) * 1_000 + SECOND_US);
            }
        }
    }

    pub(crate) fn check_everything_valid_is_done_at_once(&self) {
        let database = self.world.database.borrow();
        for (id, kind) in &self.kinds {
            if let Kind::Healthy { deliveries } = kind {
                assert_eq!(database.archive.get(id), Some(&0), "message {id}");
                for index in 0..*deliveries {
                    let accepted = self.world.accepted.borrow();
                    assert_eq!(accepted[&format!("{id}:{index}")], 1);
                }
            }
        }
    }

    pub(crate) fn check_only_killers_are_given_up(&self) {
        let given_up = self.world.database.borrow();
        let given_up: Vec<i64> = given_up.dead_letters.keys().copied().collect();
        let killers: Vec<i64> = self.world.killers.iter().copied().collect();
        assert_eq!(given_up, killers, "after {MAX_CRASHES} crashes each");
    }
}
