//! JSON in and out, by plain functions: one that is generic over reader, writer and type would be
//! compiled anew for each, and the core is downloaded with every cold start.

mod read;

pub(crate) use read::{FromJson, Object, Problem, kind, text};
