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
mod tests;
