//! An event is kept as a row, counted for its day and post, and weighed for the trending posts.

use serde_json::value::to_raw_value;

use super::{AnalyticsEvent, DailyCounter, Effect, Trend, TrendingHour};
use crate::{message::AnalyticsMessage, policy::trending_weight};

pub(super) fn handle(message: AnalyticsMessage) -> Vec<Effect> {
    let trend = trend(&message);
    let counter = DailyCounter {
        day: message.timestamp.day(),
        event_type: message.event.clone(),
        post_id: message.post_id,
    };
    let mut metadata = message.metadata;
    if let Some(Ok(count)) = message.new_count.map(|count| to_raw_value(&count)) {
        metadata.insert("new_count".to_owned(), count);
    }
    let event = AnalyticsEvent {
        event_type: message.event,
        post_id: message.post_id,
        session_id: message.session_id,
        profile_id: message.profile_id,
        metadata,
        created_at: message.timestamp,
    };
    let mut effects = vec![Effect::RecordEvent(event), Effect::CountEvent(counter)];
    effects.extend(trend);
    effects
}

fn trend(message: &AnalyticsMessage) -> Option<Effect> {
    let weight = trending_weight(&message.event);
    if weight == 0 {
        return None;
    }
    let hour = TrendingHour {
        post_id: message.post_id?,
        hour: message.timestamp.hour(),
    };
    let likes = match message.event.as_str() {
        "like" => 1,
        "unlike" => -1,
        _ => 0,
    };
    let trend = Trend {
        weight,
        gain: weight.max(0),
        likes,
    };
    Some(Effect::Trend(hour, trend))
}
