//! The exercises' runner.
//!
//! - `exercise`: a folder of `exercises/`; `progress`: what an attendee has done of it
//! - `check`: from an exercise to the verdict; `compile` builds the work (`fresh`: always), `checker` runs it, `checks` look at it
//! - `finding`: what is wrong, and what that pattern means
//! - `scratch`: a copy of the exercises, for proofs and documents
//! - `place`: what kind of place the tree lies in
//! - `tell`: how things are told; `commands`: what the command line offers
//!
//! What a check starts is real, on free ports, and ends with the check.

pub mod check;
pub mod checker;
mod checks;
pub mod commands;
mod compile;
pub mod exercise;
pub mod finding;
mod fresh;
mod place;
pub mod progress;
pub mod scratch;
pub mod tell;
