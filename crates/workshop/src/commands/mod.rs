//! The commands of the command line.

mod check;
mod doctor;
mod help;
mod input;
mod overview;
mod predict;
mod report;
mod reset;
mod serve;
mod watch;

pub use crate::tree::Workshop;
pub use check::check;
pub use doctor::doctor;
pub use help::{hint, solution};
pub use overview::{list, status, task};
pub use predict::predict;
pub use report::report;
pub use reset::reset;
pub use serve::{REDIS_PORT, serve};
pub use watch::watch;
