//! Mistakes in the environment that stop deliveries or spoil them without an error, such as a secret that is
//! missing beside others of its provider. Only the worker sees its environment: its runs report them, and
//! `queues.delivery_health` says them.

use serde::Serialize;

use super::{
    email::address::Mailbox,
    providers::{EmailProvider, Provider, PushProvider, own_secrets},
};
use crate::{
    base::{Failure, Variables, host_of, is_web_address},
    work::Row,
};

/// What a problem is about if it concerns all providers.
const ALL: &str = "all";

/// The state of the environment, for the database. Each report replaces the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// What is wrong.
    problems: Vec<Problem>,
}

impl Row for Configuration {
    const EFFECT: &'static str = "configuration";
}

/// One mistake. Names variables, never their values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Problem {
    /// The provider, or [`ALL`].
    about: &'static str,
    problem: String,
    remedy: String,
}

impl Configuration {
    /// Looks for mistakes in the variables. `providers` are the configured ones, each with what is wrong with
    /// its access.
    pub(super) fn check<'a>(
        variables: &dyn Variables,
        providers: impl Iterator<Item = (Provider, Option<&'a Failure>)>,
    ) -> Self {
        let (mut problems, mut emails) = (Vec::new(), Vec::new());
        for (provider, failure) in providers {
            if let Provider::Email(email) = provider {
                emails.push(email);
            }
            if let Some(failure) = failure {
                problems.push(incomplete(provider, failure));
            } else if provider == Provider::Push(PushProvider::WebPush) {
                problems.extend(placeholder_subject(variables));
            }
        }
        problems.extend(no_sender_of_emails(variables, &emails));
        problems.extend(ADDRESSES.iter().filter_map(|it| it.check(variables)));
        Self { problems }
    }
}

/// A provider whose secrets are incomplete or malformed.
fn incomplete(provider: Provider, failure: &Failure) -> Problem {
    let mut needed = own_secrets(provider).to_vec();
    if let Provider::Email(_) = provider {
        needed.push("EMAIL_FROM");
    }
    let name = provider.name();
    Problem {
        about: name,
        problem: [failure.error.as_str(), ": nothing is sent by `", name, "`"].concat(),
        remedy: [
            "correct it with `supabase secrets set`; `",
            name,
            "` needs ",
            &listed(&needed),
            ", or none of them if it is not used",
        ]
        .concat(),
    }
}

/// Push services refuse, or cannot reach, a contact that does not exist.
fn placeholder_subject(variables: &dyn Variables) -> Option<Problem> {
    let subject = variables.setting("VAPID_SUBJECT")?;
    let is_real = match subject.strip_prefix("mailto:") {
        Some(address) => {
            let address = address.split('?').next().unwrap_or_default();
            // Some libraries add `mailto:`, so that people set it twice or leave brackets.
            let is_address = Mailbox::is_like_one(address) && !address.contains([':', '<']);
            let host = address.rsplit('@').next().unwrap_or_default();
            is_address && !is_placeholder(host)
        }
        None => host_of(&subject).is_some_and(|host| !is_placeholder(host)),
    };
    (!is_real).then(|| Problem {
        about: PushProvider::WebPush.into(),
        problem: "VAPID_SUBJECT is not an address that exists: push services may refuse it, as Apple's does".to_owned(),
        remedy: "set VAPID_SUBJECT to the mailto: address of a mailbox that you read, or to the https: address of your app"
            .to_owned(),
    })
}

/// Whether a host is reserved for examples (RFC 2606) or asks to be replaced, or is in no public network.
fn is_placeholder(host: &str) -> bool {
    let asks = ["your", "mydomain.", "domain.", "changeme"];
    let reserved = [
        "example",
        "invalid",
        "example.com",
        "example.net",
        "example.org",
    ];
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    is_local(&host)
        || is_within(&host, &reserved)
        || asks.iter().any(|start| host.starts_with(start))
}

/// Whether a host is this machine or one in its network (RFC 6761, RFC 6762, RFC 9476), or an IP address.
fn is_local(host: &str) -> bool {
    let is_ip = host.starts_with('[') || host.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    is_ip || !host.contains('.') || is_within(host, &["localhost", "local", "internal", "test"])
}

