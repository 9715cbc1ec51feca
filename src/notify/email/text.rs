//! The text part: the same news for those who read no HTML.

use super::{Parts, clean, push};
use crate::notify::i18n::{APP_NAME, email_words};

pub(super) fn render(parts: &Parts<'_>) -> String {
    let words = email_words(parts.language);
    let mut out = clean::left_to_right(&parts.body);
    out.push('\n');
    if let Some(quote) = &parts.quote {
        out.push('\n');
        for line in quote.lines() {
            push(&mut out, &["> ", line, "\n"]);
        }
    }
    if let Some(link) = parts.link {
        push(
            &mut out,
            &["\n", words.view_on, APP_NAME, ":\n", link, "\n"],
        );
    }
    push(&mut out, &["\n—\n", words.reason, APP_NAME, ".\n"]);
    if let Some(unsubscribe) = parts.unsubscribe {
        push(&mut out, &[words.unsubscribe, ":\n", unsubscribe, "\n"]);
    }
    out
}
