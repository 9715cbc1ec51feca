//! A delivery, as the host reads it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    base::json,
    notify::{
        Delivery,
        providers::{Provider, Recipient, Subscription},
    },
};

/// Writes a delivery as the host reads it.
#[must_use]
pub fn delivery_json(delivery: &Delivery) -> String {
    let request = &delivery.request;
    let (token, subscription) = match &request.to {
        Recipient::Fcm | Recipient::Email(_) => (None, None),
        Recipient::Apns(token) => (Some(token.as_str()), None),
        Recipient::WebPush(subscription) => (None, Some(subscription)),
    };
    json::write(&DeliveryWire {
        provider: request.to.provider(),
        key: &request.key,
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect(),
        body: &request.body,
        token,
        subscription,
    })
}

#[derive(Serialize)]
struct DeliveryWire<'a> {
    provider: Provider,
    key: &'a str,
    headers: BTreeMap<&'static str, &'a str>,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription: Option<&'a Subscription>,
}
