//! The email that a notification becomes: a subject, HTML and text.

pub(crate) mod address;
mod html;
mod link;
mod text;

use super::{clean, i18n::Language};

/// Longer subjects are cut in a list of emails.
const SUBJECT_CHARS: usize = 120;
const TITLE_CHARS: usize = 80;
const BODY_CHARS: usize = 200;
const QUOTE_CHARS: usize = 300;
const QUOTE_LINES: usize = 6;

/// The content of an email. Every text may be hostile.
#[derive(Debug, Clone, Copy)]
pub struct EmailContent<'a> {
    /// The language of the surrounding text.
    pub language: Language,
    /// The title of the notification.
    pub title: &'a str,
    /// The body of the notification, with names and numbers filled in.
    pub body: &'a str,
    /// The caption or the comment that it is about.
    pub quote: Option<&'a str>,
    /// The link of the button; no button unless it is an absolute http URL.
    pub link: Option<&'a str>,
    /// The link to unsubscribe, under the same condition.
    pub unsubscribe: Option<&'a str>,
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
        subject: parts.subject(),
        html: html::render(&parts),
        text: text::render(&parts),
    }
}

/// The sanitized content: no invisible characters, bounded lengths, valid links. Not yet escaped for
/// HTML.
struct Parts<'a> {
    language: Language,
    title: String,
    body: String,
    quote: Option<String>,
    link: Option<&'a str>,
    unsubscribe: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(content: &EmailContent<'a>) -> Self {
        let title = clean::line(content.title, TITLE_CHARS);
        let body = clean::unlinked(&clean::line(content.body, BODY_CHARS));
        Self {
            language: content.language,
            body: if body.is_empty() { title.clone() } else { body },
            title,
            quote: content
                .quote
                .map(|quote| clean::unlinked(&clean::lines(quote, QUOTE_CHARS, QUOTE_LINES)))
                .filter(|quote| !quote.is_empty()),
            link: content.link.and_then(link::http),
            unsubscribe: content.unsubscribe.and_then(link::http),
        }
    }

    /// The body: in a list of emails it tells more than the title.
    fn subject(&self) -> String {
        clean::left_to_right(&clean::cut(&self.body, SUBJECT_CHARS))
    }
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
        title: "New comment",
        body: "Ana commented on your photo",
        quote: Some("What a light!"),
        link: Some("https://app.example/posts/1"),
        unsubscribe: Some("https://api.example/unsubscribe?token=a.email.b"),
    };

    #[test]
    fn the_subject_is_the_body_in_one_bounded_line() {
        assert_eq!(render(&CONTENT).subject, "Ana commented on your photo");
        let email = render(&EmailContent {
            body: &format!("Ana\r\nBcc: {}\u{202e}", "x".repeat(300)),
            ..CONTENT
        });
        assert!(email.subject.starts_with("Ana Bcc: xxx"));
        assert!(email.subject.ends_with("x…"));
        assert_eq!(email.subject.chars().count(), SUBJECT_CHARS);
        let blank = EmailContent {
            body: " \u{200b}\n",
            ..CONTENT
        };
        assert_eq!(render(&blank).subject, "New comment");
    }

    #[test]
    fn drops_invalid_links() {
        let Email { html, text, .. } = render(&EmailContent {
            link: Some("javascript:alert(1)"),
            unsubscribe: Some("data:text/html,x"),
            ..CONTENT
        });
        for part in [html, text] {
            assert!(!part.contains("alert") && !part.contains("data:") && !part.contains("://"));
            assert!(part.contains("email notifications are turned on"));
            assert!(!part.contains("Unsubscribe") && !part.contains("View on"));
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
            quote: Some(hostile),
            link: Some(link),
            unsubscribe: Some(link),
        });
        let escaped = "&quot;&#39;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;";
        assert_eq!(email.html.matches(escaped).count(), 5);
        assert!(!email.html.contains("<img"));
        let escaped = "href=\"https://app.example/?a=&#39;onclick=alert(1)&amp;amp;lt\"";
        assert_eq!(email.html.matches(escaped).count(), 2);
    }

    #[test]
    fn the_text_part_is_complete() {
        let email = render(&EmailContent {
            quote: Some("What a light!\n\n\nWhere is it?"),
            ..CONTENT
        });
        assert_eq!(
            email.text,
            "Ana commented on your photo\n\n\
             > What a light!\n\
             > Where is it?\n\n\
             View on Suplatzigram:\n\
             https://app.example/posts/1\n\n\
             —\n\
             You are receiving this because email notifications are turned on in your settings on Suplatzigram.\n\
             Unsubscribe:\n\
             https://api.example/unsubscribe?token=a.email.b\n"
        );
    }

    #[test]
    fn the_longest_email_is_not_clipped() {
        let long = "\"".repeat(10_000);
        let link = format!("https://app.example/{}", "'".repeat(1_900));
        let email = render(&EmailContent {
            title: &long,
            body: &long,
            quote: Some(&long),
            link: Some(&link),
            unsubscribe: Some(&link),
            ..CONTENT
        });
        // Gmail clips at 102 KB.
        assert!(email.html.len() < 50_000, "{}", email.html.len());
        assert_eq!(
            email.html.matches("&quot;").count(),
            2 * 79 + 2 * 199 + 2 * 299 - 79
        );
    }
}
