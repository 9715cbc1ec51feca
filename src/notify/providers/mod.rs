//! Providers: the requests to each, and what its answers mean. One file for each provider.
//!
//! Neither addresses nor answers are trusted: only endpoints of push services are called, the answer for
//! one device never affects others, and the text of a failure never contains a token or an address.

use std::str::FromStr;

use serde::Deserialize;
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::email::{Email, address::Mailbox};
use crate::{
    base::{Code, Failure, Reply, Timestamp, json},
    work::Answer,
};

mod access;
mod answer;
pub mod apns;
mod endpoint;
pub mod fcm;
mod http;
mod openai;
mod opinion;
mod resend;
mod sendgrid;
mod text;
mod web_push;

pub use access::{Access, Authorization};
pub(crate) use access::{access, own_secrets};
pub use opinion::Opinion;
pub use web_push::Subscription;

/// A provider of push notifications.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum PushProvider {
    /// Firebase Cloud Messaging, HTTP v1.
    Fcm,
    /// Apple Push Notification service.
    Apns,
    /// The push service of the browser that subscribed.
    WebPush,
}

/// A provider of emails.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum EmailProvider {
    /// Resend.
    Resend,
    /// Twilio SendGrid.
    SendGrid,
}

/// A service that judges comments of which the machine is unsure.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum OpinionProvider {
    /// OpenAI's moderation.
    OpenAi,
    /// One of the app's own, by a small contract over HTTP (docs/moderation.md).
    Http,
}

/// A provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// To a device.
    Push(PushProvider),
    /// To an email address.
    Email(EmailProvider),
    /// An opinion about a comment.
    Opinion(OpinionProvider),
}

impl Provider {
    /// Its name in the database and for the host.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Push(provider) => provider.into(),
            Self::Email(provider) => provider.into(),
            Self::Opinion(provider) => provider.into(),
        }
    }

    /// All providers.
    pub fn all() -> impl Iterator<Item = Self> {
        let push = PushProvider::VARIANTS.iter().copied().map(Self::Push);
        let email = EmailProvider::VARIANTS.iter().copied().map(Self::Email);
        let opinion = OpinionProvider::VARIANTS.iter().copied().map(Self::Opinion);
        push.chain(email).chain(opinion)
    }
}

impl FromStr for Provider {
    type Err = strum::ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let push = name.parse().map(Self::Push);
        push.or_else(|_| name.parse().map(Self::Email))
            .or_else(|_| name.parse().map(Self::Opinion))
    }
}

impl From<&Provider> for &'static str {
    fn from(provider: &Provider) -> Self {
        provider.name()
    }
}

/// A way to reach a recipient outside of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// To a device.
    Push,
    /// To an email address.
    Email,
}

json::written_by_name!(Provider, OpinionProvider, Channel);
json::read_by_name!(
    Provider: "a provider",
    PushProvider: "a provider of push notifications",
    OpinionProvider: "a provider of opinions about comments",
    Channel: "a channel"
);

/// A notification as a device shows it.
#[derive(Debug, Clone, Copy)]
pub struct Push<'a> {
    /// The id of the delivery, the same for every try.
    pub key: Uuid,
    /// The id of the notification. A device shows only the latest push of a notification.
    pub notification_id: Uuid,
    /// The name of its type.
    pub kind: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its text.
    pub body: &'a str,
    /// The page that a tap opens.
    pub link: Option<&'a str>,
    /// How long the provider keeps it for a device that is offline.
    pub ttl_secs: u32,
    /// The database's clock.
    pub now: Timestamp,
}

impl Push<'_> {
    /// When the provider drops it, in seconds since 1970.
    fn expires_at(&self) -> String {
        let at = self.now.unix_secs().saturating_add(self.ttl_secs.into());
        at.to_string()
    }
}

