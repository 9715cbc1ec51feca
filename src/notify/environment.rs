//! The worker's environment: which providers are configured, and the URLs of the app.

use super::{
    Configuration,
    providers::{self, Access, EmailProvider, Provider, PushProvider},
};
use crate::base::{Code, Failure, Variables, is_web_address};

/// The environment of one run.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The configured providers, each with its access or what is missing for it.
    providers: Vec<(Provider, Result<Access, Failure>)>,
    /// Which provider sends emails, if several are configured.
    email_provider: Option<String>,
    /// The sender of emails.
    pub email_from: Option<String>,
    /// The URL of the app, without a trailing slash.
    app_url: Option<String>,
    /// The URL of the project for recipients of emails, without a trailing slash.
    project_url: Option<String>,
    /// Hosts of Web Push services besides the known ones.
    pub web_push_hosts: Vec<String>,
    /// What is wrong with it.
    pub configuration: Configuration,
}

impl Environment {
    /// Reads the environment variables.
    #[must_use]
    pub fn read(variables: &dyn Variables) -> Self {
        let address = |name| {
            let url = variables.setting(name)?;
            is_web_address(&url).then(|| url.trim_end_matches('/').to_owned())
        };
        let hosts = variables.setting("WEB_PUSH_HOSTS").unwrap_or_default();
        let hosts = hosts.split(',').map(str::trim);
        // Recipients of emails may need another URL for the project than its functions.
        let project_url = address("PUBLIC_URL").or_else(|| address("SUPABASE_URL"));
        let providers: Vec<(Provider, Result<Access, Failure>)> = Provider::all()
            .filter_map(|it| Some((it, providers::access(it, variables)?)))
            .collect();
        let failures = providers
            .iter()
            .map(|(it, access)| (*it, access.as_ref().err()));
        Self {
            configuration: Configuration::check(variables, failures),
            providers,
            email_provider: variables
                .setting("EMAIL_PROVIDER")
                .map(|name| name.to_ascii_lowercase()),
            email_from: variables.setting("EMAIL_FROM"),
            app_url: address("APP_URL"),
            project_url,
            web_push_hosts: hosts
                .filter(|host| !host.is_empty())
                .map(str::to_ascii_lowercase)
                .collect(),
        }
    }

    /// Whether a provider of push notifications is configured, even if incompletely.
    #[must_use]
    pub fn has(&self, provider: PushProvider) -> bool {
        let provider = Provider::Push(provider);
        self.providers.iter().any(|(it, _)| *it == provider)
    }

    /// The access to a provider.
    ///
    /// # Errors
    /// `provider_misconfigured`, with the name of a secret that is missing or malformed.
    pub fn access(&self, provider: Provider) -> Result<&Access, Failure> {
        let mut configured = self.providers.iter();
        match configured.find(|(it, _)| *it == provider) {
            Some((_, access)) => access.as_ref().map_err(Clone::clone),
            None => Err(Failure::new(
                Code::ProviderMisconfigured,
                "none of the provider's secrets is set",
            )),
        }
    }

    /// The provider of emails: the chosen one, by default the first configured one.
    #[must_use]
    pub fn email_provider(&self) -> Option<EmailProvider> {
        let chosen = self.email_provider.as_deref();
        self.providers
            .iter()
            .find_map(|(provider, _)| match provider {
                Provider::Email(email) if chosen.is_none_or(|name| name == provider.name()) => {
                    Some(*email)
                }
                Provider::Push(_) | Provider::Email(_) | Provider::Opinion(_) => None,
            })
    }

    /// The URL of a path in the app.
    #[must_use]
    pub fn link(&self, path: Option<&str>) -> Option<String> {
        let app = self.app_url.as_deref()?;
        path.map(|path| [app, path].concat())
    }

    /// The URL to unsubscribe with one click.
    #[must_use]
    pub fn unsubscribe_link(&self, token: Option<&str>) -> Option<String> {
        let url = self.project_url.as_deref()?;
        token.map(|token| [url, "/functions/v1/unsubscribe?token=", token].concat())
    }

