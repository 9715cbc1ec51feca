//! A like is counted, and the post's owner is told. An unlike is counted, and what was told is taken
//! back.

use super::Effect;
use crate::message::{
    AnalyticsMessage, LikeEvent, LikeEventType, NotificationMessage, NotificationType,
};

pub(super) fn handle(event: LikeEvent) -> Vec<Effect> {
    let mut effects = Vec::with_capacity(2);
    if let Some(notification) = notification(&event) {
        effects.push(Effect::EnqueueNotification(notification));
    }
    effects.push(Effect::EnqueueAnalytics(AnalyticsMessage {
        event: event.event_type.name().to_owned(),
        post_id: Some(event.post_id),
        session_id: Some(event.liker_session_id),
        profile_id: event.liker_profile_id,
        new_count: Some(event.new_like_count),
        timestamp: event.timestamp,
        metadata: event.metadata,
    }));
    effects
}

/// Nobody is told about a post without an owner, or of their own like.
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
