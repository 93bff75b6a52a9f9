//! Real Redis, real HAProxy, real instances of the demos, on free ports, and visitors to them.
//!
//! - [`Stage`]: a folder for data and logs, and the promise that everything ends with it
//! - [`Stage::run`], [`Finally`]: programs that run to their end, and what takes back what they did
//! - [`Redis`], [`Balancer`], [`Instance`]: what runs on it; [`World`]: a store, its instances and their balancer
//! - [`Compose`]: the same in containers
//! - [`taken`]: who else is on a port
//! - [`Visitor`]: a client with a cookie jar; [`Observation`]: what it saw; [`Events`]: what it listens to
//! - [`Browser`]: a real browser
//!
//! What is started knows nothing of this crate: binaries are started, asked over HTTP, and sent signals.

mod balancer;
mod binaries;
mod browser;
mod compose;
mod finally;
mod ground;
mod instance;
mod interrupted;
mod parts;
mod ports;
mod process;
mod redis;
mod taken;
mod task;
mod visitor;
mod wait;
mod watchdog;
mod world;

pub use balancer::{Balancer, Server, Understood};
pub use binaries::{binary, build, root, tool};
pub use browser::Browser;
pub use compose::{Compose, Planned};
pub use finally::Finally;
pub use ground::Stage;
pub use instance::{Demo, Instance};
pub use interrupted::interrupted;
pub use parts::Events;
pub use ports::Port;
pub use redis::{Persistence, Redis};
pub use taken::{Taken, taken};
pub use visitor::{Front, Observation, Visitor};
pub use wait::until;
pub use world::{Plan, World};
