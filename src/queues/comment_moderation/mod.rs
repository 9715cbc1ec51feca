//! `comment_moderation`: judges new and edited comments.

mod context;
mod message;

pub(crate) use context::Context;
pub(crate) use message::CommentMessage;

use serde::Serialize;
use uuid::Uuid;

use self::context::{ClaimedComment, Status};
use super::{Definition, Input};
use crate::{
    base::{Code, Timestamp},
    moderation::{self, Language, Reason, Scores, SimHash},
    notify::Breakers,
    work::{Effect, NoDelivery, Reject, Row, Work},
};

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct CommentModeration;

impl Definition for CommentModeration {
    type Message = CommentMessage;
    type Context = Context;
    type Delivery = NoDelivery;
    // It compares a comment with those that were judged just before.
    const READS_ITS_SETTLEMENT: bool = true;
    const NEEDS_PROVIDERS: bool = false;

    fn parse(body: &str, _: Timestamp) -> Result<CommentMessage, Reject> {
        CommentMessage::parse(body)
    }

    fn handle(message: CommentMessage, input: &Input<'_, Context>) -> Work<NoDelivery> {
        let id = message.comment_id;
        let Some(comment) = input.context.comments.get(&id) else {
            return Work::dropped(Code::CommentGone, "its comment no longer exists");
        };
        match comment.status {
            Status::Pending => {
                Work::effects(vec![Effect::from(&verdict(id, comment, input.context))])
            }
            // A moderator was faster, or the message of an earlier revision judged this one too.
            Status::Approved | Status::Flagged | Status::Rejected => Work::effects(Vec::new()),
        }
    }

    fn breakers(_: &Context) -> Breakers {
        Breakers::default()
    }
}

/// What was decided about a revision of a comment.
#[derive(Serialize)]
struct CommentVerdict {
    comment_id: Uuid,
    revision: u32,
    verdict: moderation::Verdict,
    reasons: Vec<Reason>,
    scores: Scores,
    language: Language,
    model: &'static str,
    simhash: Option<SimHash>,
    hold_secs: u32,
    /// Whether another service is asked, too.
    asks: bool,
}

impl Row for CommentVerdict {
    const EFFECT: &'static str = "comment_verdicts";
}

fn verdict(id: Uuid, comment: &ClaimedComment, context: &Context) -> CommentVerdict {
    let reading = &comment.reading;
    let copies = context.copies(id, comment);
    let thresholds = context.thresholds(reading.language());
    let judgement = reading.judge(comment.author.account(), copies, thresholds);
    CommentVerdict {
        asks: context.asks_for_opinion(&judgement),
        comment_id: id,
        revision: comment.revision,
        verdict: judgement.verdict,
        reasons: judgement.reasons,
        scores: judgement.scores,
        language: reading.language(),
        model: moderation::VERSION,
        simhash: reading.simhash(),
        hold_secs: judgement.hold_secs,
    }
}
