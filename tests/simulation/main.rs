//! Stresses the drain loop: several workers on one queue, a virtual clock, lost requests and replies,
//! expired leases, crashes at any await, messages that kill their worker, failing providers.
//!
//! Everything follows from a seed. A failing seed is printed; `SIMULATION_SEED=<n>` runs it alone.
//! `SIMULATION_SEEDS=<n>` sets the number of seeds (1,000 by default), `SIMULATION_FIRST_SEED=<n>` the
//! first one.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod broken;
mod database;
mod deferred;
mod executor;
mod faults;
mod host;
mod marks;
mod messages;
mod promises;
mod recording;
mod scenario;
mod workers;

use std::panic::{AssertUnwindSafe, catch_unwind};

use broken::BROKEN;
use faults::Faults;
use scenario::Scenario;

/// Seeds that have found bugs.
const KEPT_SEEDS: [u64; 2] = [103_708, 123_447];

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn seeds() -> Vec<u64> {
    if let Some(seed) = number("SIMULATION_SEED") {
        return vec![seed];
    }
    let count = number("SIMULATION_SEEDS").unwrap_or(1_000);
    let first = number("SIMULATION_FIRST_SEED").unwrap_or(100_000);
    KEPT_SEEDS.into_iter().chain(first..first + count).collect()
}

fn for_each_seed(run: impl Fn(u64)) {
    for seed in seeds() {
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| run(seed))) {
            eprintln!("failed with SIMULATION_SEED={seed}");
            std::panic::resume_unwind(cause);
        }
    }
}

#[test]
fn keeps_the_promises_with_all_faults() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::all()).run();
        end.check_promises();
    });
}

#[test]
fn keeps_the_promises_on_a_bad_network() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::bad_network()).run();
        end.check_promises();
    });
}

#[test]
fn processes_every_valid_message_at_the_first_try_without_faults() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::none()).run();
        end.check_promises();
        end.check_every_valid_message_is_processed_at_once();
    });
}

#[test]
fn a_message_that_kills_its_workers_does_not_affect_the_others() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::killers_only()).run();
        end.check_promises();
        end.check_only_killers_are_dead_lettered();
    });
}

#[test]
fn an_outage_of_a_provider_uses_up_no_retries() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::outage()).run();
        end.check_promises();
        end.check_the_outage_uses_up_no_retries();
    });
}

#[test]
fn a_run_is_seen_every_five_seconds_while_its_providers_are_slow() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::slow_providers()).run();
        end.check_promises();
        end.check_no_run_was_silent();
    });
}

#[test]
fn applies_each_deferred_like_once_or_drops_it() {
    for_each_seed(|seed| {
        let faults = if seed % 2 == 0 {
            Faults::all()
        } else {
            Faults::bad_network()
        };
        deferred::run(Scenario::generate(seed, faults)).check();
    });
}

#[test]
fn notices_a_database_that_applies_deferred_likes_wrongly() {
    for (rule, breakage) in deferred::BROKEN {
        let is_found = |seed| {
            let mut scenario = Scenario::generate(seed, Faults::bad_network());
            breakage(&mut scenario.rules);
            catch_unwind(AssertUnwindSafe(|| deferred::run(scenario).check())).is_err()
        };
        assert!((0..400).any(is_found), "{rule}");
    }
}

#[test]
fn a_seed_always_gives_the_same_history() {
    for seed in 0..50 {
        let history = || Scenario::generate(seed, Faults::all()).run().history();
        assert_eq!(history(), history());
    }
}

/// The simulation must be able to fail.
#[test]
fn notices_a_database_that_breaks_a_rule() {
    for broken in &BROKEN {
        let is_found = |seed| {
            let run = || (broken.check)(&broken.scenario(seed).run());
            catch_unwind(AssertUnwindSafe(run)).is_err()
        };
        assert!((0..400).any(is_found), "{}", broken.rule);
    }
}