fn is_within(host: &str, domains: &[&str]) -> bool {
    domains.iter().any(|domain| {
        let rest = host.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Emails are configured, but no provider is chosen that could send them.
fn no_sender_of_emails(variables: &dyn Variables, configured: &[EmailProvider]) -> Option<Problem> {
    let chosen = variables.setting("EMAIL_PROVIDER");
    let chosen = chosen.map(|name| name.to_ascii_lowercase());
    let keys = "RESEND_API_KEY or SENDGRID_API_KEY";
    let (problem, remedy) = match chosen.as_deref().map(str::parse::<EmailProvider>) {
        Some(Err(_)) => (
            "EMAIL_PROVIDER is neither `resend` nor `sendgrid`: emails are not sent".to_owned(),
            "correct it with `supabase secrets set`, or unset it".to_owned(),
        ),
        Some(Ok(email)) if !configured.contains(&email) => {
            let key = listed(own_secrets(Provider::Email(email)));
            (
                [
                    "EMAIL_PROVIDER chooses a provider without its ",
                    &key,
                    ": emails are not sent",
                ]
                .concat(),
                [
                    "set ",
                    &key,
                    ", or correct EMAIL_PROVIDER, with `supabase secrets set`",
                ]
                .concat(),
            )
        }
        None if configured.is_empty() && variables.is_set("EMAIL_FROM") => (
            ["EMAIL_FROM is set without ", keys, ": emails are not sent"].concat(),
            [
                "set ",
                keys,
                " with `supabase secrets set`, or unset EMAIL_FROM",
            ]
            .concat(),
        ),
        Some(Ok(_)) | None => return None,
    };
    Some(Problem {
        about: ALL,
        problem,
        remedy,
    })
}

/// A variable with a web address, which is ignored if it is none.
struct Address {
    name: &'static str,
    without_it: &'static str,
    example: &'static str,
}

const ADDRESSES: [Address; 2] = [
    Address {
        name: "APP_URL",
        without_it: "pushes and emails have no links",
        example: "https://app.example.org",
    },
    Address {
        name: "PUBLIC_URL",
        without_it: "links to unsubscribe use SUPABASE_URL instead",
        example: "https://api.example.org",
    },
];

impl Address {
    fn check(&self, variables: &dyn Variables) -> Option<Problem> {
        let url = variables.setting(self.name)?;
        let problem = if !is_web_address(&url) {
            let what = " is not an address that begins with https://: ";
            [self.name, what, self.without_it].concat()
        } else if is_public(variables) && host_of(&url).is_some_and(is_placeholder) {
            let what =
                " is an address of an example or of a developer: others cannot open its links";
            [self.name, what].concat()
        } else if !is_secure(&url) {
            [
                self.name,
                " begins with http://: its links are not encrypted",
            ]
            .concat()
        } else {
            return None;
        };
        let remedy = [
            "set your address in full: supabase secrets set ",
            self.name,
            "=",
            self.example,
        ];
        Some(Problem {
            about: ALL,
            problem,
            remedy: remedy.concat(),
        })
    }
}

/// Whether the project is on the internet.
fn is_public(variables: &dyn Variables) -> bool {
    let project = variables.setting("SUPABASE_URL");
    let host = project.as_deref().and_then(host_of);
    host.is_some_and(|host| !is_local(&host.to_ascii_lowercase()))
}

/// Whether an address is encrypted or belongs to a stack on this machine or in its network.
fn is_secure(url: &str) -> bool {
    let is_http = url
        .get(..5)
        .is_some_and(|it| it.eq_ignore_ascii_case("http:"));
    !is_http || host_of(url).is_some_and(|host| is_local(&host.to_ascii_lowercase()))
}

/// `A`, `A and B`, `A, B and C`.
fn listed(names: &[&str]) -> String {
    match names {
        [names @ .., last] if !names.is_empty() => [&names.join(", "), " and ", last].concat(),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::Environment;

    const KEY: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const VAPID: [(&str, &str); 3] = [
        ("VAPID_PUBLIC_KEY", KEY),
        ("VAPID_PRIVATE_KEY", "s3cret"),
        ("VAPID_SUBJECT", "mailto:push@suplatzigram.app"),
    ];

    fn problems(variables: &[(&str, &str)]) -> Vec<(&'static str, String)> {
        let find = |name: &str| {
            let mut all = variables.iter().rev();
            all.find(|(it, _)| *it == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let Configuration { problems } = Environment::read(&find).configuration;
        let all = problems.into_iter();
        all.map(|it| {
            assert!(!it.remedy.is_empty());
            assert!(!it.problem.contains("s3cret") && !it.remedy.contains("s3cret"));
            (it.about, it.problem)
        })
        .collect()
    }

    fn only_problem(variables: &[(&str, &str)]) -> (&'static str, String) {
        let mut all = problems(variables);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn nothing_and_everything_are_right() {
        assert_eq!(problems(&[]), []);
        let email = [
            ("RESEND_API_KEY", "s3cret"),
            ("EMAIL_FROM", "App <hi@suplatzigram.app>"),
        ];
        let rest = [
            ("FCM_SERVICE_ACCOUNT", "s3cret"),
            ("APP_URL", "https://suplatzigram.app"),
            ("EMAIL_PROVIDER", "Resend"),
        ];
        assert_eq!(problems(&[&VAPID[..], &email, &rest].concat()), []);
    }

    #[test]
    fn names_the_secret_that_is_missing_beside_others_of_its_provider() {
        for (provider, set, missing) in [
            ("web_push", &VAPID[..1], "VAPID_SUBJECT"),
            ("web_push", &VAPID[1..], "VAPID_PUBLIC_KEY"),
            ("web_push", &[VAPID[0], VAPID[2]], "VAPID_PRIVATE_KEY"),
            ("apns", &[("APNS_KEY_ID", "ABC123DEFG")], "APNS_TOPIC"),
            ("resend", &[("RESEND_API_KEY", "s3cret")], "EMAIL_FROM"),
            ("sendgrid", &[("SENDGRID_API_KEY", "s3cret")], "EMAIL_FROM"),
        ] {
            let (about, problem) = only_problem(set);
            assert_eq!(about, provider);
            assert_eq!(
                problem,
                format!("the secret {missing} is not set: nothing is sent by `{provider}`")
            );
        }
    }

    #[test]
    fn emails_need_a_provider_that_can_send_them() {
        let from = ("EMAIL_FROM", "hi@suplatzigram.app");
        let resend = ("RESEND_API_KEY", "s3cret");
        for (variables, text) in [
            (&[from][..], "EMAIL_FROM is set without"),
            (
                &[("EMAIL_PROVIDER", "mailgun"), from, resend],
                "neither `resend` nor",
            ),
            (
                &[("EMAIL_PROVIDER", "sendgrid"), from, resend],
                "its SENDGRID_API_KEY",
            ),
            (&[("EMAIL_PROVIDER", "resend"), from], "its RESEND_API_KEY"),
        ] {
            let (about, problem) = only_problem(variables);
            assert_eq!(about, ALL);
            assert!(problem.contains(text), "{problem}");
        }
    }

    #[test]
    fn the_subject_of_vapid_is_an_address_that_exists() {
        let subject = |subject| problems(&[&VAPID[..], &[("VAPID_SUBJECT", subject)]].concat());
        for real in [
            "mailto:push@suplatzigram.app",
            "mailto:push@example-photos.com?subject=push",
            "https://suplatzigram.app/contact",
            "https://testing.app",
        ] {
            assert_eq!(subject(real), [], "{real}");
        }
        for placeholder in [
            "mailto:admin@example.com",
            "mailto:you@Mail.Example.org.",
            "mailto:you@yourdomain.com",
            "mailto:admin@your-app.com",
            "mailto:admin@localhost",
            "mailto:admin@[127.0.0.1]",
            "mailto:admin",
            "mailto:mailto:push@suplatzigram.app",
            "mailto:<push@suplatzigram.app>",
            "mailto:@suplatzigram.app",
            "https://example.com",
            "https://localhost:3000",
            "https://127.0.0.1/",
            "https://app.test",
        ] {
            let all = subject(placeholder);
            assert!(
                matches!(all.as_slice(), [("web_push", _)]),
                "{placeholder}: {all:?}"
            );
        }
    }

    #[test]
    fn the_address_of_the_app_is_none_of_a_developer() {
        let app = |project, url| problems(&[("SUPABASE_URL", project), ("APP_URL", url)]);
        let project = "https://abcdefghijklmnopqrst.supabase.co";
        for url in [
            "http://localhost:3000",
            "http://127.0.0.1:5173",
            "https://example.com",
            "https://your-app.com",
        ] {
            assert!(matches!(app(project, url).as_slice(), [(ALL, _)]), "{url}");
        }
        assert_eq!(app(project, "https://suplatzigram.app"), []);
        for local in ["http://127.0.0.1:54321", "http://kong:8000"] {
            assert_eq!(app(local, "http://localhost:3000"), []);
        }
    }

    #[test]
    fn the_address_of_the_app_begins_with_https() {
        let url = |name, url| problems(&[(name, url)]);
        for address in [
            "app.suplatzigram.app",
            "www.suplatzigram.app/",
            "//a.app",
            "ftp://a.app",
            "https:/a.app",
        ] {
            for name in ["APP_URL", "PUBLIC_URL"] {
                let all = url(name, address);
                assert!(
                    matches!(all.as_slice(), [(ALL, problem)] if problem.starts_with(name)),
                    "{address}: {all:?}"
                );
            }
        }
        assert!(matches!(
            url("APP_URL", "http://a.app").as_slice(),
            [(ALL, _)]
        ));
        for address in [
            "",
            " \n",
            "https://a.app",
            "HTTPS://a.app",
            "http://localhost:3000",
            "http://192.168.1.7",
            "http://kong:8000",
        ] {
            assert_eq!(url("APP_URL", address), [], "{address}");
        }
    }
}
