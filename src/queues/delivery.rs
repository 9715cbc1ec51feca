//! The deliveries of a build's queues.

#[cfg(not(feature = "deliveries"))]
pub use none::Delivery;
#[cfg(feature = "deliveries")]
pub use some::Delivery;

#[cfg(feature = "deliveries")]
mod some {
    use crate::{
        base::Failure,
        notify::{
            self,
            providers::{Provider, Request},
        },
        queues::comment_opinions::OpinionCall,
        work::{self, Answer, Effect, NoDelivery, Verdict},
    };

    /// One request to a provider.
    #[derive(Debug, Clone)]
    pub enum Delivery {
        /// Sends a notification.
        Notification(notify::Delivery),
        /// Asks for an opinion about a comment.
        Opinion(OpinionCall),
    }

    impl Delivery {
        /// The provider that is asked.
        #[must_use]
        pub fn provider(&self) -> Provider {
            match self {
                Self::Notification(delivery) => delivery.provider(),
                Self::Opinion(call) => call.provider(),
            }
        }

        /// The push service of a browser; empty for other providers.
        #[must_use]
        pub fn service(&self) -> &str {
            match self {
                Self::Notification(delivery) => &delivery.service,
                Self::Opinion(_) => "",
            }
        }

        /// The content of the request.
        #[must_use]
        pub fn request(&self) -> &Request {
            match self {
                Self::Notification(delivery) => &delivery.request,
                Self::Opinion(call) => &call.request,
            }
        }
    }

    impl work::Delivery for Delivery {
        fn key(&self) -> &str {
            &self.request().key
        }

        fn answered(&self, answer: &Answer, verdict: Option<&Verdict>) -> Vec<Effect> {
            match self {
                Self::Notification(delivery) => delivery.answered(answer, verdict),
                Self::Opinion(call) => call.answered(answer, verdict),
            }
        }

        fn put_off(&self, why: &Failure) -> Vec<Effect> {
            match self {
                Self::Notification(delivery) => delivery.put_off(why),
                Self::Opinion(call) => call.put_off(why),
            }
        }
    }

    impl From<notify::Delivery> for Delivery {
        fn from(delivery: notify::Delivery) -> Self {
            Self::Notification(delivery)
        }
    }

    impl From<OpinionCall> for Delivery {
        fn from(call: OpinionCall) -> Self {
            Self::Opinion(call)
        }
    }

    impl From<NoDelivery> for Delivery {
        fn from(none: NoDelivery) -> Self {
            match none {}
        }
    }
}

/// Lets the code that makes deliveries compile in a build without any. The compiler then leaves it out.
#[cfg(not(feature = "deliveries"))]
mod none {
    use crate::{
        notify::providers::{Provider, Request},
        work::NoDelivery,
    };

    /// None, so that the compiler leaves out providers and emails.
    pub type Delivery = NoDelivery;

    impl NoDelivery {
        /// There is none.
        #[must_use]
        pub fn provider(&self) -> Provider {
            match *self {}
        }

        /// There is none.
        #[must_use]
        pub fn service(&self) -> &str {
            match *self {}
        }

        /// There is none.
        #[must_use]
        pub fn request(&self) -> &Request {
            match *self {}
        }
    }
}
