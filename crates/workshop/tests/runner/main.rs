//! The runner as a user meets it: what is typed, what is told, what is left behind.
//!
//! Each test works at a `desk` of its own. Those that compile with the real cargo are ignored, because each takes some
//! seconds: `cargo test --workspace --test runner -- --include-ignored` runs them too. The others put a script in cargo's
//! place (`CARGO`).

mod bad_work;
mod commands;
mod desk;
mod doctor;
mod endings;
mod reset;
mod running;
mod terminal;
mod watch;
