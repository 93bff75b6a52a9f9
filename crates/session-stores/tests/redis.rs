//! The promises of [`session_stores::RedisStore`] beyond the contract: its keys in Redis, the number of its commands,
//! and its behaviour when Redis fails.
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
    mod rotation;
    mod support;
    mod users;
    mod writes;
}
