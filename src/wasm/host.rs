//! The host that a worker passes in, as the engine sees it.

use std::cell::Cell;

use uuid::Uuid;
use wasm_bindgen::prelude::*;

use super::{
    imports::JsHost,
    reply::{self, answer},
};
#[cfg(feature = "deliveries")]
use crate::notify::providers::{self, Provider, Request};
#[cfg(feature = "uploads")]
use crate::queues::Report;
use crate::{
    base::Timestamp,
    engine::{Ask, Claim, DatabaseError, Host, Settled, Settlement, Used},
    notify::Environment,
    queues::Delivery,
    wire,
    work::Answer,
};

pub(super) struct HostAdapter<'e> {
    pub(super) host: JsHost,
    pub(super) run_id: Uuid,
    pub(super) environment: &'e Environment,
    /// What a delivery needs of this process has broken.
    pub(super) is_broken: Cell<bool>,
}

#[cfg(feature = "deliveries")]
impl HostAdapter<'_> {
    /// Makes a request to a provider.
    async fn request(&self, provider: Provider, request: &Request, now: Timestamp) -> Answer {
        let access = match self.environment.access(provider) {
            Ok(access) => access,
            Err(failure) => return Answer::Misconfigured(failure),
        };
        let json = wire::delivery_json(request, access);
        let reply = reply::read(self.host.deliver(&json).await);
        providers::classify(provider, &reply, now)
    }
}

impl Host for HostAdapter<'_> {
    type Delivery = Delivery;

    async fn claim(&self, ask: Ask) -> Result<Claim, DatabaseError> {
        let reply = self.host.claim(ask.limit(), ask == Ask::OneAlone).await;
        answer(reply, wire::parse_claim)
    }

    async fn settle(&self, settlement: &Settlement<'_>) -> Result<Settled, DatabaseError> {
        let json = wire::settlement_json(Some(self.run_id), settlement);
        answer(self.host.settle(&json).await, wire::parse_settled)
    }

    async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> Answer {
        match *delivery {
            #[cfg(feature = "deliveries")]
            Delivery::Notification(ref delivery) => {
                self.request(delivery.provider(), &delivery.request, now)
                    .await
            }
            #[cfg(feature = "deliveries")]
            Delivery::Opinion(ref call) => self.request(call.provider(), &call.request, now).await,
            #[cfg(feature = "uploads")]
            Delivery::Image(ref job) => {
                let report = Report::read(&reply::read(self.host.deliver(&job.json()).await));
                if !report.leaves_the_module_usable() {
                    self.is_broken.set(true);
                }
                report.answer(now)
            }
        }
    }

    async fn heartbeat(&self) {
        // The next one makes up for one that is lost.
        let _: Result<JsValue, JsValue> = self.host.heartbeat().await;
    }

    async fn sleep(&self, ms: u32) {
        // If the host cannot sleep, the next try comes early, which does no harm.
        let _: Result<JsValue, JsValue> = self.host.sleep(ms).await;
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and no clock is negative or above 500,000 years"
    )]
    fn now_us(&self) -> u64 {
        (self.host.now() * 1_000.0) as u64
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and neither is negative"
    )]
    fn used(&self) -> Used {
        Used {
            cpu_us: (self.host.cpu_ms() * 1_000.0) as u64,
            memory_bytes: self.host.memory_bytes() as u64,
        }
    }

    fn is_stopping(&self) -> bool {
        self.is_broken.get() || self.host.is_stopping()
    }
}
