//! The decision core of Suplatzigram Queues.
//!
//! # The life of a message
//! A transaction of the app **sends** a message to a queue. A worker **claims** a batch: for the
//! visibility timeout each message is leased to it, fenced by `(msg_id, read_ct)`; what else there is
//! to know, of people, devices and providers, comes along as the claim's **context**. This core parses
//! every body into a typed message or a reason why it is none, and decides what each causes:
//! **effects** inside the database and **deliveries** outside of it. The worker makes the
//! deliveries, then **settles** the batch: one transaction applies the effects and acknowledges,
//! retries, puts off, releases or dead-letters the messages, or does nothing at all if one of the
//! leases has passed on to another worker.
//!
//! # The life of a notification
//! It passes through two queues. In `notifications` it gets its words and its channels, and becomes a
//! row in the app and one row of the ledger per device and address. In `deliveries` each of these
//! is one request to one provider, whose answer [`providers::classify`] reads. A provider that fails is left
//! alone by its [`breaker`] for a while; what waits for it has not failed.
//!
//! # The calling contract
//! **One claim, one decision, one settlement.** A claim's messages are decided upon together and
//! settled under its leases; whatever the worker does in between, only the settlement counts.
//!
//! # What holds
//! - A message is in its queue, in its archive or in its dead-letter queue. Never nowhere.
//! - Effects happen exactly once, deliveries at least once under the same idempotency key; a
//!   delivery whose success is recorded is not repeated. One is tried again only if it failed, or if
//!   nobody knows whether it was made: then it may repeat, where the provider ignores the key.
//! - A message that is refused, fails or kills its worker does not take its neighbours along.
//! - A run ends by itself before its limits and gives back what it has not finished.
//!
//! # What never happens here
//! No clock, no randomness, no I/O: the time comes from the database's claim, jitter from a seed,
//! and everything that waits is behind [`drain::Host`]. No panic: expected failure is data.

pub mod batch;
pub mod breaker;
pub mod budget;
pub mod channels;
pub mod context;
pub mod drain;
pub mod email;
pub mod environment;
pub mod handlers;
mod json;
pub mod language;
pub mod message;
pub mod metrics;
pub mod outcome;
pub mod policy;
pub mod providers;
pub mod retry;
pub mod settlement;
pub mod timestamp;
pub mod wire;
pub mod words;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
