//! Notifications outside of the database: channels, providers, circuit breakers, the ledger of
//! deliveries, i18n and email.

mod breaker;
pub mod channels;
pub(crate) mod clean;
mod configuration;
mod delivery;
pub mod email;
mod environment;
mod graphemes;
pub mod i18n;
mod kind;
mod ledger;
pub mod providers;
mod quiet_hours;

pub use breaker::{BreakerChange, BreakerPolicy, BreakerState, Breakers};
pub use configuration::Configuration;
pub use delivery::Delivery;
pub use environment::Environment;
pub use kind::{Decision, NotificationType};
pub use ledger::{DeliveryStatus, GoneDevice, LedgerEntry, Reason, Skip};
pub use quiet_hours::{QuietHours, TimeOfDay};
