//! The promises, checked after the last message has left the queue.

use std::{collections::BTreeMap, rc::Rc};

use suplatzigram_queues::engine::{Limits, Policy, StopReason, Summary};

use crate::{
    database::{MAX_CRASHES, SECOND_US},
    faults::Faults,
    host::World,
    messages::Kind,
    workers::MAX_WORKERS,
};

/// The end of a simulation.
pub(crate) struct End {
    pub(crate) kinds: BTreeMap<i64, Kind>,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    pub(crate) world: Rc<World>,
    pub(crate) summaries: Vec<(Summary, u64)>,
}

impl End {
    pub(crate) fn history(self) -> Vec<String> {
        self.world.history.borrow().clone()
    }

    pub(crate) fn check_promises(&self) {
        let database = self.world.database.borrow();
        let accepted = self.world.accepted.borrow();
        let mut done = 0;
        for (id, kind) in &self.kinds {
            let is_archived = database.archive.contains_key(id);
            let dead = database.dead_letters.get(id);
            assert!(
                is_archived != dead.is_some(),
                "message {id} is nowhere, or twice"
            );
            let effects = database.effects.get(id).copied().unwrap_or(0);
            let is_done = is_archived && *kind != Kind::Vanished;
            done += u64::from(is_done);
            assert_eq!(effects, u32::from(is_done), "effects of message {id}");

            let reason = dead.map(|dead| dead.reason.as_str());
            match reason {
                // Crashes and failures are counted apart.
                None | Some("worker_crashed") => {}
                Some("retries_exhausted") => {
                    assert_eq!(dead.unwrap().attempts, 4, "message {id} had four tries");
                }
                Some(reason) => assert_eq!(
                    Some(reason),
                    match kind {
                        Kind::Poison if id % 3 == 0 => Some("not_an_object"),
                        Kind::Poison if id % 3 == 1 => Some("wrong_type"),
                        Kind::Poison => Some("message_too_large"),
                        Kind::Refused | Kind::WithoutContext => Some("database_rejected"),
                        Kind::Unwanted => Some("message_rejected"),
                        Kind::Healthy { .. } | Kind::Gone | Kind::Vanished | Kind::Killer => None,
                    },
                    "reason of message {id}"
                ),
            }
            let wanted = match kind {
                Kind::Healthy { deliveries } => (0..*deliveries).collect(),
                Kind::Gone => vec![0, 2],
                Kind::Vanished => vec![0],
                Kind::Unwanted
                | Kind::Poison
                | Kind::Refused
                | Kind::WithoutContext
                | Kind::Killer => Vec::new(),
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
                Kind::Poison | Kind::Refused | Kind::WithoutContext | Kind::Unwanted => {
                    assert!(!is_archived);
                }
                Kind::Healthy { .. } | Kind::Gone | Kind::Vanished => {}
            }
        }
        assert!(
            database.changed_by_others.is_empty(),
            "workers that lost their lease change messages {:?}",
            database.changed_by_others
        );
        assert_eq!(database.counted, done, "the daily counter");
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
                | StopReason::CpuBudget
                | StopReason::MemoryBudget => {}
            }
            if summary.error.is_none() {
                assert_eq!(settled, summary.claimed, "{summary:?}");
            }
            if self.faults.hang == 0 && self.faults.slow_answer == 0 {
                assert!(*took_us <= u64::from(self.limits.wall_ms) * 1_000 + SECOND_US);
            }
        }
    }

    pub(crate) fn check_every_valid_message_is_processed_at_once(&self) {
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

    pub(crate) fn check_no_run_was_silent(&self) {
        let silence_us = self.world.database.borrow().longest_silence_us;
        assert!(silence_us < 6 * SECOND_US, "silent for {silence_us} µs");
    }

    /// No delivery is given up or repeated, and the provider gets few requests while it is down.
    pub(crate) fn check_the_outage_uses_up_no_retries(&self) {
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
        let asked = self.world.requests_while_down.get();
        assert!(
            asked <= most,
            "{asked} requests to a provider that is down, expected at most {most}"
        );
    }

    pub(crate) fn check_only_killers_are_dead_lettered(&self) {
        let given_up = self.world.database.borrow();
        let given_up: Vec<i64> = given_up.dead_letters.keys().copied().collect();
        let killers: Vec<i64> = self.world.killers.iter().copied().collect();
        assert_eq!(given_up, killers, "after {MAX_CRASHES} crashes each");
    }
}

/// Each worker begins as many deliveries as it may before the first answer. Then five failures open the
/// breaker, and one probe follows after 30 s, 60 s, 120 s … for 15 minutes.
fn asked_at_most(policy: &Policy) -> u32 {
    let probes = 6;
    MAX_WORKERS as u32 * (policy.delivery_concurrency + 5) + probes
}
