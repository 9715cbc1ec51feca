//! The JSON of claims, settlements and summaries. Field names are known here and, for the payload
//! of a message and for the numbers of the queues, in a file of its own; nowhere else.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    batch::{self, Claim, ClaimedMessage},
    drain::Summary,
    handlers::{Delivery, Queue},
    message::{AnalyticsMessage, Metadata, NotificationMessage},
    outcome::{DatabaseError, Failure},
    policy::Policy,
    settlement::{Effects, Lease, Settled, Settlement},
    timestamp::Timestamp,
};

/// Reads the database's answer to a claim.
///
/// # Errors
/// A failure `invalid_claim` if the bytes are not such an answer.
pub fn parse_claim(body: &[u8]) -> Result<Claim, Failure> {
    let wire: ClaimWire<'_> = serde_json::from_slice(body)
        .map_err(|error| Failure::new("invalid_claim", error.to_string()))?;
    Ok(Claim {
        now: wire.now,
        policy: wire.policy.into(),
        backlog: wire.backlog,
        messages: wire.messages.into_iter().map(Into::into).collect(),
    })
}

/// Writes a settlement as the database reads it.
#[must_use]
pub fn settlement_json(run_id: Option<Uuid>, settlement: &Settlement<'_>) -> String {
    to_json(&SettlementWire {
        run_id,
        seq: settlement.seq,
        stopped_because: settlement.stopped_because,
        acks: pairs(&settlement.acks),
        releases: pairs(&settlement.releases),
        retries: settlement
            .retries
            .iter()
            .map(|retry| RetryWire {
                msg_id: retry.lease.msg_id,
                read_ct: retry.lease.read_ct,
                delay_secs: retry.delay_secs,
                code: &retry.failure.code,
                error: &retry.failure.error,
                delivered: &retry.delivered,
            })
            .collect(),
        dead_letters: settlement
            .dead_letters
            .iter()
            .map(|dead| DeadLetterWire {
                msg_id: dead.lease.msg_id,
                read_ct: dead.lease.read_ct,
                code: &dead.failure.code,
                error: &dead.failure.error,
            })
            .collect(),
        effects: (&settlement.effects).into(),
    })
}

/// Reads the database's answer to a settlement.
///
/// # Errors
/// A failure `invalid_settlement_answer` if the bytes are not such an answer.
pub fn parse_settled(body: &[u8]) -> Result<Settled, Failure> {
    let wire: SettledWire = serde_json::from_slice(body)
        .map_err(|error| Failure::new("invalid_settlement_answer", error.to_string()))?;
    Ok(if wire.applied {
        Settled::Applied {
            backlog: wire.backlog,
        }
    } else {
        Settled::Lost(wire.lost)
    })
}

/// Decides upon one claim as a whole, without deliveries: the settlement of a run's first batch if
/// nothing comes in its way. Bytes of a claim in, JSON of a settlement out.
///
/// # Errors
/// A failure `invalid_claim` if the bytes are not a claim.
pub fn decide(queue: Queue, claim: &[u8]) -> Result<String, Failure> {
    let batch = batch::open(parse_claim(claim)?, |body, now| queue.handle(body, now));
    let settlement = Settlement {
        seq: 1,
        ..batch::settle(&batch)
    };
    Ok(settlement_json(None, &settlement))
}

/// The answer to whoever called the worker: `{status, body}`, the body being the run's summary or
/// an error.
#[must_use]
pub fn response_json(queue: &str, summary: &Summary) -> String {
    match summary.error.as_ref().map(DatabaseError::http) {
        None => to_json(&ResponseWire {
            status: 200,
            body: SummaryWire {
                queue,
                claimed: summary.claimed,
                processed: summary.processed,
                retried: summary.retried,
                dead_lettered: summary.dead_lettered,
                lost: summary.lost,
                released: summary.released,
                batches: summary.batches,
                stopped_because: summary.stopped_because.name(),
            },
        }),
        Some((status, failure)) => error_json(status, failure),
    }
}

