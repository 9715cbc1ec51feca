//! The delivery of a notification to one device or address.

use uuid::Uuid;

use super::{
    DeliveryStatus, GoneDevice, LedgerEntry, Reason,
    providers::{Provider, Request},
};
use crate::{
    base::Failure,
    work::{self, Answer, Effect, Verdict},
};

/// One HTTP request to a provider, and its row in the ledger.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The request; its idempotency key is the same for every try.
    pub request: Request,
    /// Its row in the ledger.
    pub id: Uuid,
    /// The push service of a browser; empty for other providers.
    pub service: String,
    /// The device that it goes to.
    pub device: Option<GoneDevice>,
}

impl Delivery {
    /// The provider that is asked.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.request.to.provider()
    }
}

impl work::Delivery for Delivery {
    fn key(&self) -> &str {
        &self.request.key
    }

    fn answered(&self, answer: &Answer, verdict: Option<&Verdict>) -> Vec<Effect> {
        let is_uncertain = matches!(
            answer,
            Answer::Transient {
                is_uncertain: true,
                ..
            }
        );
        let (status, failure, message_id) = match (answer, verdict) {
            (Answer::Accepted { message_id, .. }, _) => {
                (DeliveryStatus::Sent, None, message_id.clone())
            }
            (Answer::Gone(failure), _) => (DeliveryStatus::Skipped, Some(failure), None),
            (_, Some(Verdict::DeadLetter(failure))) => {
                (DeliveryStatus::Failed, Some(failure), None)
            }
            // It may have arrived: its fate stays unknown until a retry.
            (Answer::Transient { failure, .. }, _) if is_uncertain => {
                (DeliveryStatus::Sending, Some(failure), None)
            }
            (
                Answer::Transient { failure, .. }
                | Answer::Throttled { failure, .. }
                | Answer::Busy { failure, .. }
                | Answer::Rejected(failure)
                | Answer::Misconfigured(failure),
                _,
            ) => (DeliveryStatus::Pending, Some(failure), None),
        };
        let entry = LedgerEntry {
            id: self.id,
            status,
            reason: failure.map(|failure| Reason::Failure(failure.code)),
            provider: Some(self.provider()),
            message_id,
            is_uncertain,
        };
        let mut effects = vec![Effect::from(&entry)];
        if let (Answer::Gone(_), Some(device)) = (answer, &self.device) {
            effects.push(Effect::from(device));
        }
        effects
    }

    fn put_off(&self, why: &Failure) -> Vec<Effect> {
        let reason = Reason::Failure(why.code);
        let entry = LedgerEntry::without_request(self.id, DeliveryStatus::Pending, reason);
        vec![Effect::from(&entry)]
    }
}
