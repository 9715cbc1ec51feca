//! The message of `deliveries`: one delivery is to be made.

use uuid::Uuid;

use crate::work::{Fields, Reject};

/// One delivery. Everything else about it is in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeliveryMessage {
    /// Its row in the ledger.
    pub(crate) delivery_id: Uuid,
}

impl DeliveryMessage {
    /// Parses a body.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    pub(crate) fn parse(body: &str) -> Result<Self, Reject> {
        let mut fields = Fields::parse(body)?;
        fields.version_1()?;
        Ok(Self {
            delivery_id: fields.uuid("delivery_id")?,
        })
    }
}
