//! Where the servers of a scene run.

use testkit::Compose;

#[derive(Debug)]
pub enum Runtime {
    /// As processes on this machine. Each scene starts its own.
    Native,
    /// In containers, which all scenes share.
    Compose(Compose),
}
