//! What [`session_stores::FileStore`] promises beyond the contract: about its directory, its sweeping, and a server that is
//! killed while it writes.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

/// The cases, by subject.
mod file {
    mod directory;
    mod killed;
    mod sweep;
}
