//! The JSON of a delivery.

use serde::Serialize;

use crate::{
    base::json::{self, Texts},
    notify::providers::{Access, Authorization, Provider, Recipient, Request},
    work::DELIVERY_TIMEOUT_SECS,
};

/// Writes a delivery for the host.
#[must_use]
pub fn delivery_json(request: &Request, access: &Access) -> String {
    let encrypt_for = match &request.to {
        Recipient::WebPush(subscription) => Some(KeysWire {
            p256dh: &subscription.p256dh,
            auth: &subscription.auth,
        }),
        Recipient::Fcm | Recipient::Apns(_) | Recipient::Email(_) | Recipient::Opinion(_) => None,
    };
    let headers = access.headers.iter().chain(&request.headers);
    json::write(&DeliveryWire {
        provider: request.to.provider(),
        url: request.to.url(access),
        headers: Texts(
            headers
                .map(|(name, value)| (*name, value.as_str()))
                .collect(),
        ),
        body: &request.body,
        encrypt_for,
        authorization: &access.authorization,
        timeout_ms: DELIVERY_TIMEOUT_SECS * 1_000,
    })
}

#[derive(Serialize)]
struct DeliveryWire<'a> {
    provider: Provider,
    url: String,
    headers: Texts<'a>,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypt_for: Option<KeysWire<'a>>,
    authorization: &'a Authorization,
    timeout_ms: u32,
}

#[derive(Serialize)]
struct KeysWire<'a> {
    p256dh: &'a str,
    auth: &'a str,
}
