//! The call of a provider about one comment, and what its answer means for the comment.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    base::Failure,
    moderation::{self, Author, OpinionBounds, Reason, ReasonCode},
    notify::providers::{Opinion, OpinionProvider, Provider, Request},
    work::{self, Answer, Effect, Row, Verdict},
};

/// One request for an opinion.
#[derive(Debug, Clone)]
pub struct OpinionCall {
    /// The request.
    pub request: Request,
    pub(super) provider: OpinionProvider,
    pub(super) comment_id: Uuid,
    pub(super) revision: u32,
    pub(super) bounds: OpinionBounds,
    pub(super) author: Author,
}

impl OpinionCall {
    /// The provider that is asked.
    #[must_use]
    pub fn provider(&self) -> Provider {
        Provider::Opinion(self.provider)
    }

    fn verdict(&self, opinion: Opinion) -> Option<OpinionVerdict> {
        let (category, score) = opinion.highest()?;
        let verdict = self.bounds.decide(opinion.flagged, score);
        let is_rejected = verdict == moderation::Verdict::Rejected;
        Some(OpinionVerdict {
            comment_id: self.comment_id,
            revision: self.revision,
            verdict,
            reason: is_rejected.then(|| ReasonCode::SecondOpinion.with(category)),
            hold_secs: if is_rejected {
                self.author.hold_secs()
            } else {
                0
            },
            provider: self.provider,
            opinion,
        })
    }
}

impl work::Delivery for OpinionCall {
    fn key(&self) -> &str {
        &self.request.key
    }

    /// Without an opinion nothing changes: the comment stays flagged.
    fn answered(&self, answer: &Answer, _: Option<&Verdict>) -> Vec<Effect> {
        let content = match answer {
            Answer::Accepted { content, .. } => content.as_deref(),
            Answer::Throttled { .. }
            | Answer::Busy { .. }
            | Answer::Transient { .. }
            | Answer::Rejected(_)
            | Answer::Gone(_)
            | Answer::Misconfigured(_) => None,
        };
        let opinion = content.and_then(Opinion::of);
        let verdict = opinion.and_then(|opinion| self.verdict(opinion));
        verdict.iter().map(Effect::from).collect()
    }

    fn put_off(&self, _: &Failure) -> Vec<Effect> {
        Vec::new()
    }
}

/// What an opinion means for a revision of a comment.
#[derive(Serialize)]
struct OpinionVerdict {
    comment_id: Uuid,
    revision: u32,
    /// `flagged`: it stays for a moderator.
    verdict: moderation::Verdict,
    reason: Option<Reason>,
    hold_secs: u32,
    provider: OpinionProvider,
    opinion: Opinion,
}

impl Row for OpinionVerdict {
    const EFFECT: &'static str = "comment_opinions";
}
