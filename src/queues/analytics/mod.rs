//! `analytics`: keeps an event as a row, counts it for its day and post, and adds it to the score of a
//! trending post.

mod message;

pub(crate) use message::AnalyticsMessage;

use serde::Serialize;
use uuid::Uuid;

use super::{Definition, Input, NoContext};
use crate::{
    base::{Timestamp, json},
    notify::Breakers,
    work::{Effect, KeyPart, Metadata, NoDelivery, Reject, Row, Sum, Work},
};

/// The queue's definition.
#[derive(Debug)]
pub(crate) struct Analytics;

impl Definition for Analytics {
    type Message = AnalyticsMessage;
    type Context = NoContext;
    type Delivery = NoDelivery;
    const READS_ITS_SETTLEMENT: bool = false;
    const NEEDS_PROVIDERS: bool = false;

    fn parse(body: &str, now: Timestamp) -> Result<AnalyticsMessage, Reject> {
        AnalyticsMessage::parse(body, now)
    }

    fn handle(message: AnalyticsMessage, _: &Input<'_, NoContext>) -> Work<NoDelivery> {
        let mut effects = Vec::with_capacity(3);
        effects.push(count(&message));
        effects.extend(trend(&message));
        effects.push(keep(message));
        Work::effects(effects)
    }

    fn breakers(_: &NoContext) -> Breakers {
        Breakers::default()
    }
}

/// A row of `analytics_events`.
#[derive(Debug, Serialize)]
struct AnalyticsEvent {
    event_type: String,
    post_id: Option<Uuid>,
    session_id: Option<String>,
    profile_id: Option<Uuid>,
    metadata: Metadata,
    created_at: Timestamp,
}

impl Row for AnalyticsEvent {
    const EFFECT: &'static str = "analytics_events";
}

fn keep(message: AnalyticsMessage) -> Effect {
    let mut metadata = message.metadata;
    if let Some(count) = message.new_count {
        metadata.insert("new_count".to_owned(), json::raw(&count));
    }
    Effect::from(&AnalyticsEvent {
        event_type: message.event,
        post_id: message.post_id,
        session_id: message.session_id,
        profile_id: message.profile_id,
        metadata,
        created_at: message.timestamp,
    })
}

/// Adds one to a row of `analytics_daily`.
fn count(message: &AnalyticsMessage) -> Effect {
    Effect::Sum(Sum {
        effect: "analytics_daily",
        key: vec![
            ("day", KeyPart::Text(message.timestamp.day().to_string())),
            ("event_type", KeyPart::Text(message.event.clone())),
            ("post_id", KeyPart::Id(message.post_id)),
        ],
        amounts: vec![("count", 1)],
    })
}

/// Adds to the score that a post earns in one hour. The database decides how a score decays.
fn trend(message: &AnalyticsMessage) -> Option<Effect> {
    let weight = trending_weight(&message.event);
    let post_id = message.post_id.filter(|_| weight != 0)?;
    let likes = match message.event.as_str() {
        "like" => 1,
        "unlike" => -1,
        _ => 0,
    };
    Some(Effect::Sum(Sum {
        effect: "trending",
        key: vec![
            ("post_id", KeyPart::Id(Some(post_id))),
            ("hour", KeyPart::At(message.timestamp.hour())),
        ],
        amounts: vec![
            ("weight", weight),
            // The upper bound of a score: it ignores what is taken back.
            ("gain", weight.max(0)),
            ("likes", likes),
        ],
    }))
}

/// What an event adds to the score of its post; a like adds 1.
fn trending_weight(event: &str) -> i64 {
    match event {
        "like" => 1,
        "unlike" => -1,
        "comment" => 2,
        "share" => 3,
        _ => 0,
    }
}
