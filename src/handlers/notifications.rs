//! Somebody is told something: in the app, and by the channels that they chose. What happens within a
//! while to the same thing becomes one notification; how many it tells of is known only to the
//! database, which fills the words in.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use super::{Effect, InAppNotification, Scene};
use crate::{
    channels,
    language::Language,
    message::{Decision, Metadata, NotificationMessage, NotificationType},
    words::words,
};

/// What the app may want to know beyond the words. No session: that is a secret of the one who acts.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    post_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_profile_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_like_count: Option<i64>,
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    metadata: &'a Metadata,
}

pub(super) fn handle(message: NotificationMessage, scene: &Scene<'_>) -> Vec<Effect> {
    let context = scene.context;
    // The database refuses a notification for nobody; until then it is one like any other.
    let recipient = context.recipients.get(&message.recipient_id);
    let language = Language::of(recipient.and_then(|recipient| recipient.language.as_deref()));
    let words = words(language, message.kind, message.decision);
    let deliveries = match recipient {
        Some(recipient) if !message.withdrawn => {
            channels::plan(recipient, &context.settings, scene.environment)
        }
        _ => Vec::new(),
    };
    let data = Data {
        post_id: message.post_id,
        post_caption: message.post_caption.as_deref(),
        comment_id: message.comment_id,
        comment: message.comment.as_deref(),
        decision: message.decision,
        actor_profile_id: message.actor_profile_id,
        new_like_count: message.new_like_count,
        metadata: &message.metadata,
    };
    vec![Effect::Notify(InAppNotification {
        recipient_id: message.recipient_id,
        kind: message.kind,
        group: group(&message),
        since: scene.now.minus_secs(context.settings.coalesce_secs),
        actor: actor(&message),
        actor_profile_id: message.actor_profile_id,
        at: message.timestamp,
        is_withdrawn: message.withdrawn,
        words,
        url: url(&message),
        // Only a map with keys that are not text could fail, and there is none in it.
        data: to_raw_value(&data).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        deliveries,
    })]
}

/// What is told together: likes of a post, new followers. Each comment is told by itself, and each
/// decision about one.
fn group(message: &NotificationMessage) -> String {
    let about = match message.kind {
        NotificationType::NewLike => message.post_id,
        NotificationType::NewComment => message.comment_id.or(message.post_id),
        NotificationType::NewFollower => None,
        NotificationType::CommentModerated => message.comment_id,
    };
    let mut group = message.kind.name().to_owned();
    let about = about.map(|about| about.to_string());
    let decision = message.decision.map(|decision| decision.name().to_owned());
    for part in about.into_iter().chain(decision) {
        group.push(':');
        group.push_str(&part);
    }
    group
}

/// Who did it: counted once, however often they do.
fn actor(message: &NotificationMessage) -> Option<String> {
    if let NotificationType::CommentModerated = message.kind {
        return None;
    }
    match (message.actor_profile_id, &message.session_id) {
        (Some(profile), _) => Some(["profile:", &profile.to_string()].concat()),
        (None, Some(session)) => Some(["session:", session].concat()),
        (None, None) => None,
    }
}

/// Where the app shows what it is about.
fn url(message: &NotificationMessage) -> Option<String> {
    let place = |folder: &str, id: Uuid| [folder, &id.to_string()].concat();
    match message.kind {
        NotificationType::NewLike
        | NotificationType::NewComment
        | NotificationType::CommentModerated => message.post_id.map(|post| place("/posts/", post)),
        NotificationType::NewFollower => message
            .actor_profile_id
            .map(|profile| place("/profiles/", profile)),
    }
}
