//! What [`session_stores::RedisStore`] promises beyond the contract: what it writes into Redis, how many commands it sends,
//! and what happens when Redis fails.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

/// The cases, by subject.
mod redis {
    mod at_rest;
    mod budget;
    mod connect;
    mod connections;
    mod import;
    mod outages;
    mod renewal;
    mod rotation;
    mod slots;
    mod support;
    mod users;
}
