//! A circuit breaker per provider: when to stop asking one that fails, and when to try again.
//!
//! Closed, it lets everything through and counts failures in a row. Open, it lets nothing through
//! until its time is up; then one delivery alone may probe, and its answer closes or opens it again
//! (M. Nygard, "Release It!", 2007, chapter 5). Its state is a row in the database, so that all
//! workers share it: a claim reads it and a settlement writes it back, unless another worker knew
//! better in between. What waits for an open breaker has not failed and uses up no retries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::providers::{Provider, PushProvider};
use crate::{
    base::{Code, Failure, MAX_RETRY_AFTER_SECS},
    work::{Answer, Effect, Permit, Row},
};

/// Waiting for the answer to somebody else's probe.
const PROBE_SECS: u32 = 5;

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// So many failures in a row open it.
    pub failures: u32,
    /// For how long it opens first; doubled each time that a probe fails.
    pub base_secs: u32,
    /// The longest.
    pub cap_secs: u32,
}

/// What the database knows about a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BreakerState {
    /// Whose.
    pub provider: Provider,
    /// Counts its changes: a change based on an older one is refused.
    pub version: i64,
    /// Failures in a row.
    pub failures: u32,
    /// How often it opened in a row.
    pub trips: u32,
    /// `None` if it is closed, else for how long it is still open; 0 if that time is up.
    pub open_secs: Option<u32>,
    /// Whether this claim, and no other, may probe.
    pub may_probe: bool,
    /// Why it is open: the code of a failure, and for an operator what else there is to know.
    pub reason: Option<String>,
}

/// A change of a breaker, for the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakerChange {
    /// Whose.
    pub provider: Provider,
    /// What it is based on.
    pub version: i64,
    /// Failures in a row.
    pub failures: u32,
    /// How often it opened in a row.
    pub trips: u32,
    /// From the settlement on; `None` closes it.
    pub open_secs: Option<u32>,
    /// Why it is open: the code of a failure, and for an operator what else there is to know.
    pub reason: Option<String>,
}

impl Row for BreakerChange {
    const EFFECT: &'static str = "breakers";
}

/// The breakers as one batch sees them.
#[derive(Debug, Clone, Default)]
pub struct Breakers {
    policy: BreakerPolicy,
    breakers: BTreeMap<Provider, Breaker>,
}

#[derive(Debug, Clone)]
struct Breaker {
    state: BreakerState,
    is_probing: bool,
    is_changed: bool,
}

impl Breakers {
    /// As the claim read them.
    #[must_use]
    pub fn new(policy: BreakerPolicy, states: &[BreakerState]) -> Self {
        let breakers = states.iter().map(|state| {
            let breaker = Breaker {
                state: state.clone(),
                is_probing: false,
                is_changed: false,
            };
            (state.provider, breaker)
        });
        Self {
            policy,
            breakers: breakers.collect(),
        }
    }

    /// Asks to begin a delivery. A provider that nothing is known about is tried.
    pub fn permit(&mut self, provider: Provider) -> Permit {
        let Some(breaker) = self.breakers.get_mut(&provider) else {
            return Permit::Go;
        };
        match breaker.state.open_secs {
            None => Permit::Go,
            Some(0) if breaker.state.may_probe && !breaker.is_probing => {
                breaker.is_probing = true;
                Permit::Go
            }
            Some(open_secs) => {
                let error = ["circuit breaker for `", provider.name(), "` is open"];
                Permit::Wait {
                    secs: open_secs.max(PROBE_SECS),
                    why: Failure::new(Code::BreakerOpen, error.concat()),
                }
            }
        }
    }

