//! The project's HAProxy in front of two instances: a client does not block the others.
//!
//! - `slow_clients`: requests that never end; `streams`: too many open streams; `new_sessions`: too many new sessions
//! - `error_pages`: HAProxy's own errors
//! - `failover`: a frozen instance, and a rolling restart

mod error_pages;
mod failover;
mod new_sessions;
mod slow_clients;
mod streams;
