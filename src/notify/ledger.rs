//! The ledger: one row for each delivery of a notification, and what became of it.

use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use super::providers::Provider;
use crate::{
    base::{Code, json},
    work::Row,
};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryStatus {
    /// To be sent, for the first time or again.
    Pending,
    /// Its fate is unknown: no answer came, and it may have been sent.
    Sending,
    /// The provider has it.
    Sent,
    /// Not to be sent.
    Skipped,
    /// Given up.
    Failed,
}

json::written_by_name!(DeliveryStatus);
json::read_by_name!(DeliveryStatus: "a status of a delivery");

/// Why a channel is not used, or a delivery not made. Kept in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Skip {
    /// The person does not want it.
    PreferenceOff,
    /// They have no device.
    NoDevice,
    /// The device is gone.
    DeviceGone,
    /// They have no confirmed address.
    NoAddress,
    /// No secrets are set for a provider of this channel.
    NotConfigured,
    /// They were told enough within this hour.
    OverHourlyCap,
    /// They have seen it in the app.
    Read,
    /// What it told has been taken back.
    Withdrawn,
}

json::written_by_name!(Skip);

/// Why a delivery was not made, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Reason {
    /// It need not be made.
    Skip(Skip),
    /// Something is in the way.
    Failure(Code),
}

/// What becomes of a row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    /// The row.
    pub id: Uuid,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Why, if it was not sent.
    pub reason: Option<Reason>,
    /// The provider that was asked.
    pub provider: Option<Provider>,
    /// The provider's id for it.
    #[serde(rename = "provider_message_id")]
    pub message_id: Option<String>,
    /// Whether it may have been sent after all: another try may then repeat it.
    pub is_uncertain: bool,
}

impl LedgerEntry {
    /// An entry about a delivery for which no provider was asked.
    #[must_use]
    pub fn unasked(id: Uuid, status: DeliveryStatus, reason: Reason) -> Self {
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

/// A device to remove, if it still has the token that its provider refused.
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
