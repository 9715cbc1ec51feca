//! What a message causes, and what the engine asks of a queue and of a delivery.

mod answer;
mod consumer;
mod delivery;
mod effects;
mod fields;
mod reject;
mod verdict;

pub use answer::Answer;
pub use consumer::{Consumer, Handler, Permit};
pub use delivery::{DELIVERY_TIMEOUT_SECS, Delivery};
pub use effects::{Effect, Effects, KeyPart, Row, Sum};
pub(crate) use fields::Fields;
pub use fields::Metadata;
pub use reject::Reject;
pub use verdict::Verdict;

/// All that a message causes.
#[derive(Debug, Clone)]
pub struct Work<D> {
    /// What the settlement writes, exactly once.
    pub effects: Vec<Effect>,
    /// What leaves the database before the settlement, at least once.
    pub deliveries: Vec<D>,
    /// Set if the message is not to be done now, or never. The effects then record that.
    pub verdict: Option<Verdict>,
}

impl<D> Work<D> {
    /// Nothing but effects.
    #[must_use]
    pub fn effects(effects: Vec<Effect>) -> Self {
        Self {
            effects,
            deliveries: Vec::new(),
            verdict: None,
        }
    }
}
