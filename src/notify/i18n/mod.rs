//! What people read: each language has its own file, and says everything in it.

mod en;
mod es;
mod language;

pub use language::Language;

use super::{Decision, NotificationType};

/// The app's name, as people know it.
pub const APP_NAME: &str = "Suplatzigram";

/// The words of a notification, before names and numbers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// A few words that say what kind of news it is.
    pub title: &'static str,
    /// The sentence, by the number of people it is about: one, two, more; the last one stands for
    /// all greater numbers. `{name}` is one person's name, `{others}` the number of the others.
    pub bodies: &'static [&'static str],
    /// Stands for `{name}` where there is no name, at its place in these bodies.
    pub someone: &'static str,
}

/// The words for a kind of notification. Only moderation has a decision.
#[must_use]
pub fn words(language: Language, kind: NotificationType, decision: Option<Decision>) -> Words {
    match language {
        Language::En => en::words(kind, decision),
        Language::Es => es::words(kind, decision),
    }
}

/// What every email says, whatever its news.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EmailWords {
    /// On the button, before the app's name.
    pub(crate) view_on: &'static str,
    /// Why one gets it, before the app's name.
    pub(crate) reason: &'static str,
    /// The link that ends it.
    pub(crate) unsubscribe: &'static str,
}

/// The words around an email's news.
pub(crate) fn email_words(language: Language) -> EmailWords {
    match language {
        Language::En => en::EMAIL,
        Language::Es => es::EMAIL,
    }
}

/// What the function `unsubscribe` answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnsubscribeWords {
    /// The emails have ended.
    pub(crate) done: &'static str,
    /// The link was not signed by this project.
    pub(crate) invalid: &'static str,
    /// The link was opened, and there is no page of the app to lead to.
    pub(crate) how: &'static str,
    /// The database did not answer.
    pub(crate) later: &'static str,
}

/// What the function `unsubscribe` answers.
pub(crate) fn unsubscribe_words(language: Language) -> UnsubscribeWords {
    match language {
        Language::En => en::UNSUBSCRIBE,
        Language::Es => es::UNSUBSCRIBE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [(NotificationType, Option<Decision>); 7] = [
        (NotificationType::NewLike, None),
        (NotificationType::NewComment, None),
        (NotificationType::NewFollower, None),
        (NotificationType::CommentModerated, Some(Decision::Approved)),
        (NotificationType::CommentModerated, Some(Decision::Flagged)),
        (NotificationType::CommentModerated, Some(Decision::Rejected)),
        (NotificationType::CommentModerated, None),
    ];

    /// As the database fills them in.
    fn fill(words: Words, name: Option<&str>, count: usize) -> String {
        let body = words.bodies[count.min(words.bodies.len()) - 1];
        body.replace("{others}", &(count - 1).to_string())
            .replace("{name}", name.unwrap_or(words.someone))
    }

    #[test]
    fn a_body_has_the_placeholders_that_its_number_of_people_needs() {
        for language in [Language::En, Language::Es] {
            for (kind, decision) in KINDS {
                let Words { bodies, title, .. } = words(language, kind, decision);
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
    fn english_counts() {
        let like = words(Language::En, NotificationType::NewLike, None);
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
    fn spanish_counts_and_begins_with_a_capital() {
        let like = words(Language::Es, NotificationType::NewLike, None);
        assert_eq!(fill(like, Some("Ana"), 1), "A Ana le gustó tu foto");
        assert_eq!(
            fill(like, Some("Ana"), 2),
            "A Ana y a otra persona les gustó tu foto"
        );
        assert_eq!(
            fill(like, None, 40),
            "A alguien y a 39 personas más les gustó tu foto"
        );
        let comment = words(Language::Es, NotificationType::NewComment, None);
        assert_eq!(fill(comment, None, 1), "Alguien comentó tu foto");
        assert_eq!(
            fill(comment, Some("Ana"), 3),
            "Ana y 2 personas más comentaron tu foto"
        );
        let follower = words(Language::Es, NotificationType::NewFollower, None);
        assert_eq!(
            fill(follower, Some("Ana"), 2),
            "Ana y otra persona empezaron a seguirte"
        );
    }
}
