//! What a list of emails shows of one: the subject, and the preview beside it.

use super::{EmailContent, clean};
use crate::notify::{NotificationType, i18n::EmailTexts};

/// Longer subjects are cut in a list of emails.
const SUBJECT_CHARS: usize = 120;
/// Of a comment in a subject. Less than the minimum says nothing.
const COMMENT_CHARS: usize = 60;
const MIN_COMMENT_CHARS: usize = 12;
const PREVIEW_CHARS: usize = 140;
/// A shorter rest of a comment is followed by the photo.
const SAYS_ENOUGH_CHARS: usize = 40;
/// A longer word is cut.
const WORD_CHARS: usize = 20;
/// Quotation marks, a colon and a space.
const AROUND_COMMENT_CHARS: usize = 4;

/// The subject and the preview. The preview goes on where the subject ends, and does not repeat it.
pub(super) fn of(
    content: &EmailContent<'_>,
    body: &str,
    comment: Option<&str>,
    caption: Option<&str>,
    texts: &EmailTexts,
) -> (String, String) {
    let subject = clean::cut(body, SUBJECT_CHARS);
    let quoted = |words: &str| ["“", words, "”"].concat();
    match content.kind {
        Some(
            NotificationType::NewComment
            | NotificationType::CommentReply
            | NotificationType::Mention,
        ) => {
            let room = SUBJECT_CHARS.saturating_sub(subject.chars().count() + AROUND_COMMENT_CHARS);
            let Some(comment) = comment.filter(|_| room >= MIN_COMMENT_CHARS) else {
                return (subject, texts.answer.to_owned());
            };
            let (beginning, rest) = parted(comment, room.min(COMMENT_CHARS));
            let photo = caption.map_or_else(
                || texts.answer.to_owned(),
                |caption| [texts.on_photo, &quoted(caption)].concat(),
            );
            let preview = match rest {
                Some(rest) if rest.chars().count() >= SAYS_ENOUGH_CHARS => rest,
                Some(rest) => [&rest, " · ", &photo].concat(),
                None => photo,
            };
            ([&subject, ": ", &quoted(&beginning)].concat(), preview)
        }
        Some(NotificationType::NewLike) => {
            let preview = caption.map_or_else(|| texts.who.to_owned(), quoted);
            (subject, preview)
        }
        Some(NotificationType::NewFollower) => (subject, texts.who.to_owned()),
        Some(NotificationType::CommentModerated) if content.may_appeal => {
            (subject, texts.appeal.to_owned())
        }
        Some(NotificationType::CommentModerated) | None => {
            let words = comment.map(|comment| quoted(&parted(comment, PREVIEW_CHARS).0));
            let words = words.or_else(|| caption.map(quoted));
            (subject, words.unwrap_or_else(|| content.title.to_owned()))
        }
    }
}

