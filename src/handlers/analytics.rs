//! An event is kept as a row and counted for its day and post.

use serde_json::value::to_raw_value;

use super::{AnalyticsEvent, DailyCounter, Effect};
use crate::message::AnalyticsMessage;

pub(super) fn handle(message: AnalyticsMessage) -> Vec<Effect> {
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
    vec![Effect::RecordEvent(event), Effect::CountEvent(counter)]
}
