//! The foundation of every other room.

mod failure;
mod http;
pub(crate) mod json;
pub(crate) mod object;
mod text;
mod time;
mod url;
mod variables;

pub use failure::{Code, Failure, MAX_ERROR_CHARS};
pub use http::{MAX_RETRY_AFTER_SECS, Reply, Stage, retry_after_secs};
pub(crate) use text::excerpt;
pub use time::Timestamp;
pub(crate) use url::{host_of, is_web_address};
pub use variables::Variables;
