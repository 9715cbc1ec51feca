//! `queue_name`: each message is kept and counted as an analytics event.

mod message;

pub(crate) use message::QueueNameMessage;

use super::{
    Definition, Input, NoContext,
    analytics::{Analytics, AnalyticsMessage},
    send,
};
use crate::{
    base::Timestamp,
    notify::Breakers,
    work::{NoDelivery, Reject, Work},
};

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct QueueName;

impl Definition for QueueName {
    type Message = QueueNameMessage;
    type Context = NoContext;
    type Delivery = NoDelivery;
    const READS_ITS_SETTLEMENT: bool = false;
    const NEEDS_PROVIDERS: bool = false;

    fn parse(body: &str, now: Timestamp) -> Result<Self::Message, Reject> {
        QueueNameMessage::parse(body, now)
    }

    fn handle(message: Self::Message, _: &Input<'_, Self::Context>) -> Work<NoDelivery> {
        Work::effects(vec![send::<Analytics>(&AnalyticsMessage {
            event: "queue_name".to_owned(),
            post_id: Some(message.post_id),
            session_id: None,
            profile_id: None,
            new_count: None,
            timestamp: message.timestamp,
            metadata: message.metadata,
        })])
    }

    fn breakers(_: &Self::Context) -> Breakers {
        Breakers::default()
    }
}
