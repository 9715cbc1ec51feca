//! A delivery, as the host reads it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    base::json,
    notify::{
        Delivery,
        providers::{Provider, Subscription},
    },
};

/// Writes a delivery as the host reads it.
#[must_use]
pub fn delivery_json(delivery: &Delivery) -> String {
    let request = &delivery.request;
    json::write(&DeliveryWire {
        provider: request.provider,
        key: &request.key,
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect(),
        body: &request.body,
        token: request.token.as_deref(),
        subscription: request.subscription.as_ref(),
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
