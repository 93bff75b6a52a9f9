//! The workshop's story: where should the session live?
//!
//! A scene runs real servers, checks what a visitor sees, and says what that proves. Each scene is written once. The
//! terminal shows it (`scripts/demo.sh`), `cargo test` asserts it, and `--json` reports it.
//!
//! - `scenes`: all scenes, by [`Act`]; start here to add one
//! - [`Scene`]: a scene from its start to its report; [`Story`]: several scenes and their summary
//! - `stage`: scenes run side by side, and are narrated in order
//! - [`Pace`]: the wait before each step, for an audience
//! - `narrator`, `visitor`, `expect`: how a scene acts, sends requests, and checks the responses
//! - `step`, `picture`: what a scene records, and the picture that is drawn from it
//! - `html`: the report as a page
//! - [`pictures`]: the pictures in the documents
//! - `crowd`: many visitors who click at the same time, as load for what a scene does
//! - [`Matrix`]: the result, in one table
//! - [`playground`]: the servers that keep running after the story
//! - `bin/storm`: a program of its own, which lets random faults strike while visitors click
#![allow(missing_docs, reason = "a name that says it all needs no comment")]

mod act;
mod crowd;
mod expect;
mod html;
mod matrix;
mod narrator;
mod pace;
mod picture;
pub mod pictures;
pub mod playground;
mod runtime;
mod scene;
mod scenes;
mod stage;
mod step;
mod story;
mod visitor;

pub use act::Act;
pub use matrix::Matrix;
pub use pace::{Keyboard, Pace};
pub use runtime::Runtime;
pub use scene::{LeftOut, Report, Scene};
pub use step::{Kind, Step};
pub use story::{Numbered, Story, select};
