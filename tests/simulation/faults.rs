//! What goes wrong in a simulated world, and how often.

use suplatzigram_queues::notify::providers::Provider;

use crate::{database::SECOND_US, messages::FCM};

/// Each fault happens once in so many times; 0 is never.
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
    /// Until then one of the providers is out of order; 0 is never.
    pub(crate) outage_until_us: u64,
    /// Of the messages.
    pub(crate) killer: u64,
    pub(crate) poison: u64,
    pub(crate) refused: u64,
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
            outage_until_us: 0,
            killer: 40,
            poison: 12,
            refused: 15,
            gone: 25,
        }
    }

    /// All of them, and a network on which a call often stays without an answer whatever one tries.
    pub(crate) fn bad_network() -> Self {
        Self {
            lost_request: 5,
            lost_reply: 2,
            ..Self::all()
        }
    }

    /// Messages of all kinds, but a world in which nothing fails.
    pub(crate) fn none() -> Self {
        Self {
            poison: 12,
            refused: 15,
            gone: 25,
            ..Self::calm()
        }
    }

    /// One provider does not work for a quarter of an hour, and nothing else fails.
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
            outage_until_us: 0,
            killer: 0,
            poison: 0,
            refused: 0,
            gone: 0,
        }
    }
}