/// A device as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RegisteredDevice {
    /// `None` is the token in the profile itself.
    pub id: Option<Uuid>,
    /// The provider that reaches it.
    pub provider: PushProvider,
    /// Its address there; for Web Push the URL of the endpoint.
    pub token: String,
    /// Web Push: the browser's public key.
    pub p256dh: Option<String>,
    /// Web Push: the browser's authentication secret.
    pub auth: Option<String>,
}

/// The address of a device, well-formed for its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Device {
    /// An app that is registered with FCM.
    Fcm(fcm::Token),
    /// An app on an Apple device.
    Apns(apns::Token),
    /// A browser.
    WebPush(Subscription),
}

impl Device {
    /// Parses the address of a registered device. `web_push_hosts` are allowed besides the known push
    /// services.
    ///
    /// # Errors
    /// `invalid_token` or `invalid_endpoint`. No retry can help.
    pub fn parse(device: &RegisteredDevice, web_push_hosts: &[String]) -> Result<Self, Failure> {
        match device.provider {
            PushProvider::Fcm => fcm::Token::parse(&device.token).map(Self::Fcm),
            PushProvider::Apns => apns::Token::parse(&device.token).map(Self::Apns),
            PushProvider::WebPush => {
                web_push::subscription(device, web_push_hosts).map(Self::WebPush)
            }
        }
    }
}

/// An email to one recipient.
#[derive(Debug, Clone, Copy)]
pub struct EmailTo<'a> {
    /// The id of the delivery, the same for every try.
    pub key: Uuid,
    /// The sender: an address, or `Name <address>`.
    pub from: &'a str,
    /// The recipient's address.
    pub to: &'a str,
    /// Its text.
    pub email: &'a Email,
    /// The link to unsubscribe with one click (RFC 8058).
    pub unsubscribe: Option<&'a str>,
    /// What its conversation is about. Mail programs show emails about the same together.
    pub conversation: Option<Conversation>,
}

/// A post, as one person hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversation {
    /// The post.
    pub post: Uuid,
    /// The recipient, so that nobody's email refers to another's.
    pub recipient: Uuid,
}

impl EmailTo<'_> {
    /// The sender. Without an address that can be one there is no access to the provider, and nothing is sent.
    fn sender(&self) -> Mailbox {
        Mailbox::parse(&text::one_line(self.from)).unwrap_or(Mailbox {
            name: None,
            address: String::new(),
        })
    }

    /// The message id that all emails of a conversation refer to. No email has it: the first one, too, is an answer.
    fn parent(&self) -> Option<String> {
        let Conversation { post, recipient } = self.conversation?;
        let sender = self.sender().address;
        let (_, domain) = sender.rsplit_once('@')?;
        Some(
            [
                "<",
                &post.to_string(),
                ".",
                &recipient.to_string(),
                "@",
                domain,
                ">",
            ]
            .concat(),
        )
    }
}

/// The content of a request to a provider; [`Access`] is the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The provider, and the part of the recipient's address that is not in the body.
    pub to: Recipient,
    /// The idempotency key.
    pub key: String,
    /// Headers, by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON; for Web Push before encryption.
    pub body: String,
}

/// A provider, and the part of the recipient's address that is not in the body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// The token is in the body.
    Fcm,
    /// The token is a part of the URL.
    Apns(apns::Token),
    /// The endpoint is the URL; the body is encrypted for the keys.
    WebPush(Subscription),
    /// The address is in the body.
    Email(EmailProvider),
    /// Nobody: the answer is for us.
    Opinion(OpinionProvider),
}

impl Recipient {
    /// The provider that is asked.
    #[must_use]
    pub fn provider(&self) -> Provider {
        match self {
            Self::Fcm => Provider::Push(PushProvider::Fcm),
            Self::Apns(_) => Provider::Push(PushProvider::Apns),
            Self::WebPush(_) => Provider::Push(PushProvider::WebPush),
            Self::Email(provider) => Provider::Email(*provider),
            Self::Opinion(provider) => Provider::Opinion(*provider),
        }
    }

