//! The instances that a scene kills and replaces, wherever they run.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result};
use testkit::{Compose, Demo, Deployment, Endpoint, Instance, Visitor, wait_until};

use crate::Runtime;

/// The longest wait for an instance or for HAProxy on a slow machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A setting for scenes whose visitors keep a slow machine busy. There Redis may need longer than the default allows.
pub(super) const PATIENT: (&str, &str) = ("REDIS_TIMEOUT", "5s");

/// One instance, as a process or as a container.
pub(super) enum Target<'a> {
    Process(&'a mut Instance),
    Container(&'a Compose, &'a str),
}

impl<'a> Target<'a> {
    /// Returns the instance `name` of `deployment`.
    pub(super) fn of(
        runtime: &'a Runtime,
        deployment: &'a mut Deployment,
        name: &'a str,
    ) -> Result<Self> {
        let mut instances = deployment.instances.iter_mut();
        match runtime {
            Runtime::Compose(compose) => Ok(Self::Container(compose, name)),
            Runtime::Native => instances
                .find(|instance| instance.name() == name)
                .map(Self::Process)
                .with_context(|| format!("there is no instance {name}")),
        }
    }

    /// Kills it (SIGKILL).
    pub(super) async fn kill(&mut self) -> Result<()> {
        match self {
            Self::Process(instance) => instance.kill().await,
            Self::Container(compose, id) => compose.container("kill", id).await,
        }
    }

    /// Starts it after it was killed.
    pub(super) async fn start(&mut self) -> Result<()> {
        match self {
            Self::Process(instance) => instance.start().await,
            Self::Container(compose, id) => compose.container("start", id).await,
        }
    }

    /// Stops it gracefully (SIGTERM) and starts it again.
    pub(super) async fn restart(&mut self) -> Result<()> {
        match self {
            Self::Process(instance) => instance.restart().await,
            Self::Container(compose, id) => compose.container("restart", id).await,
        }
    }

    /// Replaces it by an instance of `demo` with `settings`. If it is a container, the new one has another name.
    pub(super) async fn replace(&mut self, demo: Demo, settings: &[(&str, &str)]) -> Result<()> {
        match self {
            Self::Process(instance) => instance.restart_with(settings).await,
            Self::Container(compose, id) => compose.replace(demo, id, settings).await,
        }
    }
}

/// Returns the log of the instance `name`.
pub(super) async fn log(runtime: &Runtime, deployment: &Deployment, name: &str) -> Result<String> {
    let mut instances = deployment.instances.iter();
    match runtime {
        Runtime::Compose(compose) => compose.container_log(name).await,
        Runtime::Native => instances
            .find(|instance| instance.name() == name)
            .map(Instance::log)
            .with_context(|| format!("there is no instance {name}")),
    }
}

/// Returns the names of the two instances behind `endpoint`.
pub(super) async fn names(endpoint: &Endpoint) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    wait_until("both instances to answer", PATIENCE, async || {
        let seen = Visitor::new().get(endpoint, "/healthz").await?;
        names.extend(seen.instance);
        Ok((names.len() == 2).then_some(()))
    })
    .await?;
    Ok(names.into_iter().collect())
}
