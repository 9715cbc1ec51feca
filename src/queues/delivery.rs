//! The deliveries of this build's queues.

#[cfg(feature = "deliveries")]
use super::OpinionCall;
#[cfg(feature = "uploads")]
use crate::queues::Job;
use crate::{
    base::Failure,
    notify::{self, providers::Provider},
    work::{self, Answer, Effect, NoDelivery, Verdict},
};

/// What leaves the database. In a package of queues without deliveries it has no values, so that the compiler leaves out
/// providers and emails.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// Sends a notification.
    #[cfg(feature = "deliveries")]
    Notification(Box<notify::Delivery>),
    /// Asks for an opinion about a comment.
    #[cfg(feature = "deliveries")]
    Opinion(Box<OpinionCall>),
    /// Works with pictures in Storage.
    #[cfg(feature = "uploads")]
    Image(Box<Job>),
}

impl Delivery {
    /// The provider whose circuit breaker it needs, and the push service of a browser.
    #[must_use]
    pub fn provider(&self) -> Option<(Provider, &str)> {
        match *self {
            #[cfg(feature = "deliveries")]
            Self::Notification(ref delivery) => Some((delivery.provider(), &delivery.service)),
            #[cfg(feature = "deliveries")]
            Self::Opinion(ref call) => Some((call.provider(), "")),
            #[cfg(feature = "uploads")]
            Self::Image(_) => None,
        }
    }
}

impl work::Delivery for Delivery {
    fn key(&self) -> &str {
        match *self {
            #[cfg(feature = "deliveries")]
            Self::Notification(ref delivery) => delivery.key(),
            #[cfg(feature = "deliveries")]
            Self::Opinion(ref call) => &call.request.key,
            #[cfg(feature = "uploads")]
            Self::Image(ref job) => job.key(),
        }
    }

    fn answered(&self, answer: &Answer, verdict: Option<&Verdict>) -> Vec<Effect> {
        match *self {
            #[cfg(feature = "deliveries")]
            Self::Notification(ref delivery) => delivery.answered(answer, verdict),
            #[cfg(feature = "deliveries")]
            Self::Opinion(ref call) => call.answered(answer, verdict),
            #[cfg(feature = "uploads")]
            Self::Image(ref job) => job.answered(answer, verdict),
        }
    }

    fn put_off(&self, why: &Failure) -> Vec<Effect> {
        match *self {
            #[cfg(feature = "deliveries")]
            Self::Notification(ref delivery) => delivery.put_off(why),
            #[cfg(feature = "deliveries")]
            Self::Opinion(ref call) => call.put_off(why),
            #[cfg(feature = "uploads")]
            Self::Image(ref job) => job.put_off(why),
        }
    }
}

impl From<NoDelivery> for Delivery {
    fn from(none: NoDelivery) -> Self {
        match none {}
    }
}

#[cfg(feature = "deliveries")]
impl From<notify::Delivery> for Delivery {
    fn from(delivery: notify::Delivery) -> Self {
        Self::Notification(Box::new(delivery))
    }
}

#[cfg(feature = "deliveries")]
impl From<OpinionCall> for Delivery {
    fn from(call: OpinionCall) -> Self {
        Self::Opinion(Box::new(call))
    }
}

#[cfg(feature = "uploads")]
impl From<Job> for Delivery {
    fn from(job: Job) -> Self {
        Self::Image(Box::new(job))
    }
}
