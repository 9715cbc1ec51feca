//! What the worker's environment offers: which providers have their secrets, and where the app is.
//! Secrets themselves stay outside of the core.

use super::providers::{Channel, Provider};
use crate::base::{
    Failure,
    json::{Object, Problem},
};

/// As the host describes it once a run, in JSON; these are its field names.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Who has secrets. If one of them is missing, the host says so when it is needed.
    providers: Vec<Provider>,
    /// Who sends emails, where both could.
    email_provider: Option<String>,
    /// The sender of emails.
    pub email_from: Option<String>,
    /// Where the app is, without a slash at the end.
    app_url: Option<String>,
    /// Where the function `unsubscribe` is.
    unsubscribe_url: Option<String>,
    /// Hosts of Web Push services besides the known ones.
    pub web_push_hosts: Vec<String>,
}

impl Environment {
    /// Reads the host's description.
    ///
    /// # Errors
    /// A failure `invalid_environment` that says what is wrong with it.
    pub fn parse(json: &str) -> Result<Self, Failure> {
        Self::read(json).map_err(|problem| Failure::new("invalid_environment", problem.to_string()))
    }

    fn read(json: &str) -> Result<Self, Problem> {
        let mut fields = Object::parse(json)?;
        Ok(Self {
            providers: fields.get_or("providers", Vec::new())?,
            email_provider: fields.get("email_provider")?,
            email_from: fields.get("email_from")?,
            app_url: fields.get("app_url")?,
            unsubscribe_url: fields.get("unsubscribe_url")?,
            web_push_hosts: fields.get_or("web_push_hosts", Vec::new())?,
        })
    }

    /// Whether a provider can be asked.
    #[must_use]
    pub fn has(&self, provider: Provider) -> bool {
        self.providers.contains(&provider)
    }

    /// Who sends emails: the one that is chosen, else the first that has secrets.
    #[must_use]
    pub fn email_provider(&self) -> Option<Provider> {
        let mut able = self.providers.iter().copied();
        able.find(|provider| {
            let chosen = self.email_provider.as_deref();
            provider.channel() == Channel::Email
                && chosen.is_none_or(|chosen| chosen == provider.name())
        })
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

    fn sender(providers: &str, chosen: &str) -> Option<Provider> {
        let json = format!(r#"{{"providers":{providers},"email_provider":{chosen}}}"#);
        Environment::parse(&json).unwrap().email_provider()
    }

    #[test]
    fn who_is_chosen_sends_emails_or_nobody_does() {
        let both = r#"["fcm","resend","sendgrid"]"#;
        assert_eq!(sender(both, r#""sendgrid""#), Some(Provider::SendGrid));
        assert_eq!(sender(both, "null"), Some(Provider::Resend));
        assert_eq!(sender(r#"["sendgrid"]"#, "null"), Some(Provider::SendGrid));
        assert_eq!(sender(r#"["resend"]"#, r#""sendgrid""#), None);
        assert_eq!(sender(both, r#""fcm""#), None);
        assert_eq!(sender(both, r#""nobody""#), None);
    }
}
