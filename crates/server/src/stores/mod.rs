//! The session stores with their command lines.
//!
//! Each module has the store's `NAME` in pages and logs, an `ABOUT` for the first line of `--help`, and `Options` whose
//! `open` creates the store. So a program names its store in one line: `use server::stores::redis as store;`.

pub mod cookie;
pub mod file;
pub mod memory;
pub mod redis;
