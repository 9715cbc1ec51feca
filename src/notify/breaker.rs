//! A circuit breaker for each provider (M. Nygard, "Release It!", 2007, chapter 5).
//!
//! A closed breaker permits every delivery and counts consecutive failures. An open one permits none
//! until its time is up. Then a single delivery may probe the provider, and its answer closes the
//! breaker or opens it again. All workers share the state, a row in the database: a claim reads it and a
//! settlement writes it back, unless another worker changed it in between. A message that waits for an
//! open breaker has not failed and uses up no retry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::providers::{Provider, PushProvider};
use crate::{
    base::{Code, Failure, MAX_RETRY_AFTER_SECS},
    work::{Answer, Effect, Permit, Row},
};

/// How long to wait for the probe of another worker.
const PROBE_SECS: u32 = 5;

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Consecutive failures that open it.
    pub failures: u32,
    /// How long it stays open at first; doubles with each failed probe.
    pub base_secs: u32,
    /// The longest that it stays open.
    pub cap_secs: u32,
}

/// The state of a breaker when it was claimed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BreakerState {
    /// Its provider.
    pub provider: Provider,
    /// Incremented by each change; a change of an older version is ignored.
    pub version: i64,
    /// Consecutive failures.
    pub failures: u32,
    /// Times that it opened without closing in between.
    pub trips: u32,
    /// How long it stays open; 0 once the time is up, `None` if it is closed.
    pub open_secs: Option<u32>,
    /// Whether this claim alone may probe.
    pub may_probe: bool,
    /// Why it opened: the code of a failure, and its text if an operator has to act.
    pub reason: Option<String>,
}

/// A change of a breaker, for the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakerChange {
    /// Its provider.
    pub provider: Provider,
    /// The version that it changes.
    pub version: i64,
    /// Consecutive failures.
    pub failures: u32,
    /// Times that it opened without closing in between.
    pub trips: u32,
    /// How long it opens, from the settlement; `None` closes it.
    pub open_secs: Option<u32>,
    /// Why it opened: the code of a failure, and its text if an operator has to act.
    pub reason: Option<String>,
}

impl Row for BreakerChange {
    const EFFECT: &'static str = "breakers";
}

/// The breakers of one batch.
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
    /// The breakers in the states of a claim.
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

    /// Whether a delivery may begin. A provider without a breaker is always permitted.
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

    /// Takes note of an answer, and returns how long the breaker stays open, if it is.
    pub fn note(&mut self, provider: Provider, answer: &Answer) -> Option<u32> {
        let policy = self.policy;
        let breaker = self.breakers.get_mut(&provider)?;
        let is_open = breaker.state.open_secs.is_some() && !breaker.is_probing;
        match answer {
            // Whatever it says about the message, the provider works. Only the answer to a probe closes a
            // breaker, not one to a delivery that began before it opened.
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
            // Web Push has many services, and anyone can register one that does not answer.
            Answer::Transient { .. } if provider == Provider::Push(PushProvider::WebPush) => {}
            // Failures of deliveries that began before it opened do not open it again.
            Answer::Misconfigured(_) | Answer::Transient { .. } if is_open => {}
            // The text tells an operator what to change.
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

    /// The changes as effects.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.changes().iter().map(Effect::from).collect()
    }

    /// The changes to write. An unused permit to probe is returned by a change that changes nothing, so
    /// that the next claim need not wait for it to expire.
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

    /// Opens it, or extends the time for which it is open.
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
    fn opens_after_consecutive_failures_and_a_success_resets_the_count() {
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
    fn ignores_answers_to_deliveries_that_began_before_it_opened() {
        let mut breakers = fcm(closed());
        let answers = [transient(), transient(), transient(), transient(), ACCEPTED];
        for answer in answers {
            breakers.note(FCM, &answer);
        }
        assert_eq!(wait(breakers.permit(FCM)), Some(30));
    }

    #[test]
    fn a_single_probe_decides_once_the_time_is_up() {
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
    fn permits_no_probe_without_the_claims_permit() {
        let mut breakers = fcm(BreakerState {
            open_secs: Some(0),
            ..closed()
        });
        assert_eq!(wait(breakers.permit(FCM)), Some(PROBE_SECS));
    }

    #[test]
    fn returns_an_unused_permit_to_probe() {
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
    fn an_unanswered_probe_of_web_push_decides_nothing() {
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
    fn opens_at_once_for_a_provider_that_throttles_or_is_misconfigured() {
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
    fn failures_of_web_push_do_not_open_it() {
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
    fn writes_no_change_if_nothing_changed() {
        let mut breakers = fcm(closed());
        breakers.note(FCM, &ACCEPTED);
        breakers.note(FCM, &Answer::Gone(failure()));
        assert_eq!(breakers.changes(), Vec::new());
    }
}
