//! What the worker's environment offers: which providers have their secrets, and where the app is.
//! Secrets themselves stay outside of the core.

use serde::Deserialize;

use crate::{
    outcome::Failure,
    providers::{Channel, Provider},
};

/// As the host describes it once a run, in JSON; these are its field names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// Whose secrets are set.
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
        serde_json::from_slice(json.as_bytes())
            .map_err(|error| Failure::new("invalid_environment", error.to_string()))
    }

    /// Whether a provider can be asked.
    #[must_use]
    pub fn has(&self, provider: Provider) -> bool {
        self.providers.contains(&provider)
    }

    /// Who sends emails: the one that is chosen, else the first that has its secrets.
    #[must_use]
    pub fn email_provider(&self) -> Option<Provider> {
        self.email_from.as_ref()?;
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
