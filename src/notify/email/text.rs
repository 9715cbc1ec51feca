//! The text part: the same content without HTML.

use super::{Parts, clean, push};
use crate::notify::i18n::{APP_NAME, email_texts};

pub(super) fn render(parts: &Parts<'_>) -> String {
    let texts = email_texts(parts.language);
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
            &["\n", texts.view_on, APP_NAME, ":\n", link, "\n"],
        );
    }
    push(&mut out, &["\n—\n", texts.reason, APP_NAME, ".\n"]);
    if let Some(unsubscribe) = parts.unsubscribe {
        push(&mut out, &[texts.unsubscribe, ":\n", unsubscribe, "\n"]);
    }
    out
}
