//! Drains queues: claim, decide, deliver, settle. Knows no queue and no provider; it asks a
//! [`Consumer`](crate::work::Consumer).

pub mod batch;
mod budget;
mod claim;
mod database;
mod drain;
mod policy;
mod retry;
mod settlement;

pub use budget::{Budget, Grant, Limits, StopReason};
pub use claim::{Ask, Claim, ClaimedMessage, Lease};
pub use database::{DatabaseError, database_error, sqlstate_error};
pub use drain::{Host, Summary, Used, drain};
pub use policy::{DATABASE_TIMEOUT_SECS, HEARTBEAT_SECS, Policy};
pub use retry::{Outcome, decide, defer, seed};
pub use settlement::{DeadLetter, Delayed, Dropped, Settled, Settlement};
