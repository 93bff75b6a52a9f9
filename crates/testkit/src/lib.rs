//! Real Redis, real HAProxy, real instances of the demos, on free ports, and visitors to them.
//!
//! - [`TestEnv`]: a folder for data and logs, and the promise that everything ends with it
//! - [`TestEnv::run`], [`Cleanup`]: programs that run to their end, and what takes back what they did
//! - [`Redis`], [`Balancer`], [`Instance`]: what runs on it; [`Deployment`]: a store, its instances and their balancer
//! - [`Compose`]: the same in containers
//! - [`taken`]: who else is on a port
//! - [`FaultProxy`]: a proxy in front of Redis, for connections that fail in unusual ways
//! - [`Visitor`]: a client with a cookie jar; [`Response`]: what it saw; [`Events`]: what it listens to
//! - [`Browser`]: a real browser
//!
//! What is started knows nothing of this crate: binaries are started, asked over HTTP, and sent signals.

mod balancer;
mod binaries;
mod browser;
mod cleanup;
mod compose;
mod deployment;
mod env;
mod exec;
mod fault_proxy;
mod instance;
mod port_owner;
mod ports;
mod process;
mod reaper;
mod redis;
mod shutdown_signal;
mod sse;
mod visitor;
mod wait;

pub use balancer::{Balancer, HaproxyState, Server};
pub use binaries::{binary, build, root, tool};
pub use browser::Browser;
pub use cleanup::Cleanup;
pub use compose::{Compose, Planned};
pub use deployment::{Deployment, Topology};
pub use env::TestEnv;
pub use fault_proxy::{FaultProxy, HeldCommand};
pub use instance::{Demo, Instance};
pub use port_owner::{PortOwner, port_owner};
pub use ports::Port;
pub use redis::{Persistence, Redis};
pub use shutdown_signal::shutdown_signal;
pub use sse::Events;
pub use visitor::{Endpoint, Response, Visitor};
pub use wait::wait_until;
