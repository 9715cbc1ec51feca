//! The texts that people read: one file for each language.

mod en;
mod es;
mod language;

pub use language::Language;

use super::{Decision, NotificationType};

/// The name of the app.
pub const APP_NAME: &str = "Suplatzigram";

/// The texts of a notification, before names and numbers are filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationTexts {
    /// A few words about what happened.
    pub title: &'static str,
    /// A sentence for each number of people: one, two, more. The last one is for all greater numbers.
    /// `{name}` is the name of one person, `{others}` the number of the others.
    pub bodies: &'static [&'static str],
    /// Replaces `{name}` if the name is unknown.
    pub someone: &'static str,
}

/// The texts of a notification. Only moderation has a decision.
#[must_use]
pub fn notification_texts(
    language: Language,
    kind: NotificationType,
    decision: Option<Decision>,
) -> NotificationTexts {
    match language {
        Language::En => en::notification_texts(kind, decision),
        Language::Es => es::notification_texts(kind, decision),
    }
}

/// The texts of every email.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EmailTexts {
    /// The button, before the app's name.
    pub(crate) view_on: &'static str,
    /// The button to an appeal, before the app's name.
    pub(crate) appeal_on: &'static str,
    /// What can be done about a comment that was not published.
    pub(crate) appeal: &'static str,
    /// Beside the subject in a list of emails, for a comment: what to do.
    pub(crate) answer: &'static str,
    /// The same for what has no words of its own.
    pub(crate) who: &'static str,
    /// Before the caption of the photo that was commented.
    pub(crate) on_photo: &'static str,
    /// What is in the place of a photo without a caption.
    pub(crate) photo: &'static str,
    /// Why the recipient gets the email, before the app's name.
    pub(crate) reason: &'static str,
    /// The link to unsubscribe.
    pub(crate) unsubscribe: &'static str,
    /// The link to the settings.
    pub(crate) settings: &'static str,
}

/// The texts of every email.
pub(crate) fn email_texts(language: Language) -> EmailTexts {
    match language {
        Language::En => en::EMAIL,
        Language::Es => es::EMAIL,
    }
}

/// The answers of the function `unsubscribe`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnsubscribeTexts {
    /// Email notifications are off now.
    pub(crate) done: &'static str,
    /// The link is not signed by this project.
    pub(crate) invalid: &'static str,
    /// The link was opened, and the app has no page for it.
    pub(crate) how: &'static str,
    /// The database did not answer.
    pub(crate) later: &'static str,
}

/// The answers of the function `unsubscribe`.
pub(crate) fn unsubscribe_texts(language: Language) -> UnsubscribeTexts {
    match language {
        Language::En => en::UNSUBSCRIBE,
        Language::Es => es::UNSUBSCRIBE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [(NotificationType, Option<Decision>); 9] = [
        (NotificationType::NewLike, None),
        (NotificationType::NewComment, None),
        (NotificationType::CommentReply, None),
        (NotificationType::Mention, None),
        (NotificationType::NewFollower, None),
        (NotificationType::CommentModerated, Some(Decision::Approved)),
        (NotificationType::CommentModerated, Some(Decision::Flagged)),
        (NotificationType::CommentModerated, Some(Decision::Rejected)),
        (NotificationType::CommentModerated, None),
    ];

    /// As the database fills them in.
    fn fill(texts: NotificationTexts, name: Option<&str>, count: usize) -> String {
        let body = texts.bodies[count.min(texts.bodies.len()) - 1];
        body.replace("{others}", &(count - 1).to_string())
            .replace("{name}", name.unwrap_or(texts.someone))
    }

    #[test]
    fn bodies_have_the_placeholders_for_their_number_of_people() {
        for language in [Language::En, Language::Es] {
            for (kind, decision) in KINDS {
                let NotificationTexts { bodies, title, .. } =
                    notification_texts(language, kind, decision);
                let has = |placeholder| {
                    bodies
                        .iter()
                        .map(|body| body.matches(placeholder).count())
                        .collect::<Vec<_>>()
                };
                if kind == NotificationType::CommentModerated {
                    assert_eq!((has("{name}"), has("{others}")), (vec![0], vec![0]));
                } else {
                    assert_eq!(has("{name}"), [1, 1, 1]);
                    assert_eq!(has("{others}"), [0, 0, 1]);
                }
                assert!(title.chars().count() <= 40, "{title}");
                assert!(bodies.iter().all(|body| !body.ends_with('.')));
            }
        }
    }

    #[test]
    fn counts_people_in_english() {
        let like = notification_texts(Language::En, NotificationType::NewLike, None);
        assert_eq!(fill(like, Some("Ana"), 1), "Ana liked your photo");
        assert_eq!(
            fill(like, Some("Ana"), 2),
            "Ana and 1 other liked your photo"
        );
        assert_eq!(
            fill(like, Some("Ana"), 40),
            "Ana and 39 others liked your photo"
        );
        assert_eq!(fill(like, None, 3), "Someone and 2 others liked your photo");
    }

    #[test]
    fn counts_people_in_spanish_and_begins_with_a_capital() {
        let like = notification_texts(Language::Es, NotificationType::NewLike, None);
        assert_eq!(fill(like, Some("Ana"), 1), "A Ana le gustó tu foto");
        assert_eq!(
            fill(like, Some("Ana"), 2),
            "A Ana y a otra persona les gustó tu foto"
        );
        assert_eq!(
            fill(like, None, 40),
            "A alguien y a 39 personas más les gustó tu foto"
        );
        let comment = notification_texts(Language::Es, NotificationType::NewComment, None);
        assert_eq!(fill(comment, None, 1), "Alguien comentó tu foto");
        assert_eq!(
            fill(comment, Some("Ana"), 3),
            "Ana y 2 personas más comentaron tu foto"
        );
        let follower = notification_texts(Language::Es, NotificationType::NewFollower, None);
        assert_eq!(
            fill(follower, Some("Ana"), 2),
            "Ana y otra persona empezaron a seguirte"
        );
    }
}
