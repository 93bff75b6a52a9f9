//! The sign-in as its visitors see it: two instances behind HAProxy, and one Redis.
//!
//! - `sign_in`, `sign_out`, `in_flight`: how a session of somebody's begins and ends, whatever else is going on
//! - `timeouts`: how it ends by itself; `rotation`: how it changes its id; `mine`: my sessions; `messages`: between servers, with
//!   `stream` for its readers
//! - `migration`: visitors who bring a session in their cookie
//! - `cookie`, `cross_site`, `browser`: what browsers are told; `input`, `outage`, `logs`: what goes wrong, and who is told
//! - `asvs`: the table in ASVS.md names tests that exist; `common`: helpers

mod asvs;
mod browser;
mod common;
mod cookie;
mod cross_site;
mod in_flight;
mod input;
mod logs;
mod messages;
mod migration;
mod mine;
mod outage;
mod rotation;
mod sign_in;
mod sign_out;
mod stream;
mod timeouts;
