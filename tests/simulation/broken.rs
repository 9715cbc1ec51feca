//! Databases that break a rule. The simulation and the replay must notice each of them.

use crate::{database::Rules, faults::Faults, promises::End, scenario::Scenario};

/// A database that breaks a rule, and the check that notices it.
pub(crate) struct Broken {
    pub(crate) rule: &'static str,
    breakage: fn(&mut Rules),
    pub(crate) faults: fn() -> Faults,
    pub(crate) check: fn(&End),
}

pub(crate) const BROKEN: [Broken; 5] = [
    Broken {
        rule: "compares_read_counts",
        breakage: |rules| rules.compares_read_counts = false,
        faults: Faults::bad_network,
        check: End::check_promises,
    },
    Broken {
        rule: "remembers_settled_leases",
        breakage: |rules| rules.remembers_settled_leases = false,
        faults: Faults::bad_network,
        check: End::check_promises,
    },
    Broken {
        rule: "applies_all_or_nothing",
        breakage: |rules| rules.applies_all_or_nothing = false,
        faults: Faults::bad_network,
        check: End::check_promises,
    },
    Broken {
        rule: "isolates_suspects",
        breakage: |rules| rules.isolates_suspects = false,
        faults: Faults::killers_only,
        check: End::check_only_killers_are_dead_lettered,
    },
    Broken {
        rule: "shares_breakers",
        breakage: |rules| rules.shares_breakers = false,
        faults: Faults::outage,
        check: End::check_the_outage_uses_up_no_retries,
    },
];

impl Broken {
    pub(crate) fn scenario(&self, seed: u64) -> Scenario {
        let mut scenario = Scenario::generate(seed, (self.faults)());
        (self.breakage)(&mut scenario.rules);
        scenario
    }
}