/// The beginning of a text in one line, if possible of whole words, and what follows it.
fn parted(text: &str, max_chars: usize) -> (String, Option<String>) {
    let line = clean::line(text, max_chars + PREVIEW_CHARS);
    let cut = clean::cut(&line, max_chars);
    let Some(head) = cut.strip_suffix('…').filter(|_| cut != line) else {
        return (clean::unlinked(&cut), None);
    };
    let is_within_a_word = !line.get(head.len()..).unwrap_or_default().starts_with(' ');
    let head = match head.rsplit_once(' ') {
        Some((words, part)) if is_within_a_word && part.chars().count() < WORD_CHARS => words,
        _ => head,
    };
    let rest = line.get(head.len()..).unwrap_or_default().trim_start();
    (
        [&clean::unlinked(head), "…"].concat(),
        Some(["…", &clean::unlinked(rest)].concat()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::{email::render, i18n::Language};

    const COMMENT: EmailContent<'_> = EmailContent {
        language: Language::En,
        kind: Some(NotificationType::NewComment),
        title: "New comment",
        body: "Ana commented on your photo",
        comment: Some("What a light!"),
        caption: None,
        photo: None,
        may_appeal: false,
        link: None,
        settings: None,
        unsubscribe: None,
    };

    /// The subject, and what the HTML part hides.
    fn shown(content: &EmailContent<'_>) -> (String, String) {
        let email = render(content);
        let (_, rest) = email.html.split_once("mso-hide:all\">").unwrap();
        let (preview, _) = rest.split_once("</div>").unwrap();
        (email.subject, preview.to_owned())
    }

    fn of_comment(comment: &str) -> (String, String) {
        shown(&EmailContent {
            comment: Some(comment),
            ..COMMENT
        })
    }

    #[test]
    fn a_comment_begins_in_the_subject_and_goes_on_in_the_preview() {
        let (subject, preview) = of_comment(
            "What a light! Where did you take it, and at what time of the day? I have to go there one day.",
        );
        assert_eq!(
            subject,
            "Ana commented on your photo: “What a light! Where did you take it, and at what time of…”"
        );
        assert_eq!(
            preview,
            "…the day? I have to go there one day. · See the photo and answer"
        );
    }

    #[test]
    fn a_short_comment_leaves_the_preview_to_the_photo() {
        let subject = "Ana commented on your photo: “What a light!”".to_owned();
        assert_eq!(
            shown(&COMMENT),
            (subject.clone(), "See the photo and answer".to_owned())
        );
        let with_caption = EmailContent {
            caption: Some("The lake"),
            ..COMMENT
        };
        assert_eq!(
            shown(&with_caption),
            (subject, "On the photo “The lake”".to_owned())
        );
    }

    #[test]
    fn every_other_email_has_a_preview_of_its_own() {
        let with = |kind, comment, caption, may_appeal| {
            shown(&EmailContent {
                kind,
                comment,
                caption,
                may_appeal,
                ..COMMENT
            })
            .1
        };
        let like = Some(NotificationType::NewLike);
        assert_eq!(with(like, None, Some("The lake"), false), "“The lake”");
        assert_eq!(with(like, None, None, false), "See who it was");
        let follower = Some(NotificationType::NewFollower);
        assert_eq!(with(follower, None, None, false), "See who it was");
        let decided = Some(NotificationType::CommentModerated);
        assert!(with(decided, Some("Mine"), None, true).contains("you can appeal once"));
        assert_eq!(with(decided, Some("Mine"), None, false), "“Mine”");
        assert_eq!(with(None, None, None, false), "New comment");
    }

    #[test]
    fn a_subject_is_one_bounded_line_and_no_header_of_its_own() {
        let (subject, _) = shown(&EmailContent {
            body: &format!("Ana\r\nBcc: {}\u{202e}", "x".repeat(300)),
            ..COMMENT
        });
        assert!(subject.starts_with("Ana Bcc: xxx"));
        assert_eq!(subject.chars().count(), SUBJECT_CHARS);
        let (subject, _) = of_comment("a\r\nBcc: eve@example.com\u{0}\n\u{202e}b");
        assert_eq!(
            subject,
            "Ana commented on your photo: “a Bcc: eve@\u{2060}example.\u{2060}com b”"
        );
        let blank = EmailContent {
            body: " \u{200b}\n",
            comment: Some("\u{200b}"),
            ..COMMENT
        };
        assert_eq!(shown(&blank).0, "New comment");
    }

    #[test]
    fn no_emoji_and_no_letter_is_cut_in_two() {
        for whole in ["👨\u{200d}👩\u{200d}👧", "🇨🇴", "e\u{301}", "क्षि"] {
            for before in 50..COMMENT_CHARS {
                let comment = format!("{}{}", "x".repeat(before), whole.repeat(30));
                let (subject, _) = of_comment(&comment);
                let (_, quoted) = subject.split_once('“').unwrap();
                let shown = quoted.trim_start_matches('x').trim_end_matches("…”");
                assert_eq!(shown.replace(whole, ""), "", "{subject}");
            }
        }
    }
}