    /// Notes an answer, and says for how long the provider is now not to be asked, if at all.
    pub fn note(&mut self, provider: Provider, answer: &Answer) -> Option<u32> {
        let policy = self.policy;
        let breaker = self.breakers.get_mut(&provider)?;
        let is_open = breaker.state.open_secs.is_some() && !breaker.is_probing;
        match answer {
            // Whatever it says about the message, the provider works. Only an answer to the probe, not one that
            // was under way when the breaker opened, closes it.
            Answer::Accepted { .. }
            | Answer::Gone(_)
            | Answer::Rejected(_)
            | Answer::Busy { .. } => {
                if !is_open {
                    breaker.close();
                }
            }
            Answer::Throttled {
                after_secs,
                failure,
            } => {
                let secs = after_secs.unwrap_or(policy.base_secs);
                breaker.open(
                    secs.clamp(1, MAX_RETRY_AFTER_SECS),
                    failure.code.to_string(),
                );
            }
            // Web Push is many services, and anybody can name one that does not answer.
            Answer::Transient { .. } if provider == Provider::Push(PushProvider::WebPush) => {}
            // Those that were under way when it opened do not open it once more.
            Answer::Misconfigured(_) | Answer::Transient { .. } if is_open => {}
            // An operator has to change something: the answer says what.
            Answer::Misconfigured(failure) => {
                let reason = [&failure.code.to_string(), ": ", &failure.error].concat();
                breaker.open(policy.open_secs(breaker.state.trips), reason);
            }
            Answer::Transient { failure, .. } => {
                breaker.state.failures += 1;
                breaker.is_changed = true;
                if breaker.is_probing || breaker.state.failures >= policy.failures.max(1) {
                    breaker.open(
                        policy.open_secs(breaker.state.trips),
                        failure.code.to_string(),
                    );
                }
            }
        }
        breaker.state.open_secs
    }

    /// What the database is to know, as effects.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.changes().iter().map(Effect::from).collect()
    }

    /// What the database is to know. A permit to probe that came to nothing is given back, by writing down
    /// that all is as it was: the next claim need not wait until it expires.
    #[must_use]
    pub fn changes(&self) -> Vec<BreakerChange> {
        let is_news = |breaker: &&Breaker| breaker.is_changed || breaker.state.may_probe;
        let changed = self.breakers.values().filter(is_news);
        changed
            .map(|breaker| BreakerChange {
                provider: breaker.state.provider,
                version: breaker.state.version,
                failures: breaker.state.failures,
                trips: breaker.state.trips,
                open_secs: breaker.state.open_secs,
                reason: breaker.state.reason.clone(),
            })
            .collect()
    }
}

impl BreakerPolicy {
    fn open_secs(self, trips: u32) -> u32 {
        let doubled = self.base_secs.saturating_mul(2_u32.saturating_pow(trips));
        doubled.clamp(1, self.cap_secs.max(1))
    }
}

impl Breaker {
    fn close(&mut self) {
        let state = &mut self.state;
        self.is_changed |= state.open_secs.is_some() || state.failures > 0 || state.trips > 0;
        (state.open_secs, state.failures, state.trips) = (None, 0, 0);
        state.reason = None;
        self.is_probing = false;
    }

    /// Opens it, or keeps it open for longer.
    fn open(&mut self, secs: u32, reason: String) {
        let state = &mut self.state;
        let open_secs = state.open_secs.filter(|secs| *secs > 0);
        if open_secs.is_none() {
            state.trips += 1;
        }
        state.open_secs = Some(open_secs.map_or(secs, |open_secs| open_secs.max(secs)));
        state.reason = Some(reason);
        self.is_probing = false;
        self.is_changed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FCM: Provider = Provider::Push(PushProvider::Fcm);
    const WEB_PUSH: Provider = Provider::Push(PushProvider::WebPush);
    const POLICY: BreakerPolicy = BreakerPolicy {
        failures: 3,
        base_secs: 30,
        cap_secs: 100,
    };

    fn closed() -> BreakerState {
        BreakerState {
            provider: FCM,
            version: 7,
            failures: 0,
            trips: 0,
            open_secs: None,
            may_probe: false,
            reason: None,
        }
    }

    fn fcm(state: BreakerState) -> Breakers {
        Breakers::new(POLICY, &[state])
    }

    fn failure() -> Failure {
        Failure::new(Code::ProviderUnavailable, "HTTP 500")
    }

    fn transient() -> Answer {
        Answer::Transient {
            failure: failure(),
            is_uncertain: true,
        }
    }

    fn wait(permit: Permit) -> Option<u32> {
        match permit {
            Permit::Go => None,
            Permit::Wait { secs, .. } => Some(secs),
        }
    }

    const ACCEPTED: Answer = Answer::Accepted { message_id: None };

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
        let mut breakers = fcm(closed());
        for answer in [transient(), transient(), ACCEPTED, transient(), transient()] {
            assert_eq!(breakers.note(FCM, &answer), None);
            assert_eq!(breakers.permit(FCM), Permit::Go);
        }
        assert_eq!(breakers.note(FCM, &transient()), Some(30));
        assert_eq!(wait(breakers.permit(FCM)), Some(30));
        let changes = breakers.changes();
        assert_eq!((changes[0].version, changes[0].trips), (7, 1));
        assert_eq!(changes[0].reason.as_deref(), Some("provider_unavailable"));
    }

