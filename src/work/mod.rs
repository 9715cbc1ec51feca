//! What a message causes, and what the engine asks of a queue and of a delivery.

use crate::base::{Code, Failure};

mod answer;
mod consumer;
mod delivery;
mod effects;
mod fields;
mod reject;
mod verdict;

pub use answer::Answer;
pub use consumer::{Consumer, Handler, Permit};
pub use delivery::{DELIVERY_TIMEOUT_SECS, Delivery, NoDelivery};
pub use effects::{Effect, Effects, KeyPart, Needed, Row, Sum};
pub(crate) use fields::Fields;
pub use fields::Metadata;
pub use reject::Reject;
pub use verdict::Verdict;

/// All that a message causes.
#[derive(Debug, Clone)]
pub struct Work<D> {
    /// Changes inside the database, made exactly once.
    pub effects: Vec<Effect>,
    /// Requests that leave the database before the settlement, made at least once.
    pub deliveries: Vec<D>,
    /// Set if the message is not acknowledged, but deferred or dead-lettered. The effects record why.
    pub verdict: Option<Verdict>,
}

impl<D> Work<D> {
    /// No work, because no try can succeed.
    #[must_use]
    pub fn dropped(code: Code, error: &str) -> Self {
        Self {
            effects: Vec::new(),
            deliveries: Vec::new(),
            verdict: Some(Verdict::Drop(Failure::new(code, error))),
        }
    }

    /// Effects alone.
    #[must_use]
    pub fn effects(effects: Vec<Effect>) -> Self {
        Self {
            effects,
            deliveries: Vec::new(),
            verdict: None,
        }
    }

    /// Converts the deliveries to another type.
    pub(crate) fn into_deliveries<E>(self) -> Work<E>
    where
        D: Into<E>,
    {
        Work {
            effects: self.effects,
            deliveries: self.deliveries.into_iter().map(Into::into).collect(),
            verdict: self.verdict,
        }
    }
}