    /// The URL of an object in a public bucket.
    #[must_use]
    pub fn object_link(&self, bucket: &str, path: &str) -> Option<String> {
        let url = self.project_url.as_deref()?;
        Some([url, "/storage/v1/object/public/", bucket, "/", path].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::providers::OpinionProvider;

    const FCM_PROVIDER: Provider = Provider::Push(PushProvider::Fcm);
    const APNS_PROVIDER: Provider = Provider::Push(PushProvider::Apns);
    const WEB_PUSH: Provider = Provider::Push(PushProvider::WebPush);
    const RESEND: Provider = Provider::Email(EmailProvider::Resend);
    const SENDGRID: Provider = Provider::Email(EmailProvider::SendGrid);
    const HTTP: Provider = Provider::Opinion(OpinionProvider::Http);
    const APNS: [(&str, &str); 4] = [
        ("APNS_PRIVATE_KEY", "s3cret"),
        ("APNS_KEY_ID", "ABC123DEFG"),
        ("APNS_TEAM_ID", "DEF123GHIJ"),
        ("APNS_TOPIC", "org.example.app"),
    ];
    const VAPID: [(&str, &str); 3] = [
        (
            "VAPID_PUBLIC_KEY",
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        ),
        ("VAPID_PRIVATE_KEY", "s3cret"),
        ("VAPID_SUBJECT", "mailto:push@example.org"),
    ];
    const EMAIL: [(&str, &str); 3] = [
        ("EMAIL_FROM", "App <app@example.org>"),
        ("RESEND_API_KEY", "s3cret"),
        ("SENDGRID_API_KEY", "s3cret"),
    ];
    const OPINION: [(&str, &str); 3] = [
        ("OPENAI_API_KEY", "s3cret"),
        ("MODERATION_URL", "https://moderation.example.org"),
        ("MODERATION_SECRET", "s3cret"),
    ];
    const FCM: (&str, &str) = ("FCM_SERVICE_ACCOUNT", "s3cret");

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let find = |name: &str| {
            // The last one wins, so that a test can change one of many.
            let mut all = variables.iter().rev();
            all.find(|(it, _)| *it == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Environment::read(&find)
    }

    fn configured(variables: &[(&str, &str)]) -> Vec<&'static str> {
        let environment = environment(variables);
        let configured = environment.providers.iter();
        configured.map(|(provider, _)| provider.name()).collect()
    }

    fn changed<'a>(
        variables: &[(&'a str, &'a str)],
        name: &'a str,
        value: &'a str,
    ) -> Vec<(&'a str, &'a str)> {
        [variables, &[(name, value)]].concat()
    }

    #[test]
    fn without_secrets_no_provider_is_configured() {
        let environment = environment(&[("SUPABASE_URL", "https://x.supabase.co/")]);
        assert!(!environment.has(PushProvider::Fcm));
        assert_eq!(environment.email_provider(), None);
        assert_eq!(environment.email_from, None);
        assert_eq!(environment.link(Some("/posts/1")), None);
        assert_eq!(
            environment.unsubscribe_link(Some("t")).as_deref(),
            Some("https://x.supabase.co/functions/v1/unsubscribe?token=t")
        );
        assert!(environment.web_push_hosts.is_empty());
        assert!(environment.access(FCM_PROVIDER).is_err());
    }

    #[test]
    fn one_of_its_own_secrets_configures_a_provider() {
        let everything = [&[FCM][..], &APNS, &VAPID, &EMAIL].concat();
        assert_eq!(
            configured(&everything),
            ["fcm", "apns", "web_push", "resend", "sendgrid"]
        );
        for (provider, secrets) in [("apns", &APNS[..]), ("web_push", &VAPID)] {
            for (name, value) in secrets {
                assert_eq!(configured(&[(name, value)]), [provider]);
                assert!(configured(&[(name, " \n")]).is_empty(), "{name}");
            }
        }
        assert!(configured(&EMAIL[..1]).is_empty());
    }

    #[test]
    fn access_is_complete_or_names_what_is_missing() {
        let everything = [&[FCM][..], &APNS, &VAPID, &EMAIL, &OPINION].concat();
        for provider in Provider::all() {
            assert!(environment(&everything).access(provider).is_ok());
        }
        let error = |provider, name, value| {
            let environment = environment(&changed(&everything, name, value));
            environment.access(provider).unwrap_err()
        };
        for (provider, name) in [
            (APNS_PROVIDER, "APNS_PRIVATE_KEY"),
            (APNS_PROVIDER, "APNS_KEY_ID"),
            (APNS_PROVIDER, "APNS_TEAM_ID"),
            (APNS_PROVIDER, "APNS_TOPIC"),
            (WEB_PUSH, "VAPID_PUBLIC_KEY"),
            (WEB_PUSH, "VAPID_PRIVATE_KEY"),
            (WEB_PUSH, "VAPID_SUBJECT"),
            (RESEND, "EMAIL_FROM"),
            (SENDGRID, "EMAIL_FROM"),
            (HTTP, "MODERATION_URL"),
            (HTTP, "MODERATION_SECRET"),
        ] {
            for blank in ["", " \n"] {
                let failure = error(provider, name, blank);
                assert_eq!(failure.code, Code::ProviderMisconfigured);
                assert_eq!(failure.error, format!("the secret {name} is not set"));
            }
        }
        for (provider, name, value, why) in [
            (RESEND, "EMAIL_FROM", "s3cret", "is neither an address"),
            (
                SENDGRID,
                "EMAIL_FROM",
                "App <s3cret>",
                "is neither an address",
            ),
            (FCM_PROVIDER, "FCM_URL", "s3cret", "is not a URL"),
            (APNS_PROVIDER, "APNS_URL", "s3cret", "is not a URL"),
            (RESEND, "RESEND_URL", "s3cret", "is not a URL"),
            (SENDGRID, "SENDGRID_URL", "s3cret", "is not a URL"),
            (
                APNS_PROVIDER,
                "APNS_KEY_ID",
                "s3\r\ncret",
                "has invalid characters",
            ),
            (
                APNS_PROVIDER,
                "APNS_TEAM_ID",
                "s3 cret",
                "has invalid characters",
            ),
            (
                APNS_PROVIDER,
                "APNS_TOPIC",
                "s3crét",
                "has invalid characters",
            ),
            (
                WEB_PUSH,
                "VAPID_PUBLIC_KEY",
                "s3cret",
                "is not an uncompressed point",
            ),
            (
                WEB_PUSH,
                "VAPID_PUBLIC_KEY",
                "3EiAL5Zf5zLaQjLf9bYVYTwqGfRRNDmkSTXLIUB2FNM",
                "is not an uncompressed point",
            ),
            (
                WEB_PUSH,
                "VAPID_SUBJECT",
                "s3cret@example.org",
                "is neither",
            ),
            (WEB_PUSH, "VAPID_SUBJECT", "mailto:", "is neither"),
            (
                WEB_PUSH,
                "VAPID_SUBJECT",
                "mailto:s3cret\r\nx",
                "has invalid characters",
            ),
        ] {
            let Failure { error, .. } = error(provider, name, value);
            assert!(
                error.starts_with(&format!("the secret {name} {why}")),
                "{error}"
            );
            assert!(!error.contains("s3"), "{error}");
        }
    }

    #[test]
    fn reads_the_urls_of_providers() {
        let base_url = |provider, variables: &[(&str, &str)]| {
            let environment = environment(variables);
            environment.access(provider).unwrap().base_url.clone()
        };
        let fcm = changed(&[FCM], "FCM_URL", "http://127.0.0.1:9//\n");
        assert_eq!(base_url(FCM_PROVIDER, &fcm), "http://127.0.0.1:9");
        assert_eq!(base_url(APNS_PROVIDER, &APNS), "https://api.push.apple.com");
    }

    #[test]
    fn the_vapid_key_may_be_in_base64_with_padding() {
        let key = VAPID[0].1.replace('-', "+").replace('_', "/") + "=";
        let environment = environment(&changed(&VAPID, VAPID[0].0, &key));
        let access = environment.access(WEB_PUSH).unwrap();
        assert!(matches!(
            &access.authorization,
            providers::Authorization::Vapid { public_key, .. } if public_key == VAPID[0].1
        ));
    }

    #[test]
    fn uses_the_chosen_provider_of_emails_or_none() {
        let sender = |keys: &[(&str, &str)], chosen| {
            environment(&changed(keys, "EMAIL_PROVIDER", chosen)).email_provider()
        };
        for chosen in ["sendgrid", "SendGrid", " sendgrid\n"] {
            assert_eq!(sender(&EMAIL, chosen), Some(EmailProvider::SendGrid));
        }
        for chosen in ["", " ", "resend"] {
            assert_eq!(sender(&EMAIL, chosen), Some(EmailProvider::Resend));
        }
        assert_eq!(sender(&EMAIL[2..], ""), Some(EmailProvider::SendGrid));
        assert_eq!(sender(&EMAIL[1..2], "sendgrid"), None);
        assert_eq!(sender(&changed(&EMAIL, FCM.0, FCM.1), "fcm"), None);
        assert_eq!(sender(&EMAIL, "nobody"), None);
    }

    #[test]
    fn links_to_the_app_if_its_url_is_valid() {
        let link = |url| environment(&[("APP_URL", url)]).link(Some("/posts/1"));
        assert_eq!(
            link(" https://app.example.org// ").as_deref(),
            Some("https://app.example.org/posts/1")
        );
        for url in ["app.example.org", "javascript:alert(1)", ""] {
            assert_eq!(link(url), None);
        }
    }

    #[test]
    fn emails_may_link_to_another_url_of_the_project() {
        let link = |url| {
            let internal = ("SUPABASE_URL", "http://kong:8000");
            environment(&[internal, ("PUBLIC_URL", url)]).unsubscribe_link(Some("t"))
        };
        assert_eq!(
            link("https://api.example.org/").as_deref(),
            Some("https://api.example.org/functions/v1/unsubscribe?token=t")
        );
        for url in ["", "api.example.org"] {
            assert_eq!(
                link(url).as_deref(),
                Some("http://kong:8000/functions/v1/unsubscribe?token=t")
            );
        }
    }

    #[test]
    fn splits_further_web_push_hosts_at_commas() {
        let hosts = "127.0.0.1:9, ,Push.Example.org,";
        assert_eq!(
            environment(&[("WEB_PUSH_HOSTS", hosts)]).web_push_hosts,
            ["127.0.0.1:9", "push.example.org"]
        );
    }
}
