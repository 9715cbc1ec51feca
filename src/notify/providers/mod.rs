//! Providers outside: what is sent to each, and what its answer means. One file holds one provider.
//!
//! Addresses come from people and answers from strangers: an endpoint is called only if it is a
//! known push service's, one device's answer never stops the others, and no failure's text repeats a
//! token or an address.

use serde::Serialize;
use serde_json::value::RawValue;
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::email::Email;
use crate::{
    base::{
        Failure, Reply, Timestamp,
        json::{FromJson, Problem},
    },
    work::Answer,
};

mod answer;
mod apns;
mod endpoint;
mod fcm;
mod resend;
mod sendgrid;
mod text;
mod web_push;

/// Who brings a notification to its recipient.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Provider {
    /// Firebase Cloud Messaging, HTTP v1.
    Fcm,
    /// Apple Push Notification service.
    Apns,
    /// The push service of whatever browser subscribed.
    WebPush,
    /// Email by Resend.
    Resend,
    /// Email by Twilio SendGrid.
    #[serde(rename = "sendgrid")]
    #[strum(serialize = "sendgrid")]
    SendGrid,
}

/// The way a notification takes to its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// To a device.
    Push,
    /// To an email address.
    Email,
}

impl FromJson for Channel {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let channel = String::from_json(json)?.parse();
        channel.map_err(|_| Problem::new("is not a channel"))
    }
}

impl FromJson for Provider {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let provider = String::from_json(json)?.parse();
        provider.map_err(|_| Problem::new("is not a provider"))
    }
}

impl Provider {
    /// Its name in the database and in the host's environment.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether a second request with the same key is recognised as a repeat. Only Resend does: what
    /// the others are told (`apns-id`, the data of a push) helps the device to recognise one.
    #[must_use]
    pub fn is_idempotent(self) -> bool {
        match self {
            Self::Resend => true,
            Self::Fcm | Self::Apns | Self::WebPush | Self::SendGrid => false,
        }
    }

    /// The channel that it serves.
    #[must_use]
    pub fn channel(self) -> Channel {
        match self {
            Self::Fcm | Self::Apns | Self::WebPush => Channel::Push,
            Self::Resend | Self::SendGrid => Channel::Email,
        }
    }
}

/// A notification as a device shows it.
#[derive(Debug, Clone, Copy)]
pub struct Push<'a> {
    /// The delivery, the same for every try.
    pub key: Uuid,
    /// The notification; the device shows the latest push of it only.
    pub notification_id: Uuid,
    /// Its type's name.
    pub kind: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What it says.
    pub body: &'a str,
    /// What a tap opens.
    pub link: Option<&'a str>,
    /// How long the provider keeps it for a device that is off.
    pub ttl_secs: u32,
    /// The database's clock.
    pub now: Timestamp,
}

impl Push<'_> {
    /// When the provider gives it up, in seconds since 1970.
    fn expires_at(&self) -> String {
        let at = self.now.unix_secs().saturating_add(self.ttl_secs.into());
        at.to_string()
    }
}

/// A device that asked to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Who reaches it.
    pub provider: Provider,
    /// Its address there; for Web Push the endpoint's URL.
    pub token: String,
    /// Web Push: the browser's public key.
    pub p256dh: Option<String>,
    /// Web Push: the browser's authentication secret.
    pub auth: Option<String>,
}

/// A Web Push subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subscription {
    /// Where to send.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The browser's authentication secret, base64url.
    pub auth: String,
}

/// An email to one recipient.
#[derive(Debug, Clone, Copy)]
pub struct EmailTo<'a> {
    /// The delivery, the same for every try.
    pub key: Uuid,
    /// The sender: an address, or `Name <address>`.
    pub from: &'a str,
    /// The recipient's address.
    pub to: &'a str,
    /// What it says.
    pub email: &'a Email,
    /// The link that ends these emails with one click (RFC 8058).
    pub unsubscribe: Option<&'a str>,
}

/// What the host sends to a provider. Where to, and with which credentials, the host knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// To whom.
    pub provider: Provider,
    /// The idempotency key.
    pub key: String,
    /// Headers, by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON; for Web Push before encryption.
    pub body: String,
    /// The device's token, where it is part of the URL.
    pub token: Option<String>,
    /// Web Push: the address and the keys to encrypt for.
    pub subscription: Option<Subscription>,
}

/// The request that shows a notification on a device.
///
/// # Errors
/// `invalid_token` or `invalid_endpoint` if the device cannot or must not be sent to, ever.
pub fn push(
    push: &Push<'_>,
    device: &Device,
    web_push_hosts: &[String],
) -> Result<Request, Failure> {
    match device.provider {
        Provider::Fcm => fcm::request(push, device),
        Provider::Apns => apns::request(push, device),
        Provider::WebPush => web_push::request(push, device, web_push_hosts),
        Provider::Resend | Provider::SendGrid => Err(invalid_token("emails go to addresses")),
    }
}

/// The request that sends an email by Resend or SendGrid.
#[must_use]
pub fn email(provider: Provider, email: &EmailTo<'_>) -> Request {
    let body = match provider {
        Provider::SendGrid => sendgrid::body(email),
        Provider::Resend | Provider::Fcm | Provider::Apns | Provider::WebPush => {
            resend::body(email)
        }
    };
    Request {
        provider,
        key: email.key.to_string(),
        headers: Vec::new(),
        body,
        token: None,
        subscription: None,
    }
}

/// What a provider's answer means.
#[must_use]
pub fn classify(provider: Provider, reply: &Reply, now: Timestamp) -> Answer {
    if let Some(answer) = answer::of_any(reply) {
        return answer;
    }
    match provider {
        Provider::Fcm => fcm::answer(reply, now),
        Provider::Apns => apns::answer(reply, now),
        Provider::WebPush => web_push::answer(reply, now),
        Provider::Resend => resend::answer(reply, now),
        Provider::SendGrid => sendgrid::answer(reply, now),
    }
}

fn invalid_token(error: &str) -> Failure {
    Failure::new("invalid_token", error)
}
