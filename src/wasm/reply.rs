//! What the host answers, as the core reads it.

use wasm_bindgen::prelude::*;

use super::imports::JsReply;
use crate::{
    base::{Failure, Reply, Stage},
    engine::{self, DatabaseError},
};

/// Reads a successful answer or classifies an error.
pub(super) fn answer<T>(
    result: Result<JsValue, JsValue>,
    parse: impl FnOnce(&[u8]) -> Result<T, Failure>,
) -> Result<T, DatabaseError> {
    let reply = read(result);
    match engine::database_error(&reply) {
        Some(error) => Err(error),
        None => parse(&reply.body).map_err(|failure| DatabaseError::Misconfigured {
            status: 500,
            failure,
        }),
    }
}

pub(super) fn read(result: Result<JsValue, JsValue>) -> Reply {
    match result {
        Ok(value) => {
            let reply: JsReply = value.unchecked_into();
            Reply {
                status: reply.status(),
                retry_after: reply.retry_after(),
                rate_limit_reset: reply.rate_limit_reset(),
                message_id: reply.message_id(),
                stage: match reply.stage().as_deref() {
                    Some("secret") => Stage::Secret,
                    Some("token") => Stage::Token,
                    Some("encryption") => Stage::Encryption,
                    _ => Stage::Request,
                },
                body: reply.body().to_vec(),
            }
        }
        Err(error) => Reply {
            body: text_of(error).into_bytes(),
            ..Reply::default()
        },
    }
}

/// The text of what a host threw, although it must not throw.
fn text_of(error: JsValue) -> String {
    let error: Result<js_sys::Error, JsValue> = error.dyn_into();
    error.map_or_else(
        |other| {
            other
                .as_string()
                .unwrap_or_else(|| "the host threw".to_owned())
        },
        |error| String::from(error.message()),
    )
}
