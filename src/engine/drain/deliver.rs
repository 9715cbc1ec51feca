//! Makes the deliveries of one claim: several at a time, each only if its circuit breaker permits it and
//! its lease lasts long enough.

use std::collections::VecDeque;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Host, Run, Terms};
use crate::{
    base::{Code, Failure},
    engine::batch::Batch,
    work::{Handler, Permit},
};

impl<H: Host> Run<'_, H> {
    /// Makes the deliveries of a group; those of one message one after the other. A message whose delivery
    /// fails becomes a retry, a deferral or a dead letter, and keeps the keys of those that succeeded.
    pub(super) async fn deliver(
        &self,
        group: &mut Batch<H::Delivery>,
        handler: &mut dyn Handler<H::Delivery>,
        terms: &Terms,
    ) {
        let queue = self.consumer.queue();
        let concurrency = usize::try_from(terms.policy.delivery_concurrency).unwrap_or(1);
        let mut waiting: VecDeque<usize> = (0..group.len()).collect();
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < concurrency {
                let Some(index) = waiting.pop_front() else {
                    break;
                };
                let Some(message) = group.get_mut(index) else {
                    continue;
                };
                let Some(delivery) = message.next_delivery().cloned() else {
                    continue;
                };
                if let Some(why) = self.must_not_begin(terms) {
                    message.put_off(queue, 0, why);
                    continue;
                }
                match handler.permit(&delivery) {
                    Permit::Wait { secs, why } => message.put_off(queue, secs, why),
                    Permit::Go => under_way.push(async move {
                        let answer = self.host.deliver(&delivery, terms.now).await;
                        (index, delivery, answer)
                    }),
                }
            }
            let Some((index, delivery, answer)) = under_way.next().await else {
                return;
            };
            let open_secs = handler.note(&delivery, &answer);
            if let Some(message) = group.get_mut(index) {
                message.answered(&delivery, &answer, open_secs, queue, &terms.policy);
                waiting.push_front(index);
            }
        }
    }

    fn must_not_begin(&self, terms: &Terms) -> Option<Failure> {
        let now_us = self.host.now_us();
        if self.host.is_stopping() {
            Some(Failure::new(
                Code::Interrupted,
                "the worker is shutting down",
            ))
        } else if now_us >= terms.deliver_until_us || self.budget.is_over(now_us) {
            Some(Failure::new(
                Code::OutOfTime,
                "the lease or the run is about to end",
            ))
        } else {
            None
        }
    }
}
