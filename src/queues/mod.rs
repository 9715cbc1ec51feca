//! The queues. Each has a folder with its message (parse, don't validate) and its handler, a pure function
//! from a message to what it causes.

use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::value::RawValue;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    base::{Code, Failure, Timestamp, Variables, json},
    notify::{Breakers, Environment},
    work::{self, Answer, Effect, Permit, Reject, Work},
};

mod analytics;
mod comment_moderation;
mod comment_opinions;
mod deferred_actions;
mod deliveries;
mod delivery;
mod image_processing;
mod like_events;
mod notifications;

/// Longest session id, in characters. `toggle_post_like` has the same limit (`tests/limits.rs`).
const MAX_SESSION_ID_CHARS: usize = 128;
/// Characters of a caption that a notification keeps.
const CAPTION_EXCERPT_CHARS: usize = 140;

/// Lists the queues: `Name => folder in package`. A queue has the name of its folder in the database too.
/// Each package is a feature of the crate, and a build has the handlers of its packages.
macro_rules! queues {
    ($($queue:ident => $folder:ident in $package:literal,)*) => {
        /// The queues with a handler in this build.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
        #[strum(serialize_all = "snake_case")]
        pub enum Queue {
            $(
                #[cfg(feature = $package)]
                #[doc = concat!("`", stringify!($folder), "`.")]
                $queue,
            )*
        }

        impl Queue {
            fn open<'a>(
                self,
                environment: &'a Environment,
                now: Timestamp,
                context: Option<&RawValue>,
            ) -> Result<Box<dyn work::Handler<Delivery> + 'a>, Failure> {
                Ok(match self {
                    $(
                        #[cfg(feature = $package)]
                        Self::$queue => {
                            Box::new(Claim::<$folder::$queue>::open(environment, now, context)?)
                        }
                    )*
                })
            }

            fn needs_providers(self) -> bool {
                match self {
                    $(
                        #[cfg(feature = $package)]
                        Self::$queue => <$folder::$queue>::NEEDS_PROVIDERS,
                    )*
                }
            }
        }

        #[cfg(test)]
        const FOLDERS: &[&str] = &[$(stringify!($folder)),*];

        $(impl Named for $folder::$queue {
            const NAME: &'static str = stringify!($folder);
        })*
    };
}

queues! {
    LikeEvents => like_events in "core",
    Analytics => analytics in "core",
    Notifications => notifications in "core",
    Deliveries => deliveries in "deliveries",
    CommentModeration => comment_moderation in "comments",
    DeferredActions => deferred_actions in "core",
    CommentOpinions => comment_opinions in "deliveries",
    ImageProcessing => image_processing in "uploads",
}

pub use comment_opinions::OpinionCall;
pub use delivery::Delivery;
pub use image_processing::{Job, Report};

/// The name of a definition.
trait Named {
    /// The name of its queue in the database.
    const NAME: &'static str;
}

/// What each queue has to define. Nothing has a default, so that the compiler asks each queue.
trait Definition: Named {
    /// A message of the queue; every value is a valid one.
    type Message;
    /// What the claim hook adds to the messages.
    type Context: DeserializeOwned;
    /// The deliveries of a message; [`work::NoDelivery`] if its work stays in the database.
    type Delivery;
    /// Whether the context of a claim depends on the settlement before it.
    const READS_ITS_SETTLEMENT: bool;
    /// Whether its work depends on the providers, so that its runs report what is wrong with the environment.
    const NEEDS_PROVIDERS: bool;

    /// Parses a body; `now` bounds its timestamp.
    ///
    /// # Errors
    /// A [`Reject`] that names the first field at fault.
    fn parse(body: &str, now: Timestamp) -> Result<Self::Message, Reject>;

