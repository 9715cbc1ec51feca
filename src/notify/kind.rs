//! What notifications tell.

use strum::{EnumString, IntoStaticStr};

use crate::base::json;

/// What the recipient is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Decision {
    /// It is published.
    Approved,
    /// It waits for a person to look at it.
    Flagged,
    /// It is not published.
    Rejected,
}

json::written_by_name!(NotificationType, Decision);

impl Decision {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl NotificationType {
    /// Its name in messages and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether it is about a post, which it must then name.
    pub(crate) fn is_about_a_post(self) -> bool {
        match self {
            Self::NewLike | Self::NewComment => true,
            Self::NewFollower | Self::CommentModerated => false,
        }
    }
}
