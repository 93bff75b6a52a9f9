//! What [`session_stores::RedisStore`] promises beyond the contract: what lies in Redis, what it costs, and what happens
//! while Redis is not there, or not as it should be.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

/// The cases, by subject.
mod redis {
    mod at_rest;
    mod budget;
    mod connect;
    mod connections;
    mod migration;
    mod outages;
    mod proxy;
    mod renewal;
    mod rotation;
    mod slots;
    mod support;
    mod users;
    mod users_in_flight;
}