    /// The URL of a request to it.
    #[must_use]
    pub fn url(&self, access: &Access) -> String {
        let base = access.base_url.as_str();
        match self {
            Self::Fcm => [base, fcm::PATH].concat(),
            Self::Apns(token) => [base, apns::PATH, token.as_str()].concat(),
            Self::WebPush(subscription) => subscription.endpoint.clone(),
            Self::Email(EmailProvider::Resend) => [base, resend::PATH].concat(),
            Self::Email(EmailProvider::SendGrid) => [base, sendgrid::PATH].concat(),
            Self::Opinion(OpinionProvider::OpenAi) => [base, openai::PATH].concat(),
            Self::Opinion(OpinionProvider::Http) => base.to_owned(),
        }
    }
}

/// The request that shows a notification on a device.
///
/// # Errors
/// `payload_too_large` if the payload is too long even without its text.
pub fn push(push: &Push<'_>, device: Device) -> Result<Request, Failure> {
    match device {
        Device::Fcm(token) => fcm::request(push, &token),
        Device::Apns(token) => apns::request(push, token),
        Device::WebPush(subscription) => web_push::request(push, subscription),
    }
}

/// The request that sends an email.
#[must_use]
pub fn email(provider: EmailProvider, email: &EmailTo<'_>) -> Request {
    let key = email.key.to_string();
    let mut headers = vec![json_type()];
    let body = match provider {
        EmailProvider::Resend => {
            headers.push(("idempotency-key", key.clone()));
            resend::body(email)
        }
        EmailProvider::SendGrid => sendgrid::body(email),
    };
    Request {
        to: Recipient::Email(provider),
        key,
        headers,
        body,
    }
}

/// The request that asks what a provider thinks of a comment. `key` is not sent: the text alone leaves the project.
#[must_use]
pub fn opinion(provider: OpinionProvider, key: String, comment: &str) -> Request {
    let text = opinion::without_names(comment);
    Request {
        to: Recipient::Opinion(provider),
        key,
        headers: vec![json_type()],
        body: match provider {
            OpinionProvider::OpenAi => openai::body(&text),
            OpinionProvider::Http => http::body(&text),
        },
    }
}

/// Whether the provider refused the access token, so that the next request needs a new one.
#[must_use]
pub fn refuses_token(provider: Provider, reply: &Reply) -> bool {
    match provider {
        Provider::Push(PushProvider::Fcm) => fcm::refuses_token(reply),
        Provider::Push(PushProvider::Apns) => apns::refuses_token(reply),
        Provider::Push(PushProvider::WebPush) => web_push::refuses_token(reply),
        Provider::Email(EmailProvider::Resend | EmailProvider::SendGrid)
        | Provider::Opinion(OpinionProvider::OpenAi | OpinionProvider::Http) => false,
    }
}

/// What a provider's answer means.
#[must_use]
pub fn classify(provider: Provider, reply: &Reply, now: Timestamp) -> Answer {
    if let Some(answer) = answer::of_any(reply) {
        return answer;
    }
    match provider {
        Provider::Push(PushProvider::Fcm) => fcm::answer(reply, now),
        Provider::Push(PushProvider::Apns) => apns::answer(reply, now),
        Provider::Push(PushProvider::WebPush) => web_push::answer(reply, now),
        Provider::Email(EmailProvider::Resend) => resend::answer(reply, now),
        Provider::Email(EmailProvider::SendGrid) => sendgrid::answer(reply, now),
        Provider::Opinion(OpinionProvider::OpenAi) => openai::answer(reply, now),
        Provider::Opinion(OpinionProvider::Http) => http::answer(reply, now),
    }
}

/// The header of a JSON body.
fn json_type() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

fn invalid_token(error: &str) -> Failure {
    Failure::new(Code::InvalidToken, error)
}
