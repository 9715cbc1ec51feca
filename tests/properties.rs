//! Properties that hold for every input. `PROPTEST_CASES` sets the number of cases.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use serde_json::{Map, Value, json, value::to_raw_value};
use strum::VariantArray;
use suplatzigram_queues::{
    base::{Code, Failure, Reply, Timestamp, retry_after_secs},
    engine::{self, Outcome, Policy, database_error},
    notify::Environment,
    queues::{Delivery, Queue, Report},
    wire,
    work::{Answer, Consumer, Effect, Reject, Verdict, Work},
};

const NOW: &str = "2026-11-23T12:00:00Z";

fn queue() -> impl Strategy<Value = Queue> {
    proptest::sample::select(Queue::VARIANTS)
}

/// A context for every queue, without recipients, deliveries and comments.
fn context() -> Value {
    json!({
        "settings": {
            "coalesce_secs": 3_600, "email_delay_secs": 600,
            "hourly_caps": {"push": 20, "email": 6}, "max_age_secs": 86_400,
            "breaker_failures": 5, "breaker_base_secs": 30, "breaker_cap_secs": 900,
            "thresholds": {"other": {
                "offence": {"flag": 0.5, "reject": 0.5}, "spam": {"flag": 0.5, "reject": 0.5},
            }},
            "provider": "openai", "bounds": {"approve_below": 0.2, "reject_from": 0.8},
        },
        "recipients": {}, "deliveries": {}, "breakers": [], "likes": {}, "comments": {}, "recent": [],
        "images": {}, "removals": {},
    })
}

fn handle(queue: Queue, body: &str) -> Result<Work<Delivery>, Reject> {
    let environment = Environment::default();
    let consumer = queue.consumer(&environment);
    let context = to_raw_value(&context()).unwrap();
    let now = Timestamp::parse(NOW).unwrap();
    let claim = consumer.open(now, Some(&context)).unwrap();
    claim.handle(body)
}

