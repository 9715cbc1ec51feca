//! A deferred like, and what becomes of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{base::Timestamp, work::Row};

/// A like that was over its limit, as the claim found it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DeferredLike {
    id: Uuid,
    /// Counts the owner's wishes. The database ignores a decision about an earlier one.
    revision: u32,
    /// Whether the owner wants to like the post.
    is_liked: bool,
    /// Whether the owner has toggled the like since.
    is_superseded: bool,
    /// The earliest time, also its place among the likes of its owner.
    apply_after: Timestamp,
    /// When its limits allow it; `None` if they do now.
    free_at: Option<Timestamp>,
    /// The post, if it still exists.
    post: Option<Post>,
}

/// The post of a deferred like.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Post {
    /// Whether the owner likes it now.
    is_liked: bool,
}

/// What becomes of a deferred like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Like or unlike the post.
    Apply,
    /// Look again at this time.
    Wait(Timestamp),
    /// It is not applied.
    Drop(Reason),
}

/// Why a deferred like is not applied. The database stores the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The owner has toggled the like since.
    Superseded,
    /// The post no longer exists.
    PostGone,
    /// The post is liked, or not, as the owner wants.
    NothingToDo,
}

/// Decides about the likes of one owner in their order: a like waits for those before it.
pub(crate) fn decide(likes: &[DeferredLike], now: Timestamp) -> Vec<Decided> {
    let mut earliest = now;
    let decide = |like: &DeferredLike| {
        let decision = like.decide(&mut earliest, now);
        Decided::new(like, decision)
    };
    likes.iter().map(decide).collect()
}

impl DeferredLike {
    /// Decides about a like that must not be applied before `earliest`, and moves that on if it waits.
    fn decide(&self, earliest: &mut Timestamp, now: Timestamp) -> Decision {
        let Some(post) = self.post else {
            return Decision::Drop(Reason::PostGone);
        };
        if self.is_superseded {
            return Decision::Drop(Reason::Superseded);
        }
        if post.is_liked == self.is_liked {
            return Decision::Drop(Reason::NothingToDo);
        }
        *earliest = (*earliest)
            .max(self.apply_after)
            .max(self.free_at.unwrap_or(now));
        if *earliest <= now {
            Decision::Apply
        } else {
            Decision::Wait(*earliest)
        }
    }
}

/// A row of the effect `deferred_likes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Decided {
    id: Uuid,
    revision: u32,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

impl Row for Decided {
    const EFFECT: &'static str = "deferred_likes";
}

impl Decided {
    fn new(like: &DeferredLike, decision: Decision) -> Self {
        let (decision, reason, until) = match decision {
            Decision::Apply => ("apply", None, None),
            Decision::Wait(until) => ("wait", None, Some(until)),
            Decision::Drop(reason) => ("drop", Some(reason), None),
        };
        Self {
            id: like.id,
            revision: like.revision,
            decision,
            reason,
            until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u32) -> Timestamp {
        let (mins, secs) = (secs / 60, secs % 60);
        Timestamp::parse(&format!("2026-11-23T12:{mins:02}:{secs:02}Z")).unwrap()
    }

    fn now() -> Timestamp {
        at(30)
    }

    fn due(id: u128) -> DeferredLike {
        DeferredLike {
            id: Uuid::from_u128(id),
            revision: 1,
            is_liked: true,
            is_superseded: false,
            apply_after: at(0),
            free_at: None,
            post: Some(Post { is_liked: false }),
        }
    }

    fn decisions(likes: &[DeferredLike]) -> Vec<Decision> {
        let mut earliest = now();
        likes
            .iter()
            .map(|like| like.decide(&mut earliest, now()))
            .collect()
    }

    #[test]
    fn applies_a_like_that_is_due() {
        assert_eq!(decisions(&[due(1)]), [Decision::Apply]);
        let just_now = DeferredLike {
            apply_after: now(),
            ..due(1)
        };
        assert_eq!(decisions(&[just_now]), [Decision::Apply]);
    }

    #[test]
    fn waits_for_the_time_and_for_the_limit() {
        let early = DeferredLike {
            apply_after: at(31),
            ..due(1)
        };
        assert_eq!(decisions(&[early]), [Decision::Wait(at(31))]);
        let limited = DeferredLike {
            free_at: Some(at(40)),
            ..due(1)
        };
        assert_eq!(decisions(&[limited]), [Decision::Wait(at(40))]);
    }

    #[test]
    fn a_like_waits_for_those_before_it() {
        let limited = DeferredLike {
            free_at: Some(at(40)),
            ..due(2)
        };
        assert_eq!(
            decisions(&[due(1), limited, due(3)]),
            [
                Decision::Apply,
                Decision::Wait(at(40)),
                Decision::Wait(at(40))
            ]
        );
    }

    #[test]
    fn drops_what_cannot_or_need_not_be_applied_and_waits_for_none_of_it() {
        let gone = DeferredLike {
            post: None,
            ..due(1)
        };
        let superseded = DeferredLike {
            is_superseded: true,
            free_at: Some(at(40)),
            ..due(2)
        };
        let as_wanted = DeferredLike {
            post: Some(Post { is_liked: true }),
            apply_after: at(50),
            ..due(3)
        };
        assert_eq!(
            decisions(&[gone, superseded, as_wanted, due(4)]),
            [
                Decision::Drop(Reason::PostGone),
                Decision::Drop(Reason::Superseded),
                Decision::Drop(Reason::NothingToDo),
                Decision::Apply
            ]
        );
    }
}
