//! Where the servers of a scene run.

use anyhow::Result;
use testkit::{Compose, Demo, Deployment, Instance};

/// Where the servers of a scene run.
#[derive(Debug)]
pub enum Runtime {
    /// As processes on this machine. Each scene starts its own.
    Native,
    /// In containers, which all scenes share.
    Compose(Compose),
}

impl Runtime {
    /// Returns everything that the instances of `deployment`, which run `demo`, have logged.
    pub(crate) async fn log(&self, deployment: &Deployment, demo: Demo) -> Result<String> {
        match self {
            Self::Native => Ok(deployment.instances.iter().map(Instance::log).collect()),
            Self::Compose(compose) => compose.log(demo).await,
        }
    }
}
