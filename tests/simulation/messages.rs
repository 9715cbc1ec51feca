//! The messages of a simulation: the real queue `analytics`, with deliveries that the bodies request.

use std::{cell::Cell, collections::BTreeSet, rc::Rc};

use serde_json::value::RawValue;
use suplatzigram_queues::{
    base::{Code, Failure, Timestamp},
    notify::{
        BreakerPolicy, BreakerState, Breakers, Environment,
        providers::{EmailProvider, Provider, PushProvider},
    },
    queues::{self, Queue},
    work::{Answer, Consumer, Delivery, Effect, Handler, Needed, Permit, Reject, Verdict, Work},
};
use uuid::Uuid;

pub(crate) const FCM: Provider = Provider::Push(PushProvider::Fcm);
pub(crate) const RESEND: Provider = Provider::Email(EmailProvider::Resend);

/// The kind of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Healthy {
        deliveries: u64,
    },
    /// One of its deliveries is rejected.
    Unwanted,
    /// One of its deliveries goes to a device that is gone, which is not a failure.
    Gone,
    Poison,
    /// The database refuses its effects.
    Refused,
    /// What its effects need is deleted after the claim.
    Vanished,
    /// The claim hook fails for it.
    WithoutContext,
    Killer,
}

/// As Postgres writes `jsonb`, so that it has the same size there.
pub(crate) fn body(id: i64, kind: Kind) -> String {
    let valid = |deliveries: &str| {
        format!(
            r#"{{"event": "like", "new_count": {id}, "timestamp": "2026-11-23T11:00:00Z", "deliveries": "{deliveries}", "session_id": "{id}"}}"#
        )
    };
    match kind {
        Kind::Healthy { deliveries } => valid(&"+".repeat(deliveries as usize)),
        Kind::Unwanted => valid("+x"),
        Kind::Gone => valid("+g+"),
        Kind::Killer | Kind::Refused | Kind::WithoutContext => valid(""),
        Kind::Vanished => valid("+"),
        Kind::Poison => match id % 3 {
            0 => "null".to_owned(),
            1 => r#"{"event": 7}"#.to_owned(),
            _ => format!(r#"{{"event": "{}"}}"#, "x".repeat(20_000)),
        },
    }
}

pub(crate) fn id_of(body: &str) -> i64 {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["session_id"].as_str().unwrap().parse().unwrap()
}

/// What the effects of a message need.
pub(crate) fn needed(id: i64) -> Needed {
    Needed {
        id: Uuid::from_u128(id.unsigned_abs().into()),
        code: Code::RecipientGone,
        error: "deleted",
    }
}

/// A delivery of a message.
#[derive(Clone)]
pub(crate) struct SimulatedDelivery {
    pub(crate) provider: Provider,
    pub(crate) key: String,
    pub(crate) fate: Fate,
}

/// The outcome of a delivery without faults.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted,
    Rejected,
    Gone,
}

impl Delivery for SimulatedDelivery {
    fn key(&self) -> &str {
        &self.key
    }

    fn answered(&self, _: &Answer, _: Option<&Verdict>) -> Vec<Effect> {
        Vec::new()
    }

    fn put_off(&self, _: &Failure) -> Vec<Effect> {
        Vec::new()
    }
}

/// The queue as one worker sees it.
pub(crate) struct SimulatedQueue {
    queue: Queue,
    real: queues::Consumer<'static>,
    killers: BTreeSet<i64>,
    is_doomed: Rc<Cell<bool>>,
}

impl SimulatedQueue {
    /// Sets `is_doomed` when the worker handles one of the `killers`.
    pub(crate) fn new(queue: Queue, killers: BTreeSet<i64>, is_doomed: Rc<Cell<bool>>) -> Self {
        static ENVIRONMENT: std::sync::LazyLock<Environment> =
            std::sync::LazyLock::new(Environment::default);
        Self {
            queue,
            real: queue.consumer(&ENVIRONMENT),
            killers,
            is_doomed,
        }
    }
}

impl Consumer for SimulatedQueue {
    type Delivery = SimulatedDelivery;

    fn queue(&self) -> &str {
        self.real.queue()
    }

    fn open<'a>(
        &'a self,
        now: Timestamp,
        context: Option<&RawValue>,
    ) -> Result<Box<dyn Handler<SimulatedDelivery> + 'a>, Failure> {
        const POLICY: BreakerPolicy = BreakerPolicy {
            failures: 5,
            base_secs: 30,
            cap_secs: 900,
        };
        Ok(Box::new(SimulatedClaim {
            queue: self,
            real: self.real.open(now, context)?,
            breakers: Breakers::new(POLICY, &context.map(breaker_states).unwrap_or_default()),
        }))
    }

    fn run_effects(&self) -> Vec<Effect> {
        self.real.run_effects()
    }
}

/// One claim: the real decisions, with the deliveries that the bodies request.
struct SimulatedClaim<'a> {
    queue: &'a SimulatedQueue,
    real: Box<dyn Handler<queues::Delivery> + 'a>,
    breakers: Breakers,
}

impl Handler<SimulatedDelivery> for SimulatedClaim<'_> {
    fn handle(&self, body: &str) -> Result<Work<SimulatedDelivery>, Reject> {
        let Work {
            effects, verdict, ..
        } = self.real.handle(body)?;
        if self.queue.queue != Queue::Analytics {
            return Ok(Work {
                effects,
                deliveries: Vec::new(),
                verdict,
            });
        }
        if self.queue.killers.contains(&id_of(body)) {
            self.queue.is_doomed.set(true);
        }
        let needed = needed(id_of(body));
        let effects = effects.into_iter().map(|effect| match effect {
            Effect::Row { effect, row, .. } => Effect::Row {
                effect,
                row,
                needs: Some(needed),
            },
            effect @ (Effect::Send { .. } | Effect::Sum(_)) => effect,
        });
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let id = body["session_id"].as_str().unwrap();
        let marks = body["deliveries"].as_str().unwrap().chars().enumerate();
        let deliveries = marks.map(|(index, mark)| SimulatedDelivery {
            provider: [FCM, RESEND][index % 2],
            key: format!("{id}:{index}"),
            fate: match mark {
                'x' => Fate::Rejected,
                'g' => Fate::Gone,
                _ => Fate::Accepted,
            },
        });
        Ok(Work {
            effects: effects.collect(),
            deliveries: deliveries.collect(),
            verdict,
        })
    }

    fn permit(&mut self, delivery: &SimulatedDelivery) -> Permit {
        self.breakers.permit(delivery.provider, "")
    }

    fn note(&mut self, delivery: &SimulatedDelivery, answer: &Answer) -> Option<u32> {
        self.breakers.note(delivery.provider, "", answer)
    }

    fn effects(&self) -> Vec<Effect> {
        self.breakers.effects()
    }

    fn reads_its_settlement(&self) -> bool {
        self.real.reads_its_settlement()
    }
}

fn breaker_states(context: &RawValue) -> Vec<BreakerState> {
    let context: serde_json::Value = serde_json::from_str(context.get()).unwrap();
    let number = |value: &serde_json::Value| value.as_u64().map(|number| number as u32);
    let states = context["breakers"].as_array().unwrap().iter();
    states
        .map(|state| BreakerState {
            provider: state["provider"].as_str().unwrap().parse().unwrap(),
            service: String::new(),
            version: state["version"].as_i64().unwrap(),
            failures: number(&state["failures"]).unwrap(),
            trips: number(&state["trips"]).unwrap(),
            open_secs: number(&state["open_secs"]),
            may_probe: state["may_probe"].as_bool().unwrap(),
            reason: None,
        })
        .collect()
}
