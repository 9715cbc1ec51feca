//! The deliveries of one claim: several at a time, each only if its provider may be asked and its lease
//! will last.

use std::collections::VecDeque;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Host, Run, Terms};
use crate::{
    batch::Batch,
    breaker::{Breakers, Permit},
    outcome::Failure,
};

impl<H: Host> Run<'_, H> {
    /// Sends what leaves the database, those of one message one after the other. A message whose delivery
    /// fails becomes a retry, a deferral or a dead letter and keeps the record of those that succeeded.
    pub(super) async fn deliver(&self, group: &mut Batch, breakers: &mut Breakers, terms: &Terms) {
        let concurrency = usize::try_from(terms.policy.delivery_concurrency).unwrap_or(1);
        let mut waiting: VecDeque<usize> = (0..group.len()).collect();
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < concurrency {
                let Some(index) = waiting.pop_front() else {
                    break;
                };
                let Some(item) = group.get_mut(index) else {
                    continue;
                };
                let Some(delivery) = item.next_delivery().cloned() else {
                    continue;
                };
                if let Some(why) = self.must_not_begin(terms) {
                    item.not_begun(self.queue, 0, why);
                    continue;
                }
                match breakers.permit(delivery.provider()) {
                    Permit::Wait(secs) => {
                        let provider = delivery.provider().name();
                        let error = ["`", provider, "` is not asked until it may work again"];
                        let why = Failure::new("breaker_open", error.concat());
                        item.not_begun(self.queue, secs, why);
                    }
                    Permit::Go => under_way.push(async move {
                        let answer = self.host.deliver(&delivery, terms.now).await;
                        (index, delivery, answer)
                    }),
                }
            }
            let Some((index, delivery, answer)) = under_way.next().await else {
                return;
            };
            let closed_for_secs = breakers.note(delivery.provider(), &answer);
            if let Some(item) = group.get_mut(index) {
                item.answered(
                    &delivery,
                    &answer,
                    closed_for_secs,
                    self.queue,
                    &terms.policy,
                );
                waiting.push_front(index);
            }
        }
    }

    fn must_not_begin(&self, terms: &Terms) -> Option<Failure> {
        let now_us = self.host.now_us();
        if self.host.is_stopping() {
            Some(Failure::new("interrupted", "the worker is being shut down"))
        } else if now_us >= terms.deliver_until_us || self.budget.is_over(now_us) {
            Some(Failure::new(
                "out_of_time",
                "the lease or the run is about to end",
            ))
        } else {
            None
        }
    }
}
