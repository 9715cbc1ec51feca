//! The context of a claim of `comment_opinions`: the flagged comments that its messages name, the settings, and the
//! circuit breakers of the providers.

use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use crate::{
    moderation::{Author, OpinionBounds},
    notify::{BreakerPolicy, BreakerState, providers::OpinionProvider},
};

/// The context of one claim.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Context {
    pub(crate) settings: Settings,
    /// The comments that the messages name, as far as they are flagged.
    pub(crate) comments: BTreeMap<Uuid, FlaggedComment>,
    pub(crate) breakers: Vec<BreakerState>,
}

/// From `queues.comment_settings`, and those of the breakers from `queues.notification_settings`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Settings {
    /// Who is asked; `None` if nobody is.
    pub(crate) provider: Option<OpinionProvider>,
    pub(crate) bounds: OpinionBounds,
    /// A comment that was flagged earlier is left to the moderators.
    pub(crate) max_age_secs: u32,
    breaker_failures: u32,
    breaker_base_secs: u32,
    breaker_cap_secs: u32,
}

impl Settings {
    /// When a circuit breaker opens, and for how long.
    pub(crate) fn breaker(&self) -> BreakerPolicy {
        BreakerPolicy {
            failures: self.breaker_failures,
            base_secs: self.breaker_base_secs,
            cap_secs: self.breaker_cap_secs,
        }
    }
}

/// A comment that waits for a moderator.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FlaggedComment {
    /// Counts its edits.
    pub(crate) revision: u32,
    /// What it says.
    pub(crate) body: String,
    /// Since when it is flagged.
    pub(crate) age_secs: u32,
    /// Who wrote it.
    pub(crate) author: Author,
}
