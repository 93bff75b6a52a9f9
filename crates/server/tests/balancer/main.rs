//! The project's HAProxy in front of two instances: a client does not block the others.
//!
//! - `slow_clients`: requests that never end; `streams`: too many open streams; `new_sessions`: too many new sessions
//! - `failover`: a frozen instance, and a rolling restart; `public`: what it hides from visitors elsewhere

mod failover;
mod new_sessions;
mod public;
mod slow_clients;
mod streams;
