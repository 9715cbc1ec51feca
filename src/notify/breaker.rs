//! A circuit breaker for each provider, and for each push service of browsers (M. Nygard, "Release It!",
//! 2007, chapter 5).
//!
//! A closed breaker permits every delivery and counts consecutive failures. An open one permits none
//! until its time is up. Then a single delivery may probe the provider, and its answer closes the
//! breaker or opens it again. All workers share the state, a row in the database: a claim reads it and a
//! settlement writes it back, unless another worker changed it in between. A message that waits for an
//! open breaker has not failed and uses up no retry.
//!
//! The subscriber chooses the push service of a browser. The breaker of `web_push` as a whole opens only
//! for secrets that cannot be used; each push service has a breaker for its own answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::providers::Provider;
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
    /// The push service; empty for the provider as a whole.
    #[serde(default)]
    pub service: String,
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
    /// The push service; empty for the provider as a whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service: String,
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
    /// By provider and push service.
    breakers: BTreeMap<(Provider, String), Breaker>,
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
            ((state.provider, state.service.clone()), breaker)
        });
        Self {
            policy,
            breakers: breakers.collect(),
        }
    }

    /// Whether a delivery may begin. A provider or push service without a breaker is always permitted.
    pub fn permit(&mut self, provider: Provider, service: &str) -> Permit {
        let keys = keys(provider, service);
        for key in &keys {
            if let Some(wait) = self.breakers.get(key).and_then(Breaker::wait) {
                return wait;
            }
        }
        for key in &keys {
            if let Some(breaker) = self.breakers.get_mut(key) {
                breaker.is_probing = breaker.state.open_secs == Some(0);
            }
        }
        Permit::Go
    }

    /// Takes note of an answer, and returns how long a breaker stays open, if one is.
    pub fn note(&mut self, provider: Provider, service: &str, answer: &Answer) -> Option<u32> {
        let policy = self.policy;
        let keys = keys(provider, service);
        let mut open_secs = None;
        for key in &keys {
            let Some(breaker) = self.breakers.get_mut(key) else {
                continue;
            };
            let is_whole = key.1.is_empty();
            let is_ours = matches!(answer, Answer::Misconfigured(_));
            if keys.len() == 1 || is_whole == is_ours {
                breaker.note(policy, answer);
            } else if is_whole && !breaker.is_waiting() {
                // Any answer shows that the secrets can be used.
                breaker.close();
            }
            open_secs = open_secs.max(breaker.state.open_secs);
        }
        open_secs
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
                service: breaker.state.service.clone(),
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

/// The breakers that a delivery depends on.
fn keys(provider: Provider, service: &str) -> Vec<(Provider, String)> {
    let whole = (provider, String::new());
    match service {
        "" => vec![whole],
        service => vec![whole, (provider, service.to_owned())],
    }
}

impl Breaker {
    /// Why a delivery must wait, if it must.
    fn wait(&self) -> Option<Permit> {
        let open_secs = self.state.open_secs?;
        if open_secs == 0 && self.state.may_probe && !self.is_probing {
            return None;
        }
        let provider = self.state.provider.name();
        let error = match self.state.service.as_str() {
            "" => ["circuit breaker for `", provider, "` is open"].concat(),
            service => [
                "circuit breaker for `",
                provider,
                "` at `",
                service,
                "` is open",
            ]
            .concat(),
        };
        Some(Permit::Wait {
            secs: open_secs.max(PROBE_SECS),
            why: Failure::new(Code::BreakerOpen, error),
        })
    }

    /// Whether it is open and not probed.
    fn is_waiting(&self) -> bool {
        self.state.open_secs.is_some() && !self.is_probing
    }

    fn note(&mut self, policy: BreakerPolicy, answer: &Answer) {
        let is_waiting = self.is_waiting();
        match answer {
            // Whatever it says about the message, the provider works. Only the answer to a probe closes a
            // breaker, not one to a delivery that began before it opened.
            Answer::Accepted { .. }
            | Answer::Gone(_)
            | Answer::Rejected(_)
            | Answer::Busy { .. } => {
                if !is_waiting {
                    self.close();
                }
            }
            Answer::Throttled {
                after_secs,
                failure,
            } => {
                let secs = after_secs.unwrap_or(policy.base_secs);
                self.open(secs.clamp(1, MAX_RETRY_AFTER_SECS), reason(failure));
            }
            // Failures of deliveries that began before it opened do not open it again.
            Answer::Misconfigured(_) | Answer::Transient { .. } if is_waiting => {}
            Answer::Misconfigured(failure) => {
                self.open(policy.open_secs(self.state.trips), reason(failure));
            }
            Answer::Transient { failure, .. } => {
                self.state.failures += 1;
                self.is_changed = true;
                if self.is_probing || self.state.failures >= policy.failures.max(1) {
                    self.open(policy.open_secs(self.state.trips), reason(failure));
                }
            }
        }
    }

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

/// The code, and the text if an operator has to act.
fn reason(failure: &Failure) -> String {
    let code = failure.code.to_string();
    if failure.code == Code::ProviderMisconfigured {
        [&code, ": ", &failure.error].concat()
    } else {
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::providers::PushProvider;

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
            service: String::new(),
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

    const ACCEPTED: Answer = Answer::Accepted {
        message_id: None,
        content: None,
    };

    #[test]
    fn opens_after_consecutive_failures_and_a_success_resets_the_count() {
        let mut breakers = fcm(closed());
        for answer in [transient(), transient(), ACCEPTED, transient(), transient()] {
            assert_eq!(breakers.note(FCM, "", &answer), None);
            assert_eq!(breakers.permit(FCM, ""), Permit::Go);
        }
        assert_eq!(breakers.note(FCM, "", &transient()), Some(30));
        assert_eq!(wait(breakers.permit(FCM, "")), Some(30));
        let changes = breakers.changes();
        assert_eq!((changes[0].version, changes[0].trips), (7, 1));
        assert_eq!(changes[0].reason.as_deref(), Some("provider_unavailable"));
    }

    #[test]
    fn ignores_answers_to_deliveries_that_began_before_it_opened() {
        let mut breakers = fcm(closed());
        let answers = [transient(), transient(), transient(), transient(), ACCEPTED];
        for answer in answers {
            breakers.note(FCM, "", &answer);
        }
        assert_eq!(wait(breakers.permit(FCM, "")), Some(30));
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
        assert_eq!(breakers.permit(FCM, ""), Permit::Go);
        assert_eq!(wait(breakers.permit(FCM, "")), Some(PROBE_SECS));
        assert_eq!(breakers.note(FCM, "", &transient()), Some(100));

        let mut breakers = fcm(half_open);
        assert_eq!(breakers.permit(FCM, ""), Permit::Go);
        assert_eq!(breakers.note(FCM, "", &ACCEPTED), None);
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
        assert_eq!(wait(breakers.permit(FCM, "")), Some(PROBE_SECS));
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
            service: String::new(),
            version: 7,
            failures: 3,
            trips: 2,
            open_secs: Some(0),
            reason: half_open.reason.clone(),
        };
        assert_eq!(fcm(half_open).changes(), vec![expected]);
    }

    #[test]
    fn opens_at_once_for_a_provider_that_throttles_or_is_misconfigured() {
        let mut breakers = fcm(closed());
        let throttled = Answer::Throttled {
            after_secs: Some(17),
            failure: failure(),
        };
        assert_eq!(breakers.note(FCM, "", &throttled), Some(17));
        assert_eq!(wait(breakers.permit(FCM, "")), Some(17));

        let mut breakers = fcm(closed());
        let error = "HTTP 401: the secret FCM_KEY is not set";
        let refused = Answer::Misconfigured(Failure::new(Code::ProviderMisconfigured, error));
        assert_eq!(breakers.note(FCM, "", &refused), Some(30));
        let reason = breakers.changes()[0].reason.clone().unwrap();
        assert_eq!(reason, format!("provider_misconfigured: {error}"));
    }

    const APPLE: &str = "web.push.apple.com";
    const MOZILLA: &str = "updates.push.services.mozilla.com";

    fn web_push(change: impl Fn(&mut BreakerState)) -> Breakers {
        let states = ["", APPLE, MOZILLA].map(|service| {
            let mut state = BreakerState {
                provider: WEB_PUSH,
                service: service.into(),
                ..closed()
            };
            change(&mut state);
            state
        });
        Breakers::new(POLICY, &states)
    }

    #[test]
    fn a_push_service_that_fails_or_asks_to_wait_stops_itself_alone() {
        let refused = Answer::Transient {
            failure: Failure::new(Code::ProviderMisconfigured, "HTTP 403: BadJwtToken"),
            is_uncertain: false,
        };
        for (answer, times, secs) in [
            (transient(), 3, 30),
            (refused, 3, 30),
            (
                Answer::Throttled {
                    after_secs: Some(17),
                    failure: failure(),
                },
                1,
                17,
            ),
        ] {
            let mut breakers = web_push(|_| {});
            for _ in 1..times {
                assert_eq!(breakers.note(WEB_PUSH, APPLE, &answer), None);
                assert_eq!(breakers.permit(WEB_PUSH, APPLE), Permit::Go);
            }
            assert_eq!(breakers.note(WEB_PUSH, APPLE, &answer), Some(secs));
            assert_eq!(wait(breakers.permit(WEB_PUSH, APPLE)), Some(secs));
            assert_eq!(breakers.permit(WEB_PUSH, MOZILLA), Permit::Go);
            assert_eq!(breakers.permit(WEB_PUSH, ""), Permit::Go);
            let changes = breakers.changes();
            assert_eq!(changes.len(), 1);
            assert_eq!(changes[0].service, APPLE);
        }
    }

    #[test]
    fn one_endpoint_among_others_of_its_push_service_does_not_stop_it() {
        let mut breakers = web_push(|_| {});
        for _ in 0..100 {
            breakers.note(WEB_PUSH, APPLE, &transient());
            breakers.note(WEB_PUSH, APPLE, &ACCEPTED);
        }
        assert_eq!(breakers.permit(WEB_PUSH, APPLE), Permit::Go);
    }

    #[test]
    fn secrets_that_cannot_be_used_stop_all_push_services() {
        let mut breakers = web_push(|_| {});
        let unusable = Answer::Misconfigured(Failure::new(
            Code::ProviderMisconfigured,
            "the secret VAPID_PRIVATE_KEY is not set",
        ));
        assert_eq!(breakers.note(WEB_PUSH, APPLE, &unusable), Some(30));
        assert_eq!(wait(breakers.permit(WEB_PUSH, MOZILLA)), Some(30));
        assert_eq!(breakers.changes().len(), 1);
    }

    #[test]
    fn a_push_service_that_fails_shows_that_the_secrets_can_be_used() {
        let mut breakers = web_push(|state| {
            if state.service.is_empty() {
                (state.trips, state.open_secs, state.may_probe) = (2, Some(0), true);
            }
        });
        assert_eq!(breakers.permit(WEB_PUSH, APPLE), Permit::Go);
        assert_eq!(wait(breakers.permit(WEB_PUSH, MOZILLA)), Some(PROBE_SECS));
        assert_eq!(breakers.note(WEB_PUSH, APPLE, &transient()), None);
        assert_eq!(breakers.permit(WEB_PUSH, MOZILLA), Permit::Go);
    }

    #[test]
    fn a_push_service_is_probed_by_one_delivery() {
        let mut breakers = web_push(|state| {
            if state.service == APPLE {
                (state.trips, state.open_secs, state.may_probe) = (1, Some(0), true);
            }
        });
        assert_eq!(breakers.permit(WEB_PUSH, APPLE), Permit::Go);
        assert_eq!(wait(breakers.permit(WEB_PUSH, APPLE)), Some(PROBE_SECS));
        assert_eq!(breakers.permit(WEB_PUSH, MOZILLA), Permit::Go);
        assert_eq!(breakers.note(WEB_PUSH, APPLE, &transient()), Some(60));
    }

    #[test]
    fn writes_no_change_if_nothing_changed() {
        let mut breakers = fcm(closed());
        breakers.note(FCM, "", &ACCEPTED);
        breakers.note(FCM, "", &Answer::Gone(failure()));
        assert_eq!(breakers.changes(), Vec::new());
    }
}