/// An answer that is text.
#[must_use]
pub fn text_json(status: u16, body: &str) -> String {
    to_json(&ResponseWire { status, body })
}

/// The answer where there is no run to report on.
#[must_use]
pub fn error_json(status: u16, failure: &Failure) -> String {
    to_json(&ResponseWire {
        status,
        body: ErrorWire {
            error: CodeWire {
                code: &failure.code,
                message: &failure.error,
            },
        },
    })
}

/// A delivery as the host sends it.
#[must_use]
pub fn delivery_json(delivery: &Delivery) -> String {
    to_json(&DeliveryWire {
        key: &delivery.key,
        url: &delivery.url,
        body: &delivery.body,
    })
}

/// Serialising our own types fails only for maps with keys that are not text; there are none.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn pairs(leases: &[Lease]) -> Vec<(i64, u32)> {
    leases
        .iter()
        .map(|lease| (lease.msg_id, lease.read_ct))
        .collect()
}

#[derive(Deserialize)]
struct ClaimWire<'a> {
    now: Timestamp,
    policy: PolicyWire,
    #[serde(default)]
    backlog: u32,
    #[serde(borrow)]
    messages: Vec<ClaimedMessageWire<'a>>,
}

#[derive(Deserialize)]
struct PolicyWire {
    visibility_timeout_secs: u32,
    batch_size: u32,
    max_retries: u32,
    backoff_base_secs: u32,
    backoff_cap_secs: u32,
    max_message_bytes: u64,
}

impl From<PolicyWire> for Policy {
    fn from(wire: PolicyWire) -> Self {
        Self {
            visibility_timeout_secs: wire.visibility_timeout_secs,
            batch_size: wire.batch_size,
            max_retries: wire.max_retries,
            backoff_base_secs: wire.backoff_base_secs,
            backoff_cap_secs: wire.backoff_cap_secs,
            max_message_bytes: wire.max_message_bytes,
        }
    }
}

#[derive(Deserialize)]
struct ClaimedMessageWire<'a> {
    msg_id: i64,
    read_ct: u32,
    #[serde(default)]
    failures: u32,
    #[serde(default)]
    delivered: Vec<String>,
    #[serde(default)]
    size_bytes: Option<u64>,
    #[serde(default)]
    withheld: bool,
    #[serde(borrow)]
    message: &'a RawValue,
}

impl From<ClaimedMessageWire<'_>> for ClaimedMessage {
    fn from(wire: ClaimedMessageWire<'_>) -> Self {
        let body_bytes = u64::try_from(wire.message.get().len()).unwrap_or(u64::MAX);
        Self {
            lease: Lease {
                msg_id: wire.msg_id,
                read_ct: wire.read_ct,
            },
            failures: wire.failures,
            delivered: wire.delivered,
            size_bytes: wire.size_bytes.unwrap_or(body_bytes),
            body: (!wire.withheld).then(|| wire.message.to_owned()),
        }
    }
}

#[derive(Serialize)]
struct SettlementWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<Uuid>,
    seq: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_because: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    acks: Vec<(i64, u32)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    releases: Vec<(i64, u32)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retries: Vec<RetryWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dead_letters: Vec<DeadLetterWire<'a>>,
    #[serde(skip_serializing_if = "EffectsWire::is_empty")]
    effects: EffectsWire<'a>,
}

#[derive(Serialize)]
struct RetryWire<'a> {
    msg_id: i64,
    read_ct: u32,
    delay_secs: u32,
    code: &'a str,
    error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    delivered: &'a [String],
}

#[derive(Serialize)]
struct DeadLetterWire<'a> {
    msg_id: i64,
    read_ct: u32,
    code: &'a str,
    error: &'a str,
}

