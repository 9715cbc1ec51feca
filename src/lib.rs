//! The decision core of Suplatzigram Queues.
//!
//! # The life of a message
//! A transaction of the app **sends** a message to a queue. A worker **claims** a batch: each message
//! is leased to it for the visibility timeout, fenced by `(msg_id, read_ct)`. What the decisions need
//! to know beyond the messages, such as people, devices and providers, comes along as the claim's
//! **context**. The core parses every body into a typed message or a reason to reject it, and decides
//! what each one causes: **effects** inside the database and **deliveries** outside of it. The worker
//! makes the deliveries, then **settles** the batch: one transaction applies the effects and
//! acknowledges, retries, defers, releases or dead-letters the messages, or does nothing at all if one
//! of the leases has passed to another worker.
//!
//! # The life of a notification
//! A notification passes through two queues. In `notifications` it gets its text and its channels, and
//! becomes a row in the app and one row of the ledger for each device and address. In `deliveries` each
//! of these rows is one request to one provider. A circuit breaker keeps workers from calling a provider
//! that fails; messages that wait for it have not failed.
//!
//! # The calling contract
//! **One claim, one decision, one settlement.** A claim's messages are decided together and settled
//! under its leases. Whatever the worker does in between, only the settlement counts.
//!
//! # Promises
//! - A message is in its queue, in its archive or in its dead-letter queue. Never nowhere.
//! - Effects happen exactly once, deliveries at least once under the same idempotency key. A delivery
//!   whose success is recorded is not repeated. One is repeated only if it failed or if its fate is
//!   unknown; a provider that ignores the key may then deliver twice.
//! - A message that is rejected, fails or kills its worker does not affect its neighbours.
//! - A run ends by itself before its limits and gives back what it has not finished.
//!
//! # No clock, no randomness, no I/O
//! The time comes from the database's claim, jitter from a seed, and everything that waits is behind
//! [`engine::Host`]. No panics: expected failure is data.
//!
//! # Rooms
//! Dependencies go one way, and `tests/architecture.rs` checks it: `wasm → wire → {engine, queues}`,
//! `queues → {notify → work, moderation} → base` and `engine → work → base`. The engine knows no queue and
//! no provider.
//! - [`base`]: failures, HTTP replies, text, time and JSON.
//! - [`work`]: what a message causes, and what the engine asks of a queue and of a delivery.
//! - [`engine`]: claim, policy, batch, settlement, retry, budget and the drain loop.
//! - [`notify`]: channels, providers, circuit breakers, the ledger, i18n and email.
//! - [`moderation`]: what a comment says, and whether others may see it.
//! - [`queues`]: one folder for each queue, with its message and its handler.
//! - [`wire`]: the JSON that SQL and the workers' callers read and write.

#![cfg_attr(
    not(feature = "default"),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        reason = "a package has no use for what only other queues need; the build of all of them finds the rest"
    )
)]

pub mod base;
pub mod engine;
pub mod moderation;
pub mod notify;
pub mod queues;
pub mod wire;
pub mod work;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
