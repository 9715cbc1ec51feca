//! Tortures the drain loop: many workers over one queue, a virtual clock, lost requests and replies,
//! leases that run out, crashes at any await, messages that kill their worker, providers that fail.
//!
//! Everything follows from a seed. A failing seed is printed; `SIMULATION_SEED=<n>` runs it alone,
//! `SIMULATION_SEEDS=<n>` sets how many are run (10,000 by default).
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod database;
mod executor;
mod faults;
mod host;
mod messages;
mod promises;
mod scenario;
mod workers;

use std::panic::{AssertUnwindSafe, catch_unwind};

use database::Rules;
use faults::Faults;
use promises::End;
use scenario::Scenario;

/// Seeds that found a mistake once.
const KEPT_SEEDS: [u64; 2] = [103_708, 123_447];

fn seeds() -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = number("SIMULATION_SEED") {
        return vec![seed];
    }
    let count = number("SIMULATION_SEEDS").unwrap_or(10_000);
    KEPT_SEEDS
        .into_iter()
        .chain(100_000..100_000 + count)
        .collect()
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
fn the_promises_hold_whatever_fails() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::all()).run();
        end.check_promises();
    });
}

#[test]
fn the_promises_hold_on_a_network_that_hardly_works() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::bad_network()).run();
        end.check_promises();
    });
}

#[test]
fn without_faults_every_valid_message_is_done_at_the_first_try() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::none()).run();
        end.check_promises();
        end.check_everything_valid_is_done_at_once();
    });
}

#[test]
fn a_message_that_kills_its_workers_takes_nobody_along() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::killers_only()).run();
        end.check_promises();
        end.check_only_killers_are_given_up();
    });
}

#[test]
fn an_outage_of_a_provider_costs_no_retries() {
    for_each_seed(|seed| {
        let end = Scenario::generate(seed, Faults::outage()).run();
        end.check_promises();
        end.check_the_outage_is_sat_out();
    });
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in 0..50 {
        let history = || Scenario::generate(seed, Faults::all()).run().history();
        assert_eq!(history(), history());
    }
}

/// The simulation has to be able to fail: it must notice a database that breaks one of its rules.
#[test]
fn a_database_that_breaks_a_rule_is_found_out() {
    let breaks = |faults: Faults, check: fn(&End), breakage: fn(&mut Rules)| {
        let is_found = |seed| {
            let mut scenario = Scenario::generate(seed, faults);
            breakage(&mut scenario.rules);
            catch_unwind(AssertUnwindSafe(|| check(&scenario.run()))).is_err()
        };
        (0..400).any(is_found)
    };
    let promises = End::check_promises;
    let bad = Faults::bad_network();
    assert!(breaks(bad, promises, |rules| rules.compares_read_counts = false));
    assert!(breaks(bad, promises, |rules| rules
        .remembers_settled_leases =
        false));
    assert!(breaks(bad, promises, |rules| rules
        .applies_all_or_nothing =
        false));
    let killers = Faults::killers_only();
    let alone = End::check_only_killers_are_given_up;
    assert!(breaks(killers, alone, |rules| rules.isolates_suspects = false));
    let sat_out = End::check_the_outage_is_sat_out;
    let outage = Faults::outage();
    assert!(breaks(outage, sat_out, |rules| rules.shares_breakers = false));
}
