//! The golden emails in `tests/email/golden`: every type in every language, with ordinary and with hostile
//! content. `tests/email/email.test.ts` checks them in a browser. `UPDATE_CONTRACTS=1 cargo test --test
//! email` rewrites them; review the difference before you commit it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::{collections::BTreeMap, fs, path::Path};

use suplatzigram_queues::notify::{
    Decision, NotificationType,
    email::{EmailContent, Photo, render},
    i18n::{Language, notification_texts},
};

struct Case {
    kind: NotificationType,
    decision: Option<Decision>,
    people: usize,
    ordinary: About,
    hostile: About,
}

struct About {
    name: &'static str,
    comment: Option<&'static str>,
    caption: Option<&'static str>,
    link: &'static str,
}

const LINK: &str = "https://suplatzigram.example/posts/0b9e1c1e-8a44-4a57-9d21-6d2c3a0c5b11";
const HOSTILE_LINK: &str =
    "https://suplatzigram.example/posts/1?a='onmouseover='pwned=1&lt;=2&amp;#x";
const PHOTO: &str = "https://project.example/storage/v1/object/public/images/1/2/medium.jpeg";
const SETTINGS: &str = "https://suplatzigram.example/settings";
const UNSUBSCRIBE: &str =
    "https://project.example/functions/v1/unsubscribe?token=0b9e1c1e.email.5f3d";

const CASES: [Case; 6] = [
    Case {
        kind: NotificationType::NewLike,
        decision: None,
        people: 40,
        ordinary: About {
            name: "Ana Lucía",
            comment: None,
            caption: Some("Atardecer en Valparaíso 🌅"),
            link: LINK,
        },
        // Markup.
        hostile: About {
            name: "</h1><script>pwned=1</script><img src=https://evil.example/a.png onerror=pwned=1>",
            comment: None,
            caption: Some(
                "\"'></blockquote></td></table><svg onload=pwned=1><style>*{display:none}</style>\
                 <iframe src=https://evil.example></iframe><!--<![endif]--><base href=//evil.example>&lt;b&gt;",
            ),
            link: HOSTILE_LINK,
        },
    },
    Case {
        kind: NotificationType::NewComment,
        decision: None,
        people: 1,
        ordinary: About {
            name: "Martín",
            caption: Some("Puente viejo, 6:40"),
            comment: Some("What a light! Where did you take it?\nI have to go there one day."),
            link: LINK,
        },
        // Direction, invisible characters, line breaks.
        hostile: About {
            name: "\u{202e}\u{2067}محمد\r\nSubject: x\u{2028}\u{200b}\u{200f}<bdo dir=rtl>",
            caption: Some("\"><img src=x onerror=pwned=1>\u{202e}\r\nevil.example"),
            comment: Some(
                "\u{202e}مرحبا (hello) 123\u{2066}\u{feff}\n\n\u{202b}\u{200d}\u{0}second\u{e0041}",
            ),
            link: LINK,
        },
    },
    Case {
        kind: NotificationType::CommentReply,
        decision: None,
        people: 1,
        ordinary: About {
            name: "Martín",
            caption: Some("Puente viejo, 6:40"),
            comment: Some("At the lake, last Sunday.\nThe fog came in soon after."),
            link: LINK,
        },
        // Direction, invisible characters, line breaks.
        hostile: About {
            name: "\u{202e}\u{2067}محمد\r\nSubject: x\u{2028}\u{200b}\u{200f}<bdo dir=rtl>",
            caption: Some("\"><img src=x onerror=pwned=1>\u{202e}\r\nevil.example"),
            comment: Some(
                "\u{202e}مرحبا (hello) 123\u{2066}\u{feff}\n\n\u{202b}\u{200d}\u{0}second\u{e0041}",
            ),
            link: LINK,
        },
    },
    Case {
        kind: NotificationType::Mention,
        decision: None,
        people: 3,
        ordinary: About {
            name: "Martín",
            caption: Some("Puente viejo, 6:40"),
            comment: Some("Look at this, @lucia!\nIt is your bridge."),
            link: LINK,
        },
        // Direction, invisible characters, line breaks.
        hostile: About {
            name: "\u{202e}\u{2067}محمد\r\nSubject: x\u{2028}\u{200b}\u{200f}<bdo dir=rtl>",
            caption: Some("\"><img src=x onerror=pwned=1>\u{202e}\r\nevil.example"),
            comment: Some(
                "\u{202e}مرحبا (hello) 123\u{2066}\u{feff}\n\n\u{202b}\u{200d}\u{0}second\u{e0041}",
            ),
            link: LINK,
        },
    },
    Case {
        kind: NotificationType::NewFollower,
        decision: None,
        people: 2,
        ordinary: About {
            name: "sofi.fotos",
            comment: None,
            caption: None,
            link: LINK,
        },
        // Very long, without a space.
        hostile: About {
            name: "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW\
                   WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
            comment: None,
            caption: None,
            link: LINK,
        },
    },
    Case {
        kind: NotificationType::CommentModerated,
        decision: Some(Decision::Rejected),
        people: 1,
        ordinary: About {
            name: "",
            caption: None,
            comment: Some("Nobody wants to see this. Buy my presets instead, link in my profile!"),
            link: LINK,
        },
        // Stacks of combining marks, and placeholders.
        hostile: About {
            name: "",
            caption: None,
            comment: Some(
                "Z\u{30d}\u{30d}\u{30d}\u{30d}\u{30d}\u{30d}\u{30d}\u{30d}\u{316}\u{316}\u{316}a\u{20dd}\u{20dd}\u{20dd}\
                 \u{20dd}\u{20dd}\u{20dd} {name} {others} https://evil.example/\
                 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
                 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
                 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            ),
            link: HOSTILE_LINK,
        },
    },
];

#[test]
fn renders_the_golden_emails() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/email/golden");
    let rendered: BTreeMap<String, String> = CASES.iter().flat_map(files).collect();
    assert_eq!(rendered.len(), CASES.len() * 2 * 2 * 2);
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        for (name, content) in &rendered {
            fs::write(folder.join(name), content).unwrap();
        }
    }
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(rendered.contains_key(&name), "{name} belongs to no case");
    }
    for (name, content) in &rendered {
        let golden = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(*content == golden, "{name} is rendered as\n{content}");
    }
}

fn files(case: &Case) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for language in [Language::En, Language::Es] {
        for (suffix, about) in [("", &case.ordinary), (".hostile", &case.hostile)] {
            let texts = notification_texts(language, case.kind, case.decision);
            // As the database fills it in.
            let body = texts.bodies[case.people.min(texts.bodies.len()) - 1]
                .replace("{others}", &(case.people - 1).to_string())
                .replace("{name}", about.name);
            let email = render(&EmailContent {
                language,
                kind: Some(case.kind),
                title: texts.title,
                body: &body,
                comment: about.comment,
                caption: about.caption,
                photo: (case.kind != NotificationType::NewFollower).then_some(Photo {
                    url: PHOTO,
                    width: 400,
                    height: 300,
                }),
                may_appeal: case.decision == Some(Decision::Rejected),
                link: Some(about.link),
                settings: Some(SETTINGS),
                unsubscribe: Some(UNSUBSCRIBE),
            });
            let name = format!("{}.{}{suffix}", case.kind.name(), language.tag());
            files.push((format!("{name}.html"), email.html));
            let text = format!("Subject: {}\n\n{}", email.subject, email.text);
            files.push((format!("{name}.txt"), text));
        }
    }
    files
}
