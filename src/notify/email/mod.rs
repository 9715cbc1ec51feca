//! The email that a notification becomes: a subject, HTML and text.

pub(crate) mod address;
mod html;
mod link;
mod preview;
mod text;

use super::{
    NotificationType, clean,
    i18n::{EmailTexts, Language, email_texts},
};

const TITLE_CHARS: usize = 80;
const BODY_CHARS: usize = 200;
const QUOTE_CHARS: usize = 300;
const QUOTE_LINES: usize = 6;
/// Of a caption that is not the quote.
const CAPTION_CHARS: usize = 100;

/// The content of an email. Every text may be hostile.
#[derive(Debug, Clone, Copy)]
pub struct EmailContent<'a> {
    /// The language of the surrounding text.
    pub language: Language,
    /// What it is about; `None` if it is of a type that is not known here.
    pub kind: Option<NotificationType>,
    /// The title of the notification.
    pub title: &'a str,
    /// The body of the notification, with names and numbers filled in.
    pub body: &'a str,
    /// The comment that it is about.
    pub comment: Option<&'a str>,
    /// The caption of the post.
    pub caption: Option<&'a str>,
    /// The picture of the post, if the recipient may see it.
    pub photo: Option<Photo<'a>>,
    /// The comment is the recipient's, and a moderator may be asked to look at it again.
    pub may_appeal: bool,
    /// The link of the button; no button unless it is an absolute http URL.
    pub link: Option<&'a str>,
    /// The link to the settings, under the same condition.
    pub settings: Option<&'a str>,
    /// The link to unsubscribe, under the same condition.
    pub unsubscribe: Option<&'a str>,
}

/// A published picture.
#[derive(Debug, Clone, Copy)]
pub struct Photo<'a> {
    /// Where it is; it is left out unless this is an absolute http URL.
    pub url: &'a str,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// An email without sender and recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// One line.
    pub subject: String,
    /// The HTML part, a complete document.
    pub html: String,
    /// The text part, with the same content.
    pub text: String,
}

/// Renders an email.
#[must_use]
pub fn render(content: &EmailContent<'_>) -> Email {
    let parts = Parts::of(content);
    Email {
        subject: clean::left_to_right(&parts.subject),
        html: html::render(&parts),
        text: text::render(&parts),
    }
}

/// The sanitized content: no invisible characters, bounded lengths, valid links. Not yet escaped for
/// HTML.
struct Parts<'a> {
    language: Language,
    texts: EmailTexts,
    subject: String,
    /// What a list of emails shows beside the subject.
    preview: String,
    title: String,
    body: String,
    quote: Option<String>,
    /// The caption, where the quote is a comment.
    caption: Option<String>,
    photo: Option<Photo<'a>>,
    alternative: Option<String>,
    may_appeal: bool,
    link: Option<&'a str>,
    settings: Option<&'a str>,
    unsubscribe: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(content: &EmailContent<'a>) -> Self {
        let texts = email_texts(content.language);
        let title = clean::line(content.title, TITLE_CHARS);
        let body = clean::unlinked(&clean::line(content.body, BODY_CHARS));
        let body = if body.is_empty() { title.clone() } else { body };
        let (comment, caption) = (visible(content.comment), visible(content.caption));
        let quote = comment
            .or(caption)
            .map(|quote| clean::unlinked(&clean::lines(quote, QUOTE_CHARS, QUOTE_LINES)));
        let caption = caption.map(|text| clean::unlinked(&clean::line(text, CAPTION_CHARS)));
        let (subject, preview) = preview::of(content, &body, comment, caption.as_deref(), &texts);
        Self {
            language: content.language,
            texts,
            subject,
            preview,
            title,
            body,
            quote,
            caption: caption.clone().filter(|_| comment.is_some()),
            alternative: caption,
            photo: content
                .photo
                .filter(|photo| link::http(photo.url).is_some()),
            may_appeal: content.may_appeal,
            link: content.link.and_then(link::http),
            settings: content.settings.and_then(link::http),
            unsubscribe: content.unsubscribe.and_then(link::http),
        }
    }

    /// The text of the button, before the app's name.
    fn button(&self) -> &'static str {
        if self.may_appeal {
            self.texts.appeal_on
        } else {
            self.texts.view_on
        }
    }

    /// What the photo is called where it is not shown.
    fn alternative(&self) -> &str {
        self.alternative.as_deref().unwrap_or(self.texts.photo)
    }
}

/// A text with something to see.
fn visible(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !clean::line(text, QUOTE_CHARS).is_empty())
}

