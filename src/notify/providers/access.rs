//! The access to each provider: its URL, the secrets that it needs, and the authorization.

use serde::Serialize;

use super::{
    EmailProvider, OpinionProvider, Provider, PushProvider, apns, fcm, http, openai, resend,
    sendgrid, web_push,
};
use crate::{
    base::{Code, Failure, Variables, is_web_address},
    notify::email::address::Mailbox,
};

/// What a request to a provider needs besides its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The URL of the provider, without a trailing slash. Empty for Web Push, where the subscription has
    /// it.
    pub base_url: String,
    /// Headers of every request, by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The authorization.
    pub authorization: Authorization,
}

/// How a request is authorized. The host holds the secrets, signs, and caches tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "scheme", rename_all = "snake_case")]
pub enum Authorization {
    /// The secret itself, as a bearer token.
    ApiKey {
        /// The name of the secret.
        secret: &'static str,
    },
    /// A provider token of APNs, signed by the host.
    Apns {
        /// The name of the secret with the private key.
        secret: &'static str,
        /// The key's id at Apple.
        key_id: String,
        /// The developer team.
        team_id: String,
        /// How long one token is used.
        use_secs: u32,
    },
    /// An access token of Google, for an assertion that the host signs (RFC 7523).
    Google {
        /// The name of the secret with the service account.
        secret: &'static str,
        /// The scope of the token.
        scope: &'static str,
        /// How long an assertion is valid.
        valid_secs: u32,
        /// How long before its expiry a token is no longer used.
        margin_secs: u32,
        /// How long the host waits for a token.
        timeout_ms: u32,
    },
    /// A VAPID token (RFC 8292), signed by the host for one push service.
    Vapid {
        /// The name of the secret with the private key.
        secret: &'static str,
        /// The public key that browsers subscribed with, base64url.
        public_key: String,
        /// The contact for push services.
        subject: String,
        /// How long a token is valid.
        valid_secs: u32,
        /// How long one token is used.
        use_secs: u32,
    },
}

/// The access to a provider, or what is missing for it; `None` if none of the provider's own secrets is
/// set. If only some are set, deliveries wait until the operator corrects the mistake.
pub(crate) fn access(
    provider: Provider,
    variables: &dyn Variables,
) -> Option<Result<Access, Failure>> {
    let read = match provider {
        Provider::Push(PushProvider::Fcm) => fcm::access,
        Provider::Push(PushProvider::Apns) => apns::access,
        Provider::Push(PushProvider::WebPush) => web_push::access,
        Provider::Email(EmailProvider::Resend) => resend::access,
        Provider::Email(EmailProvider::SendGrid) => sendgrid::access,
        Provider::Opinion(OpinionProvider::OpenAi) => openai::access,
        Provider::Opinion(OpinionProvider::Http) => http::access,
    };
    let mut own = own_secrets(provider).iter();
    own.any(|name| variables.is_set(name))
        .then(|| read(variables))
}

/// The secrets of a provider alone. `EMAIL_FROM`, which the providers of emails share, is none of them.
pub(crate) fn own_secrets(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Push(PushProvider::Fcm) => &[fcm::SECRET],
        Provider::Push(PushProvider::Apns) => &apns::SECRETS,
        Provider::Push(PushProvider::WebPush) => &web_push::SECRETS,
        Provider::Email(EmailProvider::Resend) => &[resend::SECRET],
        Provider::Email(EmailProvider::SendGrid) => &[sendgrid::SECRET],
        Provider::Opinion(OpinionProvider::OpenAi) => &[openai::SECRET],
        Provider::Opinion(OpinionProvider::Http) => &http::SECRETS,
    }
}

/// The name of a secret that must be set.
pub(super) fn secret(
    variables: &dyn Variables,
    name: &'static str,
) -> Result<&'static str, Failure> {
    if variables.is_set(name) {
        Ok(name)
    } else {
        Err(unusable(name, "is not set"))
    }
}

/// A value that becomes part of a header or of a token.
pub(super) fn word(variables: &dyn Variables, name: &'static str) -> Result<String, Failure> {
    let value = variables.setting(name);
    let value = value.ok_or_else(|| unusable(name, "is not set"))?;
    if value.bytes().all(|c| c.is_ascii_graphic()) {
        Ok(value)
    } else {
        Err(unusable(name, "has invalid characters"))
    }
}

/// The URL of a provider, without a trailing slash.
pub(super) fn url(
    variables: &dyn Variables,
    name: &'static str,
    default: &str,
) -> Result<String, Failure> {
    let url = variables.setting(name);
    let url = url.as_deref().unwrap_or(default);
    if is_web_address(url) {
        Ok(url.trim_end_matches('/').to_owned())
    } else {
        Err(unusable(name, "is not a URL"))
    }
}

/// Describes what is wrong with a variable without its value.
pub(super) fn unusable(name: &'static str, why: &str) -> Failure {
    Failure::new(
        Code::ProviderMisconfigured,
        ["the secret ", name, " ", why].concat(),
    )
}

/// The access to a provider of emails.
pub(super) fn of_email(
    variables: &dyn Variables,
    key: &'static str,
    url_name: &'static str,
    default_url: &str,
) -> Result<Access, Failure> {
    // The sender is a part of the email, which is written earlier.
    secret(variables, "EMAIL_FROM")?;
    let from = variables.setting("EMAIL_FROM").unwrap_or_default();
    if !Mailbox::is_like_one(&from) {
        let what = "is neither an address nor `Name <address>`";
        return Err(unusable("EMAIL_FROM", what));
    }
    of_api(variables, key, url_name, default_url)
}

/// The access to a provider whose secret is a bearer token.
pub(super) fn of_api(
    variables: &dyn Variables,
    key: &'static str,
    url_name: &'static str,
    default_url: &str,
) -> Result<Access, Failure> {
    Ok(Access {
        base_url: url(variables, url_name, default_url)?,
        headers: Vec::new(),
        authorization: Authorization::ApiKey {
            secret: secret(variables, key)?,
        },
    })
}
