//! The types of notifications.

use strum::{EnumString, IntoStaticStr};

use crate::base::json;

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum NotificationType {
    /// Someone liked the recipient's post.
    NewLike,
    /// Someone commented on the recipient's post.
    NewComment,
    /// Someone answered the recipient's comment.
    CommentReply,
    /// Someone mentioned the recipient in a comment.
    Mention,
    /// Someone follows the recipient.
    NewFollower,
    /// A moderator decided about the recipient's comment.
    CommentModerated,
}

/// A decision of moderation about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Decision {
    /// It is published.
    Approved,
    /// It waits for a moderator.
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
    /// Its name in messages and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether its message must name a post.
    pub(crate) fn is_about_a_post(self) -> bool {
        match self {
            Self::NewLike | Self::NewComment | Self::CommentReply | Self::Mention => true,
            Self::NewFollower | Self::CommentModerated => false,
        }
    }
}