#[derive(Serialize)]
struct EffectsWire<'a> {
    #[serde(skip_serializing_if = "EnqueueWire::is_empty")]
    enqueue: EnqueueWire<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    analytics_events: Vec<AnalyticsEventWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    analytics_daily: Vec<DailyCounterWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trending: Vec<TrendingHourWire>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notifications: Vec<NotificationWire<'a>>,
}

impl EffectsWire<'_> {
    fn is_empty(&self) -> bool {
        self.enqueue.is_empty()
            && self.analytics_events.is_empty()
            && self.analytics_daily.is_empty()
            && self.trending.is_empty()
            && self.notifications.is_empty()
    }
}

#[derive(Serialize)]
struct EnqueueWire<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    analytics: &'a [&'a AnalyticsMessage],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notifications: &'a [&'a NotificationMessage],
}

impl EnqueueWire<'_> {
    fn is_empty(&self) -> bool {
        self.analytics.is_empty() && self.notifications.is_empty()
    }
}

#[derive(Serialize)]
struct AnalyticsEventWire<'a> {
    event_type: &'a str,
    post_id: Option<Uuid>,
    session_id: Option<&'a str>,
    profile_id: Option<Uuid>,
    metadata: &'a Metadata,
    created_at: Timestamp,
}

#[derive(Serialize)]
struct DailyCounterWire<'a> {
    day: String,
    event_type: &'a str,
    post_id: Option<Uuid>,
    count: u64,
}

#[derive(Serialize)]
struct TrendingHourWire {
    post_id: Uuid,
    hour: Timestamp,
    weight: i64,
    gain: i64,
    likes: i64,
}

#[derive(Serialize)]
struct NotificationWire<'a> {
    recipient_id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    data: &'a RawValue,
    created_at: Timestamp,
}

impl<'a> From<&'a Effects<'a>> for EffectsWire<'a> {
    fn from(effects: &'a Effects<'a>) -> Self {
        Self {
            enqueue: EnqueueWire {
                analytics: &effects.enqueue_analytics,
                notifications: &effects.enqueue_notifications,
            },
            analytics_events: effects
                .analytics_events
                .iter()
                .map(|event| AnalyticsEventWire {
                    event_type: &event.event_type,
                    post_id: event.post_id,
                    session_id: event.session_id.as_deref(),
                    profile_id: event.profile_id,
                    metadata: &event.metadata,
                    created_at: event.created_at,
                })
                .collect(),
            analytics_daily: effects
                .analytics_daily
                .iter()
                .map(|(counter, count)| DailyCounterWire {
                    day: counter.day.to_string(),
                    event_type: &counter.event_type,
                    post_id: counter.post_id,
                    count: *count,
                })
                .collect(),
            trending: effects
                .trending
                .iter()
                .map(|(hour, trend)| TrendingHourWire {
                    post_id: hour.post_id,
                    hour: hour.hour,
                    weight: trend.weight,
                    gain: trend.gain,
                    likes: trend.likes,
                })
                .collect(),
            notifications: effects
                .notifications
                .iter()
                .map(|notification| NotificationWire {
                    recipient_id: notification.recipient_id,
                    kind: notification.kind.name(),
                    data: &notification.data,
                    created_at: notification.created_at,
                })
                .collect(),
        }
    }
}

#[derive(Deserialize)]
struct SettledWire {
    applied: bool,
    #[serde(default)]
    lost: Vec<i64>,
    #[serde(default)]
    backlog: u32,
}

#[derive(Serialize)]
struct ResponseWire<T> {
    status: u16,
    body: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryWire<'a> {
    queue: &'a str,
    claimed: u32,
    processed: u32,
    retried: u32,
    dead_lettered: u32,
    lost: u32,
    released: u32,
    batches: u32,
    stopped_because: &'static str,
}

#[derive(Serialize)]
struct ErrorWire<'a> {
    error: CodeWire<'a>,
}

#[derive(Serialize)]
struct CodeWire<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct DeliveryWire<'a> {
    key: &'a str,
    url: &'a str,
    body: &'a str,
}
