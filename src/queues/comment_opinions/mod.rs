//! `comment_opinions`: asks another service about comments that were flagged for one signal alone. Whatever goes wrong,
//! a comment stays flagged, and a moderator decides.

mod call;
mod context;
mod message;

pub use call::OpinionCall;
pub(crate) use context::Context;
pub(crate) use message::OpinionMessage;

use serde::Serialize;
use uuid::Uuid;

use self::context::FlaggedComment;
use super::{Definition, Input};
use crate::{
    base::{Code, Timestamp},
    notify::{
        Breakers,
        providers::{self, OpinionProvider},
    },
    work::{Effect, Reject, Row, Work},
};

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct CommentOpinions;

impl Definition for CommentOpinions {
    type Message = OpinionMessage;
    type Context = Context;
    type Delivery = OpinionCall;
    // It reads the breakers.
    const READS_ITS_SETTLEMENT: bool = true;
    const NEEDS_PROVIDERS: bool = true;

    fn parse(body: &str, _: Timestamp) -> Result<OpinionMessage, Reject> {
        OpinionMessage::parse(body)
    }

    fn handle(message: OpinionMessage, input: &Input<'_, Context>) -> Work<OpinionCall> {
        let settings = &input.context.settings;
        let Some(comment) = input.context.comments.get(&message.comment_id) else {
            return Work::dropped(Code::CommentGone, "its comment is not flagged any more");
        };
        // An edit is judged anew.
        if i64::from(comment.revision) != message.revision {
            return Work::effects(Vec::new());
        }
        // Without a provider, and after too long a wait, the moderators decide.
        let is_fresh = comment.age_secs <= settings.max_age_secs;
        let Some(provider) = settings.provider.filter(|_| is_fresh) else {
            let unanswered = Unanswered {
                comment_id: message.comment_id,
                revision: comment.revision,
            };
            return Work::effects(vec![Effect::from(&unanswered)]);
        };
        Work {
            effects: Vec::new(),
            deliveries: vec![call(message.comment_id, comment, provider, input.context)],
            verdict: None,
        }
    }

    fn breakers(context: &Context) -> Breakers {
        Breakers::new(context.settings.breaker(), &context.breakers)
    }
}

/// Nobody is asked about a revision of a comment any more: it stays flagged, and its author is told so.
#[derive(Serialize)]
struct Unanswered {
    comment_id: Uuid,
    revision: u32,
}

impl Row for Unanswered {
    const EFFECT: &'static str = "unanswered_opinions";
}

fn call(
    comment_id: Uuid,
    comment: &FlaggedComment,
    provider: OpinionProvider,
    context: &Context,
) -> OpinionCall {
    let key = [
        comment_id.to_string(),
        ":".to_owned(),
        comment.revision.to_string(),
    ];
    OpinionCall {
        request: providers::opinion(provider, key.concat(), &comment.body),
        provider,
        comment_id,
        revision: comment.revision,
        bounds: context.settings.bounds,
        author: comment.author,
    }
}
