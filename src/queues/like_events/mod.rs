//! `like_events`: counts a like and notifies the owner of the post. Counts an unlike and withdraws the
//! notification.

mod message;

pub(crate) use message::{LikeEvent, LikeEventType};

use super::{
    Definition, Input, NoContext,
    analytics::{Analytics, AnalyticsMessage},
    notifications::{NotificationMessage, Notifications},
    send,
};
use crate::{
    base::Timestamp,
    notify::{Breakers, NotificationType},
    work::{NoDelivery, Reject, Work},
};

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct LikeEvents;

impl Definition for LikeEvents {
    type Message = LikeEvent;
    type Context = NoContext;
    type Delivery = NoDelivery;
    const READS_ITS_SETTLEMENT: bool = false;
    const NEEDS_PROVIDERS: bool = false;

    fn parse(body: &str, now: Timestamp) -> Result<LikeEvent, Reject> {
        LikeEvent::parse(body, now)
    }

    fn handle(event: LikeEvent, _: &Input<'_, NoContext>) -> Work<NoDelivery> {
        let mut effects = Vec::with_capacity(2);
        if let Some(notification) = notification(&event) {
            effects.push(send::<Notifications>(&notification));
        }
        effects.push(send::<Analytics>(&AnalyticsMessage {
            event: event.event_type.name().to_owned(),
            post_id: Some(event.post_id),
            session_id: Some(event.liker_session_id),
            profile_id: event.liker_profile_id,
            new_count: Some(event.new_like_count),
            timestamp: event.timestamp,
            metadata: event.metadata,
        }));
        Work::effects(effects)
    }

    fn breakers(_: &NoContext) -> Breakers {
        Breakers::default()
    }
}

/// The notification of the owner, unless the post has none or the owner liked it.
fn notification(event: &LikeEvent) -> Option<NotificationMessage> {
    let recipient_id = event.post_owner_id?;
    if event.liker_profile_id == Some(recipient_id) {
        return None;
    }
    Some(NotificationMessage {
        kind: NotificationType::NewLike,
        recipient_id,
        post_id: Some(event.post_id),
        post_caption: event.post_caption.clone(),
        comment_id: None,
        comment: None,
        decision: None,
        revision: None,
        session_id: Some(event.liker_session_id.clone()),
        actor_profile_id: event.liker_profile_id,
        new_like_count: Some(event.new_like_count),
        withdrawn: match event.event_type {
            LikeEventType::Like => false,
            LikeEventType::Unlike => true,
        },
        timestamp: event.timestamp,
        metadata: event.metadata.clone(),
    })
}
