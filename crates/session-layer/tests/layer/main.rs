//! The promises of the layer to an application and to its visitors. `moving` has its sessions in Redis.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod contended;
mod cookie;
mod entries;
mod errors;
mod login;
mod moving;
mod support;
mod update;
