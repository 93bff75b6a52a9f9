//! The runner of the workshop's exercises.
//!
//! - `exercise`: one folder of `exercises/`; `info`: its `exercise.toml`; `progress`: what the
//!   attendee has done so far
//! - `check`: checks an exercise. `compile` builds the attendee's work, `checker` runs it, and
//!   `checks` has one check for each exercise
//! - `finding`: what is wrong with the work, and what that means
//! - `commands`: one file for each command; `output`: prints the result of a check; `wrap`: wraps
//!   text for a terminal
//! - `settings`: the environment variables that change the demos
//! - `force_rebuild`: makes cargo notice a changed source; `wsl`: recognizes folders of Windows
//! - `scratch_tree`: copies the exercises for tests
//!
//! A check starts real servers on free ports, and ends them when it is done.

pub mod check;
pub mod checker;
mod checks;
pub mod commands;
mod compile;
pub mod exercise;
pub mod finding;
mod force_rebuild;
mod info;
pub mod output;
pub mod progress;
pub mod scratch_tree;
pub mod settings;
pub mod wrap;
mod wsl;
