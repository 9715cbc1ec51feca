//! `notifications`: notifies people in the app, and plans deliveries by the channels of their choice.
//! Events of the same group within a while become one notification; the database counts them and fills in
//! the text.

mod in_app;
mod message;

pub(crate) use in_app::InAppNotification;
pub(crate) use message::NotificationMessage;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Definition, Input};
use crate::{
    base::{Code, Timestamp, json},
    notify::{
        Breakers, Decision, NotificationType,
        channels::{self, Recipient},
        clean,
        i18n::{Language, notification_texts},
    },
    work::{Effect, Metadata, NoDelivery, Reject, Work},
};

/// The prefix of the key of an unknown actor. The database notifies of such actors once in a while.
const ANONYMOUS: &str = "anonymous";

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct Notifications;

impl Definition for Notifications {
    type Message = NotificationMessage;
    type Context = Context;
    type Delivery = NoDelivery;
    const READS_ITS_SETTLEMENT: bool = false;
    const NEEDS_PROVIDERS: bool = true;

    fn parse(body: &str, now: Timestamp) -> Result<NotificationMessage, Reject> {
        NotificationMessage::parse(body, now)
    }

    fn handle(message: NotificationMessage, input: &Input<'_, Context>) -> Work<NoDelivery> {
        if is_own(&message)
            || is_silenced(&message, input.context)
            || (message.withdrawn && is_nobody_in_particular(&message))
        {
            return Work::effects(Vec::new());
        }
        match input.context.recipients.get(&message.recipient_id) {
            Some(recipient) => Work::effects(vec![Effect::from(&notification(
                &message, recipient, input,
            ))]),
            None => Work::dropped(Code::RecipientGone, in_app::RECIPIENT_GONE),
        }
    }

    fn breakers(_: &Context) -> Breakers {
        Breakers::default()
    }
}

/// The context of a claim.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Context {
    settings: Settings,
    /// The recipients by profile, as far as they exist.
    recipients: BTreeMap<Uuid, Recipient>,
    /// The names of actors by profile, as they wrote them.
    #[serde(default)]
    actors: BTreeMap<Uuid, String>,
    /// Of whom each recipient is not to hear: one of the two has blocked or muted the other.
    #[serde(default)]
    silenced: BTreeMap<Uuid, BTreeSet<Uuid>>,
}

/// From `queues.notification_settings`.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Settings {
    /// Events of a group within this time become one notification.
    coalesce_secs: u32,
    /// How long an email waits, in case the notification is read in the app.
    email_delay_secs: u32,
}

/// Further data for the app. Not the session, which is a secret of the actor.
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

fn notification(
    message: &NotificationMessage,
    recipient: &Recipient,
    input: &Input<'_, Context>,
) -> InAppNotification {
    let context = input.context;
    let language = Language::of(recipient.language.as_deref());
    let texts = notification_texts(language, message.kind, message.decision);
    let deliveries = if message.withdrawn {
        Vec::new()
    } else {
        channels::plan(
            recipient,
            context.settings.email_delay_secs,
            input.environment,
        )
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
    InAppNotification {
        recipient_id: message.recipient_id,
        kind: message.kind,
        group: group(message),
        since: input.now.minus_secs(context.settings.coalesce_secs),
        actor: actor(message),
        actor_name: message
            .actor_profile_id
            .and_then(|profile| context.actors.get(&profile))
            .and_then(|name| clean::name(name)),
        at: message.timestamp,
        is_withdrawn: message.withdrawn,
        title: texts.title,
        bodies: texts.bodies,
        someone: texts.someone,
        url: url(message),
        data: json::raw(&data),
        deliveries,
    }
}

/// The key of events that become one notification: likes of a post, new followers. Each comment and each
/// decision is a notification of its own.
fn group(message: &NotificationMessage) -> String {
    let about = match message.kind {
        NotificationType::NewLike => message.post_id,
        NotificationType::NewComment
        | NotificationType::CommentReply
        | NotificationType::Mention => message.comment_id.or(message.post_id),
        NotificationType::NewFollower => None,
        NotificationType::CommentModerated => message.comment_id,
    };
    let mut group = message.kind.name().to_owned();
    let about = about.map(|about| about.to_string());
    let decision = message.decision.map(|decision| decision.name().to_owned());
    // The decision about an edit is news.
    let edit = message.revision.filter(|revision| *revision > 1);
    let edit = edit.map(|revision| revision.to_string());
    for part in about.into_iter().chain(decision).chain(edit) {
        group.push(':');
        group.push_str(&part);
    }
    group
}

/// Whether the recipient caused the event. Others moderate the recipient's comments.
fn is_own(message: &NotificationMessage) -> bool {
    message.kind != NotificationType::CommentModerated
        && message.actor_profile_id == Some(message.recipient_id)
}

/// Whether the recipient is not to hear of the actor. What they were told before can be withdrawn.
fn is_silenced(message: &NotificationMessage, context: &Context) -> bool {
    let silenced = context.silenced.get(&message.recipient_id);
    let actor = message.actor_profile_id;
    !message.withdrawn
        && actor.is_some_and(|actor| silenced.is_some_and(|actors| actors.contains(&actor)))
}

/// Whether the actor is one of possibly several unknown ones, so that it is unknown who withdraws.
fn is_nobody_in_particular(message: &NotificationMessage) -> bool {
    message.actor_profile_id.is_none()
        && message.session_id.is_none()
        && message.comment_id.is_none()
}

/// The key of the actor, who counts once. Without one, each event counts as another actor.
fn actor(message: &NotificationMessage) -> Option<String> {
    if let NotificationType::CommentModerated = message.kind {
        return None;
    }
    match (message.actor_profile_id, &message.session_id) {
        (Some(profile), _) => Some(["profile:", &profile.to_string()].concat()),
        (None, Some(session)) => Some(["session:", session].concat()),
        // A comment has one author.
        (None, None) if message.comment_id.is_some() => Some(ANONYMOUS.to_owned()),
        (None, None) => Some([ANONYMOUS, ":", &message.timestamp.to_string()].concat()),
    }
}

/// The path in the app that it is about.
fn url(message: &NotificationMessage) -> Option<String> {
    let place = |folder: &str, id: Uuid| [folder, &id.to_string()].concat();
    match message.kind {
        NotificationType::NewLike
        | NotificationType::NewComment
        | NotificationType::CommentReply
        | NotificationType::Mention
        | NotificationType::CommentModerated => message.post_id.map(|post| place("/posts/", post)),
        NotificationType::NewFollower => message
            .actor_profile_id
            .map(|profile| place("/profiles/", profile)),
    }
}