fn push(out: &mut String, texts: &[&str]) {
    for text in texts {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: EmailContent<'_> = EmailContent {
        language: Language::En,
        kind: Some(NotificationType::NewComment),
        title: "New comment",
        body: "Ana commented on your photo",
        comment: Some("What a light!"),
        caption: Some("The lake"),
        photo: Some(Photo {
            url: "https://api.example/storage/v1/object/public/images/1/medium.jpeg",
            width: 400,
            height: 300,
        }),
        may_appeal: false,
        link: Some("https://app.example/posts/1"),
        settings: Some("https://app.example/settings"),
        unsubscribe: Some("https://api.example/unsubscribe?token=a.email.b"),
    };

    #[test]
    fn drops_invalid_links() {
        let Email { html, text, .. } = render(&EmailContent {
            link: Some("javascript:alert(1)"),
            unsubscribe: Some("data:text/html,x"),
            settings: Some("/settings"),
            photo: Some(Photo {
                url: "data:image/svg+xml,<svg>",
                width: 1,
                height: 1,
            }),
            ..CONTENT
        });
        for part in [html, text] {
            assert!(!part.contains("alert") && !part.contains("data:") && !part.contains("://"));
            assert!(part.contains("email notifications are turned on"));
            assert!(!part.contains("Unsubscribe") && !part.contains("View on"));
            assert!(!part.contains("Notification settings") && !part.contains("<img"));
        }
    }

    #[test]
    fn escapes_every_text_and_link() {
        let hostile = "\"'><img src=x onerror=alert(1)>&amp;";
        let link = "https://app.example/?a='onclick=alert(1)&amp;lt";
        let email = render(&EmailContent {
            language: Language::Es,
            title: hostile,
            body: hostile,
            comment: Some(hostile),
            caption: Some(hostile),
            photo: Some(Photo {
                url: link,
                width: 400,
                height: 300,
            }),
            link: Some(link),
            settings: Some(link),
            unsubscribe: Some(link),
            ..CONTENT
        });
        let escaped = "&quot;&#39;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;";
        // The title of the document, the preview, the label, the sentence, the photo without its picture, the caption and
        // the quote.
        assert_eq!(email.html.matches(escaped).count(), 7);
        assert_eq!(email.html.matches("<img").count(), 1);
        let escaped = "=\"https://app.example/?a=&#39;onclick=alert(1)&amp;amp;lt\"";
        assert_eq!(email.html.matches(escaped).count(), 5);
    }

    #[test]
    fn the_photo_has_its_size_its_words_and_a_link() {
        let Email { html, .. } = render(&CONTENT);
        assert!(html.contains(
            "<a href=\"https://app.example/posts/1\"><img class=\"photo quiet\" \
             src=\"https://api.example/storage/v1/object/public/images/1/medium.jpeg\" width=\"400\" height=\"300\" \
             alt=\"The lake\""
        ));
        for (comment, caption, alternative) in [
            (None, Some("The lake"), "alt=\"The lake\""),
            (None, None, "alt=\"The photo\""),
            // A comment says nothing about what the photo shows.
            (
                Some("What a light!"),
                Some(" \u{200b}"),
                "alt=\"The photo\"",
            ),
        ] {
            let html = render(&EmailContent {
                comment,
                caption,
                ..CONTENT
            })
            .html;
            assert!(html.contains(alternative), "{comment:?}, {caption:?}");
        }
    }

    #[test]
    fn the_text_part_is_complete() {
        let email = render(&EmailContent {
            comment: Some("What a light!\n\n\nWhere is it?"),
            ..CONTENT
        });
        assert_eq!(
            email.text,
            "Ana commented on your photo\n\n\
             > What a light!\n\
             > Where is it?\n\n\
             On the photo “The lake”\n\n\
             View on Suplatzigram:\n\
             https://app.example/posts/1\n\n\
             —\n\
             You are receiving this because email notifications are turned on in your settings on Suplatzigram.\n\
             Unsubscribe:\n\
             https://api.example/unsubscribe?token=a.email.b\n\
             Notification settings:\n\
             https://app.example/settings\n"
        );
    }

    #[test]
    fn after_a_rejection_both_parts_say_what_can_be_done() {
        let email = render(&EmailContent {
            kind: Some(NotificationType::CommentModerated),
            may_appeal: true,
            ..CONTENT
        });
        for part in [&email.html, &email.text] {
            assert!(part.contains("you can appeal once"));
            assert!(part.contains("Appeal on Suplatzigram"));
        }
        let decided = render(&EmailContent {
            kind: Some(NotificationType::CommentModerated),
            ..CONTENT
        });
        assert!(!decided.html.contains("appeal") && !decided.text.contains("appeal"));
    }

    #[test]
    fn the_longest_email_is_not_clipped() {
        let long = "\"".repeat(10_000);
        let link = format!("https://app.example/{}", "'".repeat(1_900));
        let email = render(&EmailContent {
            title: &long,
            body: &long,
            comment: Some(&long),
            caption: Some(&long),
            photo: Some(Photo {
                url: &link,
                width: u32::MAX,
                height: u32::MAX,
            }),
            may_appeal: true,
            link: Some(&link),
            settings: Some(&link),
            unsubscribe: Some(&link),
            ..CONTENT
        });
        // Gmail clips at 102 KB.
        assert!(email.html.len() < 80_000, "{}", email.html.len());
    }
}
