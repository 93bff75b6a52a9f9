//! The runner of the workshop's exercises.
//!
//! - `exercise`: one folder of `exercises/`; `progress`: what the attendee has done so far; `tree`: both
//! - `check`: checks an exercise. `compile` builds the attendee's work, `checker` runs it, and `checks` has one check
//!   for each exercise
//! - `changed`: finds changes to what the exercises depend on
//! - `finding`: what is wrong with the work, and what that means
//! - `commands`: the commands; `output`: prints the result of a check; `wrap`: wraps text for a terminal
//! - `settings`: the environment variables that change the demos
//! - `marks`: the marks around the lines that the attendee edits
//! - `force_rebuild`: makes cargo notice a changed source
//! - `step`: a step of workshop.md
//! - `scratch_tree`: copies the exercises for tests
//!
//! A check starts real servers on free ports, and ends them when it is done.
#![allow(missing_docs, reason = "a name that says it all needs no comment")]

mod changed;
mod check;
mod checker;
mod checks;
pub mod commands;
mod compile;
pub mod exercise;
mod finding;
mod force_rebuild;
pub mod marks;
mod output;
mod progress;
pub mod scratch_tree;
pub mod settings;
pub mod step;
mod tree;
pub mod wrap;
