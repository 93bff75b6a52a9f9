//! Tests of the runner: what an attendee types, what they see, and what is left when it ends.
//!
//! `transcripts/` has shell sessions, `shims/` has programs for their PATH, and the other files have what needs signals
//! or a terminal. Each test has a sandbox of its own. Most tests replace cargo by a script (`CARGO`). Those that
//! compile are ignored, because they take seconds each; `cargo test -p workshop --test runner -- --include-ignored`
//! runs them too.

mod closed_output;
mod containers;
mod endings;
mod process;
mod sandbox;
mod serve;
mod settings;
mod terminal;
mod transcripts;
mod watch;
