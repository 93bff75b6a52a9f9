//! The instances that a scene kills and replaces, wherever they run.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result};
use testkit::{Compose, Container, Demo, Deployment, Endpoint, Instance, Visitor, wait_until};

use crate::Runtime;

/// The longest wait for an instance or for HAProxy on a slow machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A setting for scenes whose visitors keep a slow machine busy. There Redis may need longer than the default allows.
pub(super) const PATIENT: (&str, &str) = ("REDIS_TIMEOUT", "5s");

/// One instance, as a process or as a container.
pub(super) enum Target<'a> {
    Process(&'a mut Instance),
    Container {
        compose: &'a Compose,
        /// HAProxy's name for it at first. It may get another one when it restarts.
        name: String,
        container: Container,
    },
}

impl<'a> Target<'a> {
    /// Returns the two instances of `deployment`, as soon as HAProxy serves a new visitor from both. After a crowd has
    /// arrived, HAProxy may refuse new visitors for a second, and some of the crowd too.
    pub(super) async fn both(
        runtime: &'a Runtime,
        deployment: &'a mut Deployment,
    ) -> Result<[Self; 2]> {
        let names = names(&deployment.endpoint).await?;
        let mut targets = Vec::new();
        match runtime {
            Runtime::Native => targets.extend(deployment.instances.iter_mut().map(Self::Process)),
            Runtime::Compose(compose) => {
                for name in names {
                    let container = compose.container(&name).await?;
                    targets.push(Self::Container {
                        compose,
                        name,
                        container,
                    });
                }
            }
        }
        let two = targets.try_into().ok();
        two.context("the deployment does not have two instances")
    }

    /// Returns HAProxy's name for it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Process(instance) => instance.name(),
            Self::Container { name, .. } => name,
        }
    }

    /// Kills it (SIGKILL).
    pub(super) async fn kill(&mut self) -> Result<()> {
        match self {
            Self::Process(instance) => instance.kill().await,
            Self::Container { container, .. } => container.docker("kill").await,
        }
    }

    /// Starts it after it was killed.
    pub(super) async fn start(&mut self) -> Result<()> {
        match self {
            Self::Process(instance) => instance.start().await,
            Self::Container { container, .. } => container.docker("start").await,
        }
    }

    /// Stops it gracefully (SIGTERM) and starts it again.
    pub(super) async fn restart(&mut self) -> Result<()> {
        match self {
            Self::Process(instance) => instance.restart().await,
            Self::Container { container, .. } => container.docker("restart").await,
        }
    }

    /// Replaces it by an instance of `demo` with `settings`. If it is a container, it ends and another one begins.
    pub(super) async fn replace(self, demo: Demo, settings: &[(&str, &str)]) -> Result<()> {
        match self {
            Self::Process(instance) => instance.restart_with(settings).await,
            Self::Container {
                compose, container, ..
            } => compose.replace(demo, &container, settings).await,
        }
    }

    pub(super) async fn log(&self) -> Result<String> {
        match self {
            Self::Process(instance) => Ok(instance.log()),
            Self::Container { container, .. } => container.log().await,
        }
    }
}

/// Returns HAProxy's names for the two instances behind `endpoint`.
async fn names(endpoint: &Endpoint) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    wait_until("both instances to answer", PATIENCE, async || {
        let seen = Visitor::new().get(endpoint, "/healthz").await?;
        names.extend(seen.instance);
        Ok((names.len() == 2).then_some(()))
    })
    .await?;
    Ok(names)
}
