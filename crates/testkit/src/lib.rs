//! Starts real Redis, HAProxy and demo processes on free ports for tests, and sends them requests.
//!
//! - [`TestEnv`]: a folder for data and logs; whatever was started in it ends with it
//! - [`TestEnv::run`], [`TestEnv::on_exit`]: run a command to its end, or at the end of the process
//! - [`TestEnv::start_group`]: starts a command whose children may outlive it
//! - [`Redis`], [`Balancer`], [`Instance`]: the processes; [`Deployment`]: a store, its instances and their load
//!   balancer
//! - [`Compose`]: the same in containers; [`Container`]: one of them
//! - [`serving`](fn@serving): waits until HAProxy uses the instances
//! - [`port_owner`](fn@port_owner): finds the process that uses a port; [`resolves_locally`], [`hosts_line`]: the host
//!   names of the demos
//! - [`FaultProxy`]: a proxy in front of Redis, for connections that fail in unusual ways
//! - [`Visitor`]: a client with a cookie jar; [`Response`]: what it got back; [`Events`]: a stream of server-sent
//!   events
//! - [`Browser`]: a real browser; `accessibility`: checks a page in it
//! - [`Output`]: the output of a program that people start
//!
//! The test kit uses none of the demos' code: it starts their binaries, sends them requests and signals.
#![allow(missing_docs, reason = "a name that says it all needs no comment")]

mod accessibility;
mod balancer;
mod binaries;
mod browser;
mod cargo;
mod cleanup;
mod compose;
mod container;
mod deployment;
mod docker;
mod endpoint;
mod env;
mod exec;
mod fault_proxy;
mod haproxy_state;
mod instance;
mod local_names;
mod output;
mod port_owner;
mod ports;
mod process;
mod program;
mod reaper;
mod redis;
mod redis_stats;
mod response;
mod serving;
mod sse;
mod visitor;
mod wait;

pub use balancer::Balancer;
pub use binaries::{binary, build, example, root, tool};
pub use browser::Browser;
pub use cargo::{cargo, variables_of_cargo};
pub use cleanup::Cleanup;
pub use compose::Compose;
pub use container::Container;
pub use deployment::{Deployment, Topology};
pub use endpoint::Endpoint;
pub use env::TestEnv;
pub use exec::Group;
pub use fault_proxy::{FaultProxy, HeldCommand};
pub use haproxy_state::{HaproxyState, Server};
pub use instance::{Demo, Instance};
pub use local_names::{hosts_line, resolves_locally};
pub use output::{Output, is_closed_output, note};
pub use port_owner::{PortOwner, port_owner};
pub use ports::Port;
pub use program::{typed_name, unless_stopped};
pub use redis::{Persistence, Redis};
pub use redis_stats::CommandStats;
pub use response::Response;
pub use serving::serving;
pub use sse::Events;
pub use visitor::Visitor;
pub use wait::wait_until;
