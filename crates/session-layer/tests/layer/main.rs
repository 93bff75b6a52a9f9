//! The promises of the layer to an application and to its visitors, with sessions in memory.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod contended;
mod cookie;
mod entries;
mod errors;
mod login;
mod support;
mod update;
