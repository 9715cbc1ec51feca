//! The ledger: one row for each delivery of a notification, and what became of it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use strum::EnumString;
use uuid::Uuid;

use super::providers::Provider;
use crate::{
    base::json::{FromJson, Problem},
    work::Row,
};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString)]
#[serde(rename_all = "snake_case")]
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

impl FromJson for DeliveryStatus {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let status = String::from_json(json)?.parse();
        status.map_err(|_| Problem::new("is not a status of a delivery"))
    }
}

/// What becomes of a row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    /// The row.
    pub id: Uuid,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Why, if it was not sent.
    pub reason: Option<Cow<'static, str>>,
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
    pub fn unasked(id: Uuid, status: DeliveryStatus, reason: Cow<'static, str>) -> Self {
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
