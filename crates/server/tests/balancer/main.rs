//! The project's HAProxy in front of two instances.
//!
//! - `names`: what HAProxy calls them; `statistics`: its page of them
//! - `slow_clients`: requests that never end; `streams`: too many open streams; `new_sessions`: too many new sessions
//! - `error_pages`: HAProxy's own errors; `public`: what it hides from visitors elsewhere
//! - `failover`: a frozen instance, and a rolling restart

mod error_pages;
mod failover;
mod names;
mod new_sessions;
mod public;
mod slow_clients;
mod statistics;
mod streams;
