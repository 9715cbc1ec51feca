//! English.

use super::{EmailTexts, NotificationTexts, UnsubscribeTexts};
use crate::notify::{Decision, NotificationType};

pub(super) fn notification_texts(
    kind: NotificationType,
    decision: Option<Decision>,
) -> NotificationTexts {
    let (title, bodies): (_, &[_]) = match kind {
        NotificationType::NewLike => (
            "New like",
            &[
                "{name} liked your photo",
                "{name} and 1 other liked your photo",
                "{name} and {others} others liked your photo",
            ],
        ),
        NotificationType::NewComment => (
            "New comment",
            &[
                "{name} commented on your photo",
                "{name} and 1 other commented on your photo",
                "{name} and {others} others commented on your photo",
            ],
        ),
        NotificationType::CommentReply => (
            "New reply",
            &[
                "{name} replied to your comment",
                "{name} and 1 other replied to your comment",
                "{name} and {others} others replied to your comment",
            ],
        ),
        NotificationType::Mention => (
            "You were mentioned",
            &[
                "{name} mentioned you in a comment",
                "{name} and 1 other mentioned you in a comment",
                "{name} and {others} others mentioned you in a comment",
            ],
        ),
        NotificationType::NewFollower => (
            "New follower",
            &[
                "{name} started following you",
                "{name} and 1 other started following you",
                "{name} and {others} others started following you",
            ],
        ),
        NotificationType::CommentModerated => match decision {
            Some(Decision::Approved) => (
                "Comment published",
                &["Your comment is up, and everyone can see it"],
            ),
            Some(Decision::Flagged) => (
                "Comment under review",
                &["Someone on our team will look at your comment before it is published"],
            ),
            Some(Decision::Rejected) => (
                "Comment not published",
                &[
                    "Your comment was not published because it goes against the community guidelines",
                ],
            ),
            None => ("Comment reviewed", &["We have reviewed your comment"]),
        },
    };
    NotificationTexts {
        title,
        bodies,
        someone: "Someone",
    }
}

pub(super) const EMAIL: EmailTexts = EmailTexts {
    view_on: "View on ",
    appeal_on: "Appeal on ",
    appeal: "If you think this is a mistake, you can appeal once. Someone on our team will then look at your comment again.",
    answer: "See the photo and answer",
    who: "See who it was",
    on_photo: "On the photo ",
    photo: "The photo",
    reason: "You are receiving this because email notifications are turned on in your settings on ",
    unsubscribe: "Unsubscribe",
    settings: "Notification settings",
};

pub(super) const UNSUBSCRIBE: UnsubscribeTexts = UnsubscribeTexts {
    done: "You will get no more of these emails.",
    invalid: "This link is not valid. You can change what you get in the app's settings.",
    how: "To unsubscribe, use the button of your mail program, or send a POST request to this address.",
    later: "This could not be done now. Please try again later.",
};
