//! What notifications tell.

use serde::Serialize;

/// What the recipient is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationType {
    /// Somebody liked the recipient's post.
    NewLike,
    /// Somebody commented on it.
    NewComment,
    /// Somebody follows the recipient.
    NewFollower,
    /// The recipient's own comment was looked at by moderation.
    CommentModerated,
}

/// What moderation decided about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is published.
    Approved,
    /// It waits for a person to look at it.
    Flagged,
    /// It is not published.
    Rejected,
}

impl Decision {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Flagged => "flagged",
            Self::Rejected => "rejected",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Approved, Self::Flagged, Self::Rejected]
            .into_iter()
            .find(|decision| decision.name() == name)
    }
}

impl NotificationType {
    /// Its name in messages and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NewLike => "new_like",
            Self::NewComment => "new_comment",
            Self::NewFollower => "new_follower",
            Self::CommentModerated => "comment_moderated",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [
            Self::NewLike,
            Self::NewComment,
            Self::NewFollower,
            Self::CommentModerated,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }

    /// Whether it is about a post, which it must then name.
    pub(crate) fn is_about_a_post(self) -> bool {
        match self {
            Self::NewLike | Self::NewComment => true,
            Self::NewFollower | Self::CommentModerated => false,
        }
    }
}
