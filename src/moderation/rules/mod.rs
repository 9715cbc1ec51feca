//! Rules about the form of a comment, each in a file: text in, reasons out.

mod contact;
mod groups;
mod links;
mod masked;
mod mentions;
mod phrases;
mod repetition;
mod shouting;

pub(super) use contact::contact;
pub(super) use groups::groups;
pub(super) use links::{links, without_links};
pub(super) use masked::masked;
pub(super) use mentions::mentions;
pub(super) use phrases::phrases;
pub(super) use repetition::repetition;
pub(super) use shouting::shouting;