    /// Decides what a message causes.
    fn handle(message: Self::Message, input: &Input<'_, Self::Context>) -> Work<Self::Delivery>;

    /// The circuit breakers of the providers that its deliveries need.
    fn breakers(context: &Self::Context) -> Breakers;
}

/// What a decision depends on besides its message.
#[derive(Debug)]
struct Input<'a, C> {
    /// The database's clock.
    now: Timestamp,
    /// What the claim adds to its messages.
    context: &'a C,
    /// The worker's environment.
    environment: &'a Environment,
}

/// The context of a queue that needs none.
type NoContext = IgnoredAny;

impl Queue {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The environment of a run, as far as its work depends on it: the compiler leaves out the rest.
    #[must_use]
    pub fn environment(self, variables: &dyn Variables) -> Environment {
        match self.needs_providers() {
            true => Environment::read(variables),
            false => Environment::default(),
        }
    }

    /// The queue as the engine drains it.
    #[must_use]
    pub fn consumer(self, environment: &Environment) -> Consumer<'_> {
        Consumer {
            queue: self,
            environment,
        }
    }
}

/// The effect that sends a message to a queue.
fn send<D: Definition<Message: Serialize>>(message: &D::Message) -> Effect {
    Effect::Send {
        queue: D::NAME,
        message: json::raw(message),
    }
}

/// A queue in the environment of one worker.
#[derive(Debug, Clone, Copy)]
pub struct Consumer<'e> {
    queue: Queue,
    environment: &'e Environment,
}

impl work::Consumer for Consumer<'_> {
    type Delivery = Delivery;

    fn queue(&self) -> &str {
        self.queue.name()
    }

    fn open<'a>(
        &'a self,
        now: Timestamp,
        context: Option<&RawValue>,
    ) -> Result<Box<dyn work::Handler<Delivery> + 'a>, Failure> {
        self.queue.open(self.environment, now, context)
    }

    fn run_effects(&self) -> Vec<Effect> {
        match self.queue.needs_providers() {
            true => vec![Effect::from(&self.environment.configuration)],
            false => Vec::new(),
        }
    }
}

/// One claim of a queue.
struct Claim<'e, D: Definition> {
    now: Timestamp,
    context: D::Context,
    environment: &'e Environment,
    breakers: Breakers,
}

impl<'e, D: Definition> Claim<'e, D> {
    fn open(
        environment: &'e Environment,
        now: Timestamp,
        context: Option<&RawValue>,
    ) -> Result<Self, Failure> {
        let context = context.map_or("null", RawValue::get);
        let context = json::read(Code::InvalidClaim, context.as_bytes())?;
        Ok(Self {
            now,
            breakers: D::breakers(&context),
            context,
            environment,
        })
    }
}

impl<D: Definition<Delivery: Into<Delivery>>> work::Handler<Delivery> for Claim<'_, D> {
    fn handle(&self, body: &str) -> Result<Work<Delivery>, Reject> {
        let message = D::parse(body, self.now)?;
        let input = Input {
            now: self.now,
            context: &self.context,
            environment: self.environment,
        };
        Ok(D::handle(message, &input).into_deliveries())
    }

    fn permit(&mut self, delivery: &Delivery) -> Permit {
        match delivery.provider() {
            Some((provider, service)) => self.breakers.permit(provider, service),
            None => Permit::Go,
        }
    }

    fn note(&mut self, delivery: &Delivery, answer: &Answer) -> Option<u32> {
        let (provider, service) = delivery.provider()?;
        self.breakers.note(provider, service, answer)
    }

    fn effects(&self) -> Vec<Effect> {
        self.breakers.effects()
    }

    fn reads_its_settlement(&self) -> bool {
        D::READS_ITS_SETTLEMENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_queue_has_the_name_of_its_folder() {
        let names: Vec<&str> = Queue::VARIANTS.iter().map(|queue| queue.name()).collect();
        assert_eq!(names, FOLDERS);
        for queue in Queue::VARIANTS {
            assert_eq!(queue.name().parse(), Ok(*queue));
        }
    }
}
