//! `deferred_actions`: applies likes that were over their limit once it allows them. A message says whose
//! likes are due, and the claim which those are; the database applies a decision only if the like and its
//! limit are still as the claim found them.

mod like;
mod message;

pub(crate) use message::DueLikes;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Definition, Input};
use crate::{
    base::Timestamp,
    notify::Breakers,
    work::{Effect, NoDelivery, Reject, Work},
};
use like::DeferredLike;

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct DeferredActions;

impl Definition for DeferredActions {
    type Message = DueLikes;
    type Context = Context;
    type Delivery = NoDelivery;
    /// Another message of the same owner is sent by the settlement.
    const READS_ITS_SETTLEMENT: bool = true;
    const NEEDS_PROVIDERS: bool = false;

    fn parse(body: &str, now: Timestamp) -> Result<DueLikes, Reject> {
        DueLikes::parse(body, now)
    }

    fn handle(message: DueLikes, input: &Input<'_, Context>) -> Work<NoDelivery> {
        let likes = input.context.likes.get(&message.owner);
        let decided = like::decide(likes.map_or(&[], Vec::as_slice), input.now);
        Work::effects(decided.iter().map(Effect::from).collect())
    }

    fn breakers(_: &Context) -> Breakers {
        Breakers::default()
    }
}

/// The context of a claim.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Context {
    /// The open likes of each owner that messages name, in their order.
    likes: BTreeMap<String, Vec<DeferredLike>>,
}