    #[test]
    fn what_was_under_way_when_it_opened_neither_closes_it_nor_opens_it_for_longer() {
        let mut breakers = fcm(closed());
        let answers = [transient(), transient(), transient(), transient(), ACCEPTED];
        for answer in answers {
            breakers.note(FCM, &answer);
        }
        assert_eq!(wait(breakers.permit(FCM)), Some(30));
    }

    #[test]
    fn one_probe_alone_decides_when_the_time_is_up() {
        let half_open = BreakerState {
            failures: 3,
            trips: 2,
            open_secs: Some(0),
            may_probe: true,
            ..closed()
        };
        let mut breakers = fcm(half_open.clone());
        assert_eq!(breakers.permit(FCM), Permit::Go);
        assert_eq!(wait(breakers.permit(FCM)), Some(PROBE_SECS));
        assert_eq!(breakers.note(FCM, &transient()), Some(100));

        let mut breakers = fcm(half_open);
        assert_eq!(breakers.permit(FCM), Permit::Go);
        assert_eq!(breakers.note(FCM, &ACCEPTED), None);
        let changes = breakers.changes();
        assert_eq!((changes[0].failures, changes[0].trips), (0, 0));
        assert_eq!(changes[0].open_secs, None);
    }

    #[test]
    fn without_the_permit_nobody_probes() {
        let mut breakers = fcm(BreakerState {
            open_secs: Some(0),
            ..closed()
        });
        assert_eq!(wait(breakers.permit(FCM)), Some(PROBE_SECS));
    }

    #[test]
    fn a_permit_that_nobody_used_is_given_back_and_the_breaker_stays_as_it_was() {
        let half_open = BreakerState {
            failures: 3,
            trips: 2,
            open_secs: Some(0),
            may_probe: true,
            reason: Some("provider_unavailable".into()),
            ..closed()
        };
        let expected = BreakerChange {
            provider: FCM,
            version: 7,
            failures: 3,
            trips: 2,
            open_secs: Some(0),
            reason: half_open.reason.clone(),
        };
        assert_eq!(fcm(half_open).changes(), vec![expected]);
    }

    #[test]
    fn a_probe_of_a_browsers_service_that_does_not_answer_decides_nothing() {
        let half_open = BreakerState {
            provider: WEB_PUSH,
            trips: 1,
            open_secs: Some(0),
            may_probe: true,
            ..closed()
        };
        let mut breakers = fcm(half_open);
        assert_eq!(breakers.permit(WEB_PUSH), Permit::Go);
        breakers.note(WEB_PUSH, &transient());
        let changes = breakers.changes();
        assert_eq!((changes[0].trips, changes[0].open_secs), (1, Some(0)));
    }

    #[test]
    fn a_provider_that_asks_to_wait_is_obeyed_at_once_and_one_that_refuses_us_is_left_alone() {
        let mut breakers = fcm(closed());
        let throttled = Answer::Throttled {
            after_secs: Some(17),
            failure: failure(),
        };
        assert_eq!(breakers.note(FCM, &throttled), Some(17));
        assert_eq!(wait(breakers.permit(FCM)), Some(17));

        let mut breakers = fcm(closed());
        let error = "HTTP 401: the secret FCM_KEY is not set";
        let refused = Answer::Misconfigured(Failure::new(Code::ProviderMisconfigured, error));
        assert_eq!(breakers.note(FCM, &refused), Some(30));
        let reason = breakers.changes()[0].reason.clone().unwrap();
        assert_eq!(reason, format!("provider_misconfigured: {error}"));
    }

    #[test]
    fn one_of_the_push_services_of_browsers_does_not_stop_the_others() {
        let state = BreakerState {
            provider: WEB_PUSH,
            ..closed()
        };
        let mut breakers = fcm(state);
        for _ in 0..100 {
            assert_eq!(breakers.note(WEB_PUSH, &transient()), None);
        }
        assert_eq!(breakers.permit(WEB_PUSH), Permit::Go);
    }

    #[test]
    fn what_changes_nothing_is_not_written() {
        let mut breakers = fcm(closed());
        breakers.note(FCM, &ACCEPTED);
        breakers.note(FCM, &Answer::Gone(failure()));
        assert_eq!(breakers.changes(), Vec::new());
    }
}
