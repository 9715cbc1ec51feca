//! What the worker's environment offers: which providers have their secrets, and where the app is.
//! Secrets themselves stay outside of the core.

use serde::Deserialize;

use super::providers::{EmailProvider, Provider, PushProvider};
use crate::base::{Code, Failure, json};

/// What the host describes once a run.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    push_providers: Vec<PushProvider>,
    email_provider: Option<EmailProvider>,
    /// The sender of emails.
    pub email_from: Option<String>,
    /// Where the app is.
    app_url: Option<String>,
    /// Where the function `unsubscribe` is.
    unsubscribe_url: Option<String>,
    /// Hosts of Web Push services besides the known ones.
    pub web_push_hosts: Vec<String>,
}

/// The host's description, field by field.
#[derive(Deserialize)]
struct Description {
    /// The providers that have secrets. If one of these is missing, the host says so when it is needed.
    #[serde(default)]
    providers: Vec<Provider>,
    /// Which provider sends emails, if several could.
    email_provider: Option<String>,
    email_from: Option<String>,
    app_url: Option<String>,
    unsubscribe_url: Option<String>,
    #[serde(default)]
    web_push_hosts: Vec<String>,
}

impl Environment {
    /// Reads the host's description.
    ///
    /// # Errors
    /// A failure `invalid_environment` that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let description: Description = json::read(Code::InvalidEnvironment, text.as_bytes())?;
        let chosen = description.email_provider.as_deref();
        let mut environment = Self {
            push_providers: Vec::new(),
            email_provider: None,
            email_from: description.email_from,
            app_url: description.app_url,
            unsubscribe_url: description.unsubscribe_url,
            web_push_hosts: description.web_push_hosts,
        };
        for provider in description.providers {
            match provider {
                Provider::Push(provider) => environment.push_providers.push(provider),
                Provider::Email(email) => {
                    if chosen.is_none_or(|chosen| chosen == provider.name()) {
                        environment.email_provider.get_or_insert(email);
                    }
                }
            }
        }
        Ok(environment)
    }

    /// Whether a provider of push notifications can be asked.
    #[must_use]
    pub fn has(&self, provider: PushProvider) -> bool {
        self.push_providers.contains(&provider)
    }

    /// The provider of emails: the one that is chosen, else the first that has secrets.
    #[must_use]
    pub fn email_provider(&self) -> Option<EmailProvider> {
        self.email_provider
    }

    /// The address of a place in the app, given by its path.
    #[must_use]
    pub fn link(&self, path: Option<&str>) -> Option<String> {
        let app = self.app_url.as_deref()?.trim_end_matches('/');
        path.map(|path| [app, path].concat())
    }

    /// The address at which a person unsubscribes by one click.
    #[must_use]
    pub fn unsubscribe_link(&self, token: Option<&str>) -> Option<String> {
        let url = self.unsubscribe_url.as_deref()?;
        token.map(|token| [url, "?token=", token].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(providers: &str, chosen: &str) -> Option<EmailProvider> {
        let json = format!(r#"{{"providers":{providers},"email_provider":{chosen}}}"#);
        Environment::parse(&json).unwrap().email_provider()
    }

    #[test]
    fn who_is_chosen_sends_emails_or_nobody_does() {
        let both = r#"["fcm","resend","sendgrid"]"#;
        assert_eq!(sender(both, r#""sendgrid""#), Some(EmailProvider::SendGrid));
        assert_eq!(sender(both, "null"), Some(EmailProvider::Resend));
        assert_eq!(
            sender(r#"["sendgrid"]"#, "null"),
            Some(EmailProvider::SendGrid)
        );
        assert_eq!(sender(r#"["resend"]"#, r#""sendgrid""#), None);
        assert_eq!(sender(both, r#""fcm""#), None);
        assert_eq!(sender(both, r#""nobody""#), None);
    }
}
