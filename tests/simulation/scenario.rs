//! A seed → messages, faults and workers; their run; and what must hold at its end.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use suplatzigram_queues::{
    budget::{Limits, StopReason},
    context::Context,
    drain::{Summary, drain},
    environment::Environment,
    handlers::{Delivery, Queue, Scene, Work},
    message::Reject,
    policy::Policy,
    providers::{Provider, Request},
    timestamp::Timestamp,
};

use crate::{
    database::{Database, MAX_CRASHES, Rules, SECOND_US},
    executor::{Random, Task, Timers},
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
    pub(crate) throttled: u64,
    /// Until then one of the providers is out of order; 0 is never.
    outage_until_us: u64,
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
            throttled: 50,
            outage_until_us: 0,
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

    /// One provider does not work for a quarter of an hour, and nothing else fails.
    pub(crate) fn outage() -> Self {
        Self {
            outage_until_us: 900 * SECOND_US,
            ..Self::calm()
        }
    }

    pub(crate) fn is_out(&self, provider: Provider, now_us: u64) -> bool {
        provider == Provider::Fcm && now_us < self.outage_until_us
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
            throttled: 0,
            outage_until_us: 0,
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
    Unwanted,
    /// One of its deliveries goes to a device that is gone: that is nobody's failure.
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
            },
            policy: Policy {
                visibility_timeout_secs: random.between(5, 60) as u32,
                batch_size: random.between(1, 30) as u32,
                // A message that comes alone is to last until the breaker opens.
                max_retries: if faults.outage_until_us > 0 { 5 } else { 3 },
                backoff_base_secs: 5,
                backoff_cap_secs: 60,
                max_message_bytes: 10_000,
                delivery_concurrency: random.between(1, 9) as u32,
            },
            limits: Limits {
                wall_ms: random.between(2, 100) as u32 * 1_000,
                cpu_ms: 1_000,
                linger_ms: random.between(0, 2) as u32 * 550,
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
            asked_in_vain: Cell::default(),
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
            .map(|worker| worker.task.wake_at_us())
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
        let (timers, now_us) = (Timers::default(), self.world.now_us.get());
        let host = SimulatedHost::new(Rc::clone(&self.world), timers.clone(), self.runs);
        let (is_doomed, is_stopping) = (Rc::clone(&host.is_doomed), Rc::clone(&host.is_stopping));
        let limits = self.limits;
        let (world, doom) = (Rc::clone(&self.world), Rc::clone(&is_doomed));
        let look = move |body: &str, now: Timestamp, context: &Context| {
            let work = handle(body, now, context)?;
            if world.killers.contains(&id_of(body)) {
                doom.set(true);
            }
            Ok(work)
        };
        let future = async move { drain(&host, "analytics", limits, look).await };
        self.running.push(Worker {
            task: Task::new(timers, now_us, future),
            started_us: now_us,
            is_doomed,
            is_stopping,
        });
    }

    fn poll_next(&mut self) {
        let earliest = self.next_poll_us();
        let ready: Vec<usize> = (0..self.running.len())
            .filter(|i| Some(self.running[*i].task.wake_at_us()) == earliest)
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
        let now_us = self.world.now_us.get();
        let ended = if crashes {
            None
        } else {
            worker.task.poll(now_us)
        };
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
        Kind::Unwanted => valid("+x"),
        Kind::Gone => valid("+g+"),
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
fn handle(body: &str, now: Timestamp, context: &Context) -> Result<Work, Reject> {
    let environment = &Environment::default();
    let scene = Scene {
        now,
        context,
        environment,
    };
    let mut work = Queue::Analytics.handle(body, &scene)?;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let id = body["session_id"].as_str().unwrap();
    for (index, mark) in body["deliveries"].as_str().unwrap().chars().enumerate() {
        let request = Request {
            provider: [Provider::Fcm, Provider::Resend][index % 2],
            key: format!("{id}:{index}"),
            headers: Vec::new(),
            body: match mark {
                'x' => "rejected",
                'g' => "gone",
                _ => "healthy",
            }
            .to_owned(),
            token: None,
            subscription: None,
        };
        work.deliveries.push(Delivery {
            request,
            ledger: None,
            gone_device: None,
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
                        Kind::Unwanted => Some("message_rejected"),
                        Kind::Healthy { .. } | Kind::Gone | Kind::Killer => None,
                    },
                    "reason of message {id}"
                ),
            }
            let wanted = match kind {
                Kind::Healthy { deliveries } => (0..*deliveries).collect(),
                Kind::Gone => vec![0, 2],
                Kind::Unwanted | Kind::Poison | Kind::Refused | Kind::Killer => Vec::new(),
            };
            if is_archived {
                for index in wanted {
                    assert!(
                        accepted.contains_key(&format!("{id}:{index}")),
                        "message {id} is done, its delivery {index} is not"
                    );
                }
            }
            match kind {
                Kind::Killer => assert_eq!(reason, Some("worker_crashed")),
                Kind::Poison | Kind::Refused | Kind::Unwanted => assert!(!is_archived),
                Kind::Healthy { .. } | Kind::Gone => {}
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
                + summary.deferred
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

    /// Nothing is given up or repeated because a provider is down, and it is hardly asked meanwhile.
    pub(crate) fn check_the_outage_is_sat_out(&self) {
        let database = self.world.database.borrow();
        assert!(
            database.dead_letters.is_empty(),
            "{:?}",
            database.dead_letters
        );
        assert!(
            self.world
                .accepted
                .borrow()
                .values()
                .all(|times| *times == 1)
        );
        let most = asked_at_most(&database.policy);
        let asked = self.world.asked_in_vain.get();
        assert!(
            asked <= most,
            "asked {asked} times in vain, at most {most} are to be expected"
        );
    }

    pub(crate) fn check_only_killers_are_given_up(&self) {
        let given_up = self.world.database.borrow();
        let given_up: Vec<i64> = given_up.dead_letters.keys().copied().collect();
        let killers: Vec<i64> = self.world.killers.iter().copied().collect();
        assert_eq!(given_up, killers, "after {MAX_CRASHES} crashes each");
    }
}

/// Each worker fills its places before the first answer; then five failures in a row, and one probe for
/// each time that the breaker was open: 30 s, 60 s, 120 s … until a quarter of an hour is over.
fn asked_at_most(policy: &Policy) -> u32 {
    let probes = 6;
    MAX_WORKERS as u32 * (policy.delivery_concurrency + 5) + probes
}
