//! The text part: the same content without HTML.

use super::{Parts, clean, push};
use crate::notify::i18n::APP_NAME;

pub(super) fn render(parts: &Parts<'_>) -> String {
    let texts = &parts.texts;
    let mut out = clean::left_to_right(&parts.body);
    out.push('\n');
    if let Some(quote) = &parts.quote {
        out.push('\n');
        for line in quote.lines() {
            push(&mut out, &["> ", line, "\n"]);
        }
    }
    if let Some(caption) = &parts.caption {
        push(&mut out, &["\n", texts.on_photo, "“", caption, "”\n"]);
    }
    if parts.may_appeal {
        push(&mut out, &["\n", texts.appeal, "\n"]);
    }
    if let Some(link) = parts.link {
        push(
            &mut out,
            &["\n", parts.button(), APP_NAME, ":\n", link, "\n"],
        );
    }
    push(&mut out, &["\n—\n", texts.reason, APP_NAME, ".\n"]);
    let links = [
        (parts.unsubscribe, texts.unsubscribe),
        (parts.settings, texts.settings),
    ];
    for (link, text) in links {
        if let Some(link) = link {
            push(&mut out, &[text, ":\n", link, "\n"]);
        }
    }
    out
}
