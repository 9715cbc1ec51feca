//! One try, then a few retries with growing delays, then a dead letter.

use xxhash_rust::xxh64::xxh64;

use super::Policy;
use crate::{
    base::{Code, Failure},
    work::{Answer, Verdict},
};

/// How unsuccessful work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider asks to wait.
    Throttled {
        /// At least this long.
        after_secs: u32,
        /// What it said.
        failure: Failure,
    },
    /// What the message needs is unavailable, also to others: not a failure of the message.
    Unavailable {
        /// For about this long.
        after_secs: u32,
        /// What is unavailable.
        failure: Failure,
    },
    /// A retry may succeed.
    Transient(Failure),
    /// No retry can help.
    Permanent(Failure),
}

impl Outcome {
    /// What an answer means for its message; `None` if the delivery is done. `open_secs` is how long the
    /// provider's circuit breaker stays open, if it is.
    #[must_use]
    pub fn of(answer: &Answer, open_secs: Option<u32>) -> Option<Self> {
        match answer {
            Answer::Accepted { .. } | Answer::Gone(_) => None,
            Answer::Rejected(failure) => Some(Self::Permanent(failure.clone())),
            Answer::Busy {
                after_secs,
                failure,
            } => Some(Self::Throttled {
                after_secs: after_secs.unwrap_or(0),
                failure: failure.clone(),
            }),
            Answer::Transient { failure, .. }
            | Answer::Throttled { failure, .. }
            | Answer::Misconfigured(failure) => Some(match open_secs {
                Some(after_secs) => Self::Unavailable {
                    after_secs,
                    failure: failure.clone(),
                },
                None => Self::Transient(failure.clone()),
            }),
        }
    }
}

/// Decides between a retry, a deferral and a dead letter.
///
/// The delay of a retry is exponential backoff with full jitter: uniform in
/// `1..=min(cap, base · 2^failures)` seconds (M. Brooker, "Exponential Backoff And Jitter", 2015), and
/// never shorter than a throttling provider asks for. `failures` does not count this failure.
#[must_use]
pub fn decide(policy: &Policy, failures: u32, outcome: Outcome, seed: u64) -> Verdict {
    let (at_least_secs, failure) = match outcome {
        Outcome::Permanent(failure) => return Verdict::DeadLetter(failure),
        Outcome::Unavailable {
            after_secs,
            failure,
        } => return defer(after_secs, failure, seed),
        Outcome::Transient(failure) => (0, failure),
        Outcome::Throttled {
            after_secs,
            failure,
        } => (after_secs, failure),
    };
    if failures >= policy.max_retries {
        return Verdict::DeadLetter(Failure::new(
            Code::RetriesExhausted,
            format!("{}: {}", failure.code, failure.error),
        ));
    }
    let ceiling = policy
        .backoff_base_secs
        .saturating_mul(2_u32.saturating_pow(failures))
        .clamp(1, policy.backoff_cap_secs.max(1));
    let jittered = 1 + u32::try_from(seed % u64::from(ceiling)).unwrap_or(0);
    Verdict::Retry {
        delay_secs: jittered.max(at_least_secs),
        failure,
    }
}

/// Defers a message until what it needs is available again, plus jitter, so that the waiting messages do
/// not all return at once.
#[must_use]
pub fn defer(after_secs: u32, failure: Failure, seed: u64) -> Verdict {
    let spread = u64::from(after_secs / 4 + 2);
    let jitter_secs = u32::try_from(seed % spread).unwrap_or(0);
    Verdict::Defer {
        delay_secs: after_secs.saturating_add(jitter_secs),
        failure,
    }
}

/// The seed of a message's next delay: depends on the message and its failures alone, and differs between
/// neighbours.
#[must_use]
pub fn seed(queue: &str, msg_id: i64, failures: u32) -> u64 {
    let mut key = Vec::with_capacity(queue.len() + 12);
    key.extend_from_slice(queue.as_bytes());
    key.extend_from_slice(&msg_id.to_le_bytes());
    key.extend_from_slice(&failures.to_le_bytes());
    xxh64(&key, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        visibility_timeout_secs: 60,
        batch_size: 100,
        max_retries: 3,
        backoff_base_secs: 10,
        backoff_cap_secs: 30,
        max_message_bytes: 262_144,
        delivery_concurrency: 16,
    };

    fn transient() -> Outcome {
        Outcome::Transient(Failure::new(Code::ProviderUnavailable, "HTTP 500"))
    }

    #[test]
    fn dead_letters_after_the_last_retry_and_names_the_last_failure() {
        for failures in 0..3 {
            assert!(matches!(
                decide(&POLICY, failures, transient(), 7),
                Verdict::Retry { .. }
            ));
        }
        let Verdict::DeadLetter(failure) = decide(&POLICY, 3, transient(), 7) else {
            panic!("expected a dead letter");
        };
        assert_eq!(failure.code, Code::RetriesExhausted);
        assert_eq!(failure.error, "provider_unavailable: HTTP 500");
    }

    #[test]
    fn delays_use_the_whole_window_up_to_the_cap() {
        for (failures, ceiling) in [(0, 10), (1, 20), (2, 30)] {
            let delays: std::collections::BTreeSet<u32> = (0..2_000)
                .filter_map(|msg_id| {
                    match decide(
                        &POLICY,
                        failures,
                        transient(),
                        seed("likes", msg_id, failures),
                    ) {
                        Verdict::Retry { delay_secs, .. } => Some(delay_secs),
                        Verdict::Defer { .. } | Verdict::Drop(_) | Verdict::DeadLetter(_) => None,
                    }
                })
                .collect();
            assert_eq!(delays, (1..=ceiling).collect());
        }
    }

    #[test]
    fn waits_as_long_as_a_provider_asks() {
        let throttled = Outcome::Throttled {
            after_secs: 90,
            failure: Failure::new(Code::ProviderThrottled, "HTTP 429"),
        };
        assert!(matches!(
            decide(&POLICY, 0, throttled, 3),
            Verdict::Retry { delay_secs: 90, .. }
        ));
    }

    #[test]
    fn dead_letters_a_permanent_failure_at_once() {
        let failure = Failure::new(Code::MessageRejected, "HTTP 404");
        assert_eq!(
            decide(&POLICY, 0, Outcome::Permanent(failure.clone()), 3),
            Verdict::DeadLetter(failure)
        );
    }
}
