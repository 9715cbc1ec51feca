//! What goes wrong in a simulated world, and how often.

use suplatzigram_queues::notify::providers::Provider;

use crate::{database::SECOND_US, messages::FCM};

/// Each fault happens one in this many times; 0 means never.
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
    /// Answers that take 14 seconds more.
    pub(crate) slow_answer: u64,
    /// One provider is down until then; 0 means never.
    pub(crate) outage_until_us: u64,
    /// One in this many messages.
    pub(crate) killer: u64,
    pub(crate) poison: u64,
    pub(crate) refused: u64,
    pub(crate) vanished: u64,
    pub(crate) without_context: u64,
    pub(crate) gone: u64,
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
            slow_answer: 100,
            outage_until_us: 0,
            killer: 40,
            poison: 12,
            refused: 15,
            vanished: 15,
            without_context: 20,
            gone: 25,
        }
    }

    /// All faults, and a network that often loses a call however often it is repeated.
    pub(crate) fn bad_network() -> Self {
        Self {
            lost_request: 5,
            lost_reply: 2,
            ..Self::all()
        }
    }

    /// Providers that take nearly as long as a worker waits for them.
    pub(crate) fn slow_providers() -> Self {
        Self {
            slow_answer: 1,
            ..Self::calm()
        }
    }

    /// Messages of all kinds, but no faults.
    pub(crate) fn none() -> Self {
        Self {
            poison: 12,
            refused: 15,
            vanished: 15,
            without_context: 20,
            gone: 25,
            ..Self::calm()
        }
    }

    /// One provider is down for 15 minutes, and nothing else fails.
    pub(crate) fn outage() -> Self {
        Self {
            outage_until_us: 900 * SECOND_US,
            ..Self::calm()
        }
    }

    pub(crate) fn is_out(&self, provider: Provider, now_us: u64) -> bool {
        provider == FCM && now_us < self.outage_until_us
    }

    pub(crate) fn killers_only() -> Self {
        Self {
            killer: 10,
            ..Self::calm()
        }
    }

    pub(crate) fn calm() -> Self {
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
            slow_answer: 0,
            outage_until_us: 0,
            killer: 0,
            poison: 0,
            refused: 0,
            vanished: 0,
            without_context: 0,
            gone: 0,
        }
    }
}
