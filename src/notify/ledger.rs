//! The ledger: one row for each delivery of a notification.

use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use super::providers::Provider;
use crate::{
    base::{Code, json},
    work::Row,
};

/// The status of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryStatus {
    /// To be sent or retried.
    Pending,
    /// Its fate is unknown: it may have been sent.
    Sending,
    /// The provider has accepted it.
    Sent,
    /// It will not be sent.
    Skipped,
    /// Its message was dead-lettered.
    Failed,
}

json::written_by_name!(DeliveryStatus);
json::read_by_name!(DeliveryStatus: "a status of a delivery");

/// Why a delivery is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Skip {
    /// The recipient has turned the channel off.
    PreferenceOff,
    /// The recipient has no device.
    NoDevice,
    /// The device is no longer registered.
    DeviceGone,
    /// The recipient has no confirmed address.
    NoAddress,
    /// The provider is not configured.
    NotConfigured,
    /// The recipient has reached the hourly cap.
    OverHourlyCap,
    /// The notification has been read in the app.
    Read,
    /// The notification has been withdrawn.
    Withdrawn,
}

json::written_by_name!(Skip);

/// Why a delivery was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Reason {
    /// It is not needed.
    Skip(Skip),
    /// It failed, or waits for something.
    Failure(Code),
}

/// A change of a row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    /// The row.
    pub id: Uuid,
    /// Its status.
    pub status: DeliveryStatus,
    /// Why it was not sent.
    pub reason: Option<Reason>,
    /// The provider that was asked.
    pub provider: Option<Provider>,
    /// The provider's id for it.
    #[serde(rename = "provider_message_id")]
    pub message_id: Option<String>,
    /// Whether it may have been sent, so that a retry may repeat it.
    pub is_uncertain: bool,
}

impl LedgerEntry {
    /// An entry for a delivery without a request to a provider.
    #[must_use]
    pub fn without_request(id: Uuid, status: DeliveryStatus, reason: Reason) -> Self {
        Self {
            id,
            status,
            reason: Some(reason),
            provider: None,
            message_id: None,
            is_uncertain: false,
        }
    }
}

impl Row for LedgerEntry {
    const EFFECT: &'static str = "deliveries";
}

/// A device to remove, unless its token has changed since the provider refused it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoneDevice {
    /// Its owner.
    pub recipient_id: Uuid,
    /// `None` is the token in the profile itself.
    pub device_id: Option<Uuid>,
    /// The token that was refused.
    pub token: String,
}

impl Row for GoneDevice {
    const EFFECT: &'static str = "gone_devices";
}
