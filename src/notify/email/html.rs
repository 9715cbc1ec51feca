//! The HTML part. Mail programs support little CSS: the layout uses tables, every style is inline, and
//! the only style sheet is for dark mode, where it is supported.

use super::{Parts, push};
use crate::notify::i18n::APP_NAME;

const HEAD: &str = r##"<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #151213 !important; }
  .card { background: #221e1f !important; border-color: #3a3335 !important; }
  .text { color: #f6f1f0 !important; }
  .quiet { color: #b9afaf !important; }
  .accent { color: #ff94ab !important; }
  .quote { border-color: #7d4655 !important; }
}
</style>
<title>"##;

/// The preview in a list of emails, hidden in the email itself.
const PREHEADER: &str = r#"<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">"#;

// Outlook renders with Word, which does not support max-width.
const PAGE: &str = r##"</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f7f4f2"><tr><td align="center" style="padding:28px 12px 40px">
<!--[if mso]><table role="presentation" width="560"><tr><td><![endif]-->
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;table-layout:fixed;text-align:left;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;word-break:break-word;overflow-wrap:anywhere">
<tr><td class="text" style="padding:0 4px 14px;font-size:17px;line-height:24px;font-weight:700;color:#201a1b">"##;

const CARD: &str = r##"</td></tr>
<tr><td class="card" style="padding:30px 28px 32px;background:#ffffff;border:1px solid #e9e2df;border-radius:16px">
<p class="accent" style="margin:0 0 8px;font-size:14px;line-height:20px;font-weight:600;color:#b3234c">"##;

const SENTENCE: &str = r##"</p>
<h1 class="text" style="margin:0;font-size:22px;line-height:29px;font-weight:700;letter-spacing:-0.2px;text-wrap:balance;color:#201a1b">"##;

const QUOTE: &str = r##"
<blockquote class="quote text" dir="auto" style="margin:22px 0 0;padding:2px 16px;border:solid #eab8c6;border-width:0;border-inline-start-width:3px;text-align:start;font-size:17px;line-height:26px;color:#201a1b">"##;

const PHOTO: &str = r##"<img class="photo quiet" src=""##;

// Outlook reads the width of the attribute, phones that of the style. The font is that of the text in its place.
const PHOTO_STYLE: &str = r##"" style="display:block;width:100%;height:auto;border:0;border-radius:12px;font-size:14px;line-height:20px;color:#6d6263;max-width:"##;

const CAPTION: &str = r##"
<p class="quiet" dir="auto" style="margin:8px 0 0;font-size:14px;line-height:20px;text-align:start;color:#6d6263">"##;

const APPEAL: &str = r##"
<p class="text" style="margin:22px 0 0;font-size:16px;line-height:24px;color:#201a1b">"##;

const BUTTON: &str = r##"
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:28px 0 0"><tr><td bgcolor="#b3234c" style="border-radius:12px;background:#b3234c;mso-padding-alt:14px 26px">
<a class="button" href=""##;

const BUTTON_TEXT: &str = r##"" style="display:inline-block;padding:12px 26px;font-size:16px;line-height:24px;font-weight:600;color:#ffffff;text-decoration:none;border-radius:12px">"##;

const FOOTER: &str = r##"
</td></tr>
<tr><td class="quiet" style="padding:18px 4px 0;font-size:13px;line-height:20px;color:#6d6263">"##;

const QUIET_LINK: &str = r##"<a class="quiet" href=""##;

const QUIET_LINK_TEXT: &str = r##"" style="color:#6d6263;text-decoration:underline">"##;

const END: &str = "</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</div>
</body>
</html>
";

pub(super) fn render(parts: &Parts<'_>) -> String {
    let texts = &parts.texts;
    let tag = parts.language.tag();
    let mut out = String::with_capacity(8 * 1024);
    push(
        &mut out,
        &[
            "<!doctype html>\n<html lang=\"",
            tag,
            "\" dir=\"ltr\">\n",
            HEAD,
        ],
    );
    escape(&mut out, &parts.body);
    push(
        &mut out,
        &[
            "</title>\n</head>\n<body class=\"page\" style=\"margin:0;padding:0;background:#f7f4f2\">\n",
            // Web mail drops the html and body elements.
            "<div lang=\"",
            tag,
            "\" dir=\"ltr\">\n",
            PREHEADER,
        ],
    );
    escape(&mut out, &parts.preview);
    push(&mut out, &[PAGE, APP_NAME, CARD]);
    escape(&mut out, &parts.title);
    out.push_str(SENTENCE);
    escape(&mut out, &parts.body);
    out.push_str("</h1>");
    photo(&mut out, parts);
    if let Some(quote) = &parts.quote {
        out.push_str(QUOTE);
        for (index, line) in quote.lines().enumerate() {
            if index > 0 {
                out.push_str("<br>");
            }
            escape(&mut out, line);
        }
        out.push_str("</blockquote>");
    }
    if parts.may_appeal {
        push(&mut out, &[APPEAL, texts.appeal, "</p>"]);
    }
    if let Some(link) = parts.link {
        out.push_str(BUTTON);
        escape(&mut out, link);
        push(
            &mut out,
            &[
                BUTTON_TEXT,
                parts.button(),
                APP_NAME,
                "</a>\n</td></tr></table>",
            ],
        );
    }
    push(&mut out, &[FOOTER, texts.reason, APP_NAME, "."]);
    let links = [
        (parts.unsubscribe, texts.unsubscribe),
        (parts.settings, texts.settings),
    ];
    let mut before = "<br>\n";
    for (link, text) in links {
        if let Some(link) = link {
            push(&mut out, &[before, QUIET_LINK]);
            escape(&mut out, link);
            push(&mut out, &[QUIET_LINK_TEXT, text, "</a>"]);
            before = " ·\n";
        }
    }
    out.push_str(END);
    out
}

/// The photo, which leads where the button leads, and its caption.
fn photo(out: &mut String, parts: &Parts<'_>) {
    if let Some(photo) = &parts.photo {
        let width = photo.width.to_string();
        out.push_str("\n<div style=\"margin:22px 0 0\">");
        if let Some(link) = parts.link {
            out.push_str("<a href=\"");
            escape(out, link);
            out.push_str("\">");
        }
        out.push_str(PHOTO);
        escape(out, photo.url);
        push(
            out,
            &[
                "\" width=\"",
                &width,
                "\" height=\"",
                &photo.height.to_string(),
                "\" alt=\"",
            ],
        );
        escape(out, parts.alternative());
        push(out, &[PHOTO_STYLE, &width, "px\">"]);
        out.push_str(if parts.link.is_some() {
            "</a></div>"
        } else {
            "</div>"
        });
    }
    if let Some(caption) = &parts.caption {
        out.push_str(CAPTION);
        escape(out, caption);
        out.push_str("</p>");
    }
}

/// Appends a text escaped for element content and quoted attributes.
fn escape(out: &mut String, text: &str) {
    let mut utf8 = [0; 4];
    for c in text.chars() {
        out.push_str(match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            c => c.encode_utf8(&mut utf8),
        });
    }
}
