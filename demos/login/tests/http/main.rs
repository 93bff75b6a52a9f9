//! HTTP tests of the login: two instances behind HAProxy, and one Redis.
//!
//! - `login`, `logout`, `rotation`, `sessions`, `messages`: what each route does
//! - `cookie`, `cross_site`, `pages`: what a browser gets, and what other sites cannot do
//! - `input`, `outage`, `slow_redis`, `logs`: bad requests, a missing or slow store, and the log
//! - `limits`: how much one client can use; `many_streams`: a user who uses as much as possible
//! - `budget`: the Redis commands that each request costs
//! - `asvs`: checks that the table in ASVS.md names existing tests; `common`: helpers
//!
//! The tests of session-stores cover the guarantees of a store. The scenes in `crates/story` test what a
//! request in flight, a timeout and an import of old cookies mean on two instances.

mod asvs;
mod budget;
mod common;
mod cookie;
mod cross_site;
mod input;
mod limits;
mod limits_table;
mod login;
mod logout;
mod logs;
mod many_streams;
mod messages;
mod outage;
mod pages;
mod rotation;
mod sessions;
mod slow_redis;