/// Any JSON, often with the field names of real messages.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("00000000-0000-4000-8000-000000000001")),
        Just(json!("2026-11-23T11:00:00Z")),
        Just(json!("like")),
        Just(json!("new_like")),
        Just(json!(1)),
    ];
    leaf.prop_recursive(4, 64, 16, |inner| {
        let name = prop_oneof![
            proptest::sample::select(vec![
                "v",
                "event",
                "event_type",
                "event_value",
                "type",
                "post_id",
                "post_owner_id",
                "post_caption",
                "session_id",
                "liker_session_id",
                "liker_profile_id",
                "recipient_id",
                "new_count",
                "new_like_count",
                "timestamp",
                "metadata",
                "action",
                "owner",
                "image_id",
                "removal_id",
                "revision",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..12)
                .prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn uuid() -> impl Strategy<Value = String> {
    any::<u128>().prop_map(|bits| uuid::Uuid::from_u128(bits).to_string())
}

/// A valid like event with some of the optional fields.
fn like_event() -> impl Strategy<Value = Value> {
    (
        any::<bool>(),
        uuid(),
        proptest::option::of(uuid()),
        proptest::option::of(uuid()),
        proptest::option::of(any::<String>()),
        "\\PC{0,40}[a-z]",
        0..i64::MAX,
        proptest::collection::btree_map("[a-z]{1,8}", any_json(), 0..4),
    )
        .prop_map(
            |(likes, post, owner, liker, caption, session, count, metadata)| {
                json!({
                    "v": 1,
                    "event_type": if likes { "like" } else { "unlike" },
                    "event_value": if likes { 1 } else { -1 },
                    "post_id": post,
                    "post_owner_id": owner,
                    "post_caption": caption,
                    "liker_session_id": session,
                    "liker_profile_id": liker,
                    "new_like_count": count,
                    "timestamp": "2026-11-23T11:59:59.123456+00:00",
                    "metadata": metadata,
                })
            },
        )
}

/// A deferred like; its times are seconds before and after the claim.
fn deferred_like() -> impl Strategy<Value = Value> {
    let flags = (any::<bool>(), any::<bool>());
    let times = (-30..30_i64, proptest::option::of(1..30_i64));
    let post = proptest::option::of(any::<bool>());
    let at = |secs: i64| {
        let unix_secs = Timestamp::parse(NOW).unwrap().unix_secs() + secs;
        let at = time::OffsetDateTime::from_unix_timestamp(unix_secs).unwrap();
        at.format(&time::format_description::well_known::Rfc3339)
            .unwrap()
    };
    (uuid(), flags, times, post).prop_map(
        move |(id, (is_liked, is_superseded), (apply_after, free_at), post)| {
            json!({
                "id": id, "revision": 1, "is_liked": is_liked, "is_superseded": is_superseded,
                "apply_after": at(apply_after), "free_at": free_at.map(at),
                "post": post.map(|is_liked| json!({"is_liked": is_liked})),
            })
        },
    )
}

fn claim(bodies: &[Value]) -> Vec<u8> {
    let messages: Vec<Value> = (1..)
        .zip(bodies)
        .map(|(msg_id, body): (i64, _)| {
            json!({
                "msg_id": msg_id, "read_ct": msg_id + 1, "failures": 0,
                "size_bytes": body.to_string().len(), "message": body,
            })
        })
        .collect();
    let policy = json!({
        "visibility_timeout_secs": 60, "batch_size": 100, "max_retries": 3,
        "backoff_base_secs": 10, "backoff_cap_secs": 3600, "max_message_bytes": 262_144,
        "delivery_concurrency": 16,
    });
    json!({"now": NOW, "policy": policy, "backlog": 0, "context": context(), "messages": messages})
        .to_string()
        .into_bytes()
}

fn decide(queue: Queue, bodies: &[Value]) -> Value {
    serde_json::from_str(&wire::decide(queue, &claim(bodies), &Environment::default()).unwrap())
        .unwrap()
}

fn ids(settlement: &Value, key: &str) -> Vec<(i64, i64)> {
    let entries = settlement[key].as_array().into_iter().flatten();
    entries
        .map(|entry| match entry.as_array() {
            Some(pair) => (pair[0].as_i64().unwrap(), pair[1].as_i64().unwrap()),
            None => (
                entry["msg_id"].as_i64().unwrap(),
                entry["read_ct"].as_i64().unwrap(),
            ),
        })
        .collect()
}

/// What a host may say about a picture, and what it must not.
fn report() -> impl Strategy<Value = Value> {
    let outcome = proptest::sample::select(vec!["done", "refused", "trapped", "storage", "other"]);
    let step = proptest::option::of(proptest::sample::select(vec![
        "download", "publish", "remove",
    ]));
    (outcome, step, any::<u16>(), any::<u32>(), any::<String>(), any_json()).prop_map(
        |(outcome, step, status, processed_before, text, picture)| {
            json!({
                "outcome": outcome, "step": step, "status": status, "processed_before": processed_before,
                "code": text, "error": text, "body": picture.to_string(), "retry_after": text, "picture": picture,
            })
        },
    )
}

proptest! {
    #[test]
    fn any_report_about_a_picture_has_one_bounded_answer(
        body in prop_oneof![any::<Vec<u8>>(), report().prop_map(|report| report.to_string().into_bytes())],
    ) {
        let now = Timestamp::parse(NOW).unwrap();
        let report = || Report::read(&Reply { status: 200, body: body.clone(), ..Reply::default() });
        let answer = report().answer(now);
        prop_assert_eq!(&report().answer(now), &answer);
        if !report().leaves_the_module_usable() {
            let is_over = matches!(answer, Answer::Rejected(_) | Answer::Transient { .. });
            prop_assert!(is_over, "{:?}", answer);
        }
        match answer {
            Answer::Accepted { message_id, .. } => prop_assert_eq!(message_id, None),
            Answer::Throttled { failure, .. } | Answer::Gone(failure) => {
                return Err(TestCaseError::fail(failure.error));
            }
            Answer::Busy { after_secs, failure } => {
                prop_assert!(after_secs.is_none_or(|secs| secs <= 21_600));
                prop_assert!(failure.error.chars().count() <= 500);
            }
            Answer::Transient { failure, .. } | Answer::Rejected(failure) | Answer::Misconfigured(failure) => {
                prop_assert!(failure.error.chars().count() <= 500);
            }
        }
    }

    #[test]
    fn settles_every_claimed_message_once_under_its_own_lease(
        queue in queue(),
        bodies in proptest::collection::vec(any_json(), 0..20),
    ) {
        let settlement = decide(queue, &bodies);
        let mut settled = ids(&settlement, "acks");
        settled.extend(ids(&settlement, "dead_letters"));
        settled.extend(ids(&settlement, "drops"));
        settled.sort_unstable();
        let claimed: Vec<(i64, i64)> = (1..=i64::try_from(bodies.len()).unwrap()).map(|id| (id, id + 1)).collect();
        prop_assert_eq!(settled, claimed);
        for dead in settlement["dead_letters"].as_array().into_iter().flatten() {
            prop_assert!(!dead["code"].as_str().unwrap().is_empty());
            prop_assert!(dead["error"].as_str().unwrap().chars().count() <= 500);
        }
    }

    #[test]
    fn accepts_or_rejects_any_bytes_as_a_claim(queue in queue(), bytes in any::<Vec<u8>>()) {
        if let Err(failure) = wire::decide(queue, &bytes, &Environment::default()) {
            prop_assert_eq!(failure.code, Code::InvalidClaim);
        }
    }

    #[test]
    fn accepts_or_rejects_any_text_as_a_message(queue in queue(), body in "\\PC*") {
        let _ = handle(queue, &body);
    }

    #[test]
    fn a_poison_message_does_not_affect_the_others(
        likes in proptest::collection::vec(like_event(), 1..6),
        poison in any_json().prop_filter("not valid", |body| {
            handle(Queue::LikeEvents, &body.to_string()).is_err()
        }),
    ) {
        let alone = decide(Queue::LikeEvents, &likes);
        let mut together = likes.clone();
        together.push(poison);
        let settlement = decide(Queue::LikeEvents, &together);
        prop_assert_eq!(&settlement["effects"], &alone["effects"]);
        prop_assert_eq!(&settlement["acks"], &alone["acks"]);
    }

    #[test]
    fn each_queue_accepts_what_another_one_sends(like in like_event()) {
        let work = handle(Queue::LikeEvents, &like.to_string()).unwrap();
        let is_own = like["post_owner_id"] == like["liker_profile_id"];
        let is_told = !like["post_owner_id"].is_null() && !is_own;
        prop_assert_eq!(work.effects.len(), 1 + usize::from(is_told));
        for effect in work.effects {
            let Effect::Send { queue, message } = effect else {
                return Err(TestCaseError::fail("a like only sends messages"));
            };
            let queue: Queue = queue.parse().unwrap();
            prop_assert!(handle(queue, message.get()).is_ok(), "{}", message);
            if queue == Queue::Notifications {
                let message: Value = serde_json::from_str(message.get()).unwrap();
                let is_withdrawn = message["withdrawn"] == true;
                prop_assert_eq!(is_withdrawn, like["event_type"] == "unlike");
            }
        }
    }

    #[test]
    fn applies_no_deferred_like_early_against_its_limit_or_out_of_order(
        likes in proptest::collection::vec(deferred_like(), 0..12),
    ) {
        let mut claim: Value = serde_json::from_slice(&claim(&[json!({"action": "like", "owner": "session:s"})])).unwrap();
        claim["context"]["likes"]["session:s"] = likes.clone().into();
        let settlement = wire::decide(Queue::DeferredActions, claim.to_string().as_bytes(), &Environment::default());
        let settlement: Value = serde_json::from_str(&settlement.unwrap()).unwrap();
        let decided = settlement["effects"]["deferred_likes"].as_array().cloned().unwrap_or_default();
        prop_assert_eq!(decided.len(), likes.len());
        let now = Timestamp::parse(NOW).unwrap();
        let time = |value: &Value| Timestamp::parse(value.as_str().unwrap()).unwrap();
        let mut latest = now;
        for (like, decided) in likes.iter().zip(&decided) {
            prop_assert_eq!(&like["id"], &decided["id"]);
            match decided["decision"].as_str().unwrap() {
                "apply" => {
                    prop_assert!(latest == now, "one before it waits");
                    prop_assert!(time(&like["apply_after"]) <= now && like["free_at"].is_null());
                    prop_assert!(like["post"]["is_liked"] == !like["is_liked"].as_bool().unwrap());
                    prop_assert!(like["is_superseded"] == false);
                }
                "wait" => {
                    let until = time(&decided["until"]);
                    prop_assert!(until > now && until >= time(&like["apply_after"]) && until >= latest);
                    latest = until;
                }
                _ => prop_assert!(
                    like["is_superseded"] == true || like["post"].is_null() || like["post"]["is_liked"] == like["is_liked"]
                ),
            }
        }
    }

    #[test]
    fn counts_every_event_once(
        events in proptest::collection::vec(("[a-c]", 0..3_u128, 0..48_u32), 0..50),
    ) {
        let bodies: Vec<Value> = events.iter().map(|(event, post, hour)| json!({
            "event": event,
            "post_id": uuid::Uuid::from_u128(*post).to_string(),
            "timestamp": format!("2026-11-2{}T{:02}:30:00Z", 1 + hour / 24, hour % 24),
        })).collect();
        let effects = &decide(Queue::Analytics, &bodies)["effects"];
        let counters = effects["analytics_daily"].as_array().cloned().unwrap_or_default();
        let total: u64 = counters.iter().map(|counter| counter["count"].as_u64().unwrap()).sum();
        prop_assert_eq!(total, events.len() as u64);
        let mut keys: Vec<String> = counters.iter().map(|c| format!("{}{}{}", c["day"], c["event_type"], c["post_id"])).collect();
        let in_order = keys.clone();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys, in_order, "each key once, in lock order");
    }

    #[test]
    fn a_score_never_exceeds_its_gain(
        events in proptest::collection::vec(("like|unlike|comment|share|post_view", proptest::option::of(0..3_u128), 0..180_u32), 0..50),
    ) {
        let bodies: Vec<Value> = events.iter().map(|(event, post, minute)| json!({
            "event": event,
            "post_id": post.map(|post| uuid::Uuid::from_u128(post).to_string()),
            "timestamp": format!("2026-11-21T{:02}:{:02}:00Z", minute / 60, minute % 60),
        })).collect();
        let effects = &decide(Queue::Analytics, &bodies)["effects"];
        let rows = effects["trending"].as_array().cloned().unwrap_or_default();
        let sum = |key: &str| rows.iter().map(|row| row[key].as_i64().unwrap()).sum::<i64>();
        let count = |name: &str| {
            let named = events.iter().filter(|(event, post, _)| event == name && post.is_some());
            i64::try_from(named.count()).unwrap()
        };
        prop_assert_eq!(sum("likes"), count("like") - count("unlike"));
        prop_assert_eq!(sum("gain") - sum("weight"), count("unlike"));
        prop_assert!(rows.iter().all(|row| row["weight"].as_i64() <= row["gain"].as_i64()));
        let mut keys: Vec<String> = rows.iter().map(|row| format!("{}{}", row["post_id"], row["hour"])).collect();
        let in_order = keys.clone();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys, in_order, "each key once, in lock order");
    }

    #[test]
    fn delays_are_between_a_second_and_the_cap(
        base in 1..=604_800_u32, growth in 0..=604_800_u32, failures in 0..200_u32, max_retries in 0..200_u32,
        seed in any::<u64>(), after_secs in proptest::option::of(0..20_000_u32),
    ) {
        let policy = Policy {
            visibility_timeout_secs: 60, batch_size: 100, max_retries,
            backoff_base_secs: base, backoff_cap_secs: base + growth, max_message_bytes: 1,
            delivery_concurrency: 1,
        };
        let failure = Failure::new(Code::ProviderUnavailable, "e");
        let outcome = match after_secs {
            None => Outcome::Transient(failure),
            Some(after_secs) => Outcome::Throttled { after_secs, failure },
        };
        match engine::decide(&policy, failures, outcome, seed) {
            Verdict::Retry { delay_secs, .. } => {
                prop_assert!(failures < policy.max_retries);
                prop_assert!(delay_secs >= 1.max(after_secs.unwrap_or(0)));
                prop_assert!(delay_secs <= policy.backoff_cap_secs.max(after_secs.unwrap_or(0)));
            }
            Verdict::Defer { .. } | Verdict::Drop(_) => return Err(TestCaseError::fail("it has failed")),
            Verdict::DeadLetter(_) => prop_assert!(failures >= policy.max_retries),
        }
    }

    #[test]
    fn classifies_any_answer_of_the_database(status in any::<u16>(), body in any::<Vec<u8>>(), header in "\\PC*") {
        let _ = retry_after_secs(&header, Timestamp::parse(NOW).unwrap());
        let reply = Reply { status, retry_after: Some(header), body, ..Reply::default() };
        prop_assert_eq!(database_error(&reply).is_none(), (200..=299).contains(&status));
    }

    #[test]
    fn reads_a_timestamp_as_it_was_written(secs in 1_262_304_000_i64..4_000_000_000, micros in 0..1_000_000_i64) {
        let at = time::OffsetDateTime::from_unix_timestamp(secs).unwrap() + time::Duration::microseconds(micros);
        let text = at.format(&time::format_description::well_known::Rfc3339).unwrap();
        let parsed = Timestamp::parse(&text).unwrap();
        prop_assert_eq!(parsed.to_string(), text);
        prop_assert_eq!(parsed.unix_secs(), secs);
    }
}
