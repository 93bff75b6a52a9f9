//! The servers of one cell of the matrix.

use std::path::PathBuf;

use anyhow::{Context, Result};
use testkit::{Demo, Deployment, Instance, Response, TestEnv, Topology, serving};

use crate::{matrix::Place, visitor::Visitor};

/// New servers whose sessions live in one place. Dropping them stops them.
pub(super) struct Servers {
    pub(super) deployment: Deployment,
    demo: Demo,
}

impl Servers {
    /// Starts one instance. With sticky sessions there are two, of which a visitor sees one.
    pub(super) async fn one(env: &TestEnv, place: Place) -> Result<Self> {
        match place {
            Place::Sticky => Self::two(env, place).await,
            _ => Self::start(env, place, Topology::one).await,
        }
    }

    /// Starts two instances behind HAProxy.
    pub(super) async fn two(env: &TestEnv, place: Place) -> Result<Self> {
        match place {
            Place::Sticky => Self::start(env, place, Topology::sticky).await,
            _ => Self::start(env, place, Topology::balanced).await,
        }
    }

    async fn start(env: &TestEnv, place: Place, topology: fn(Demo) -> Topology) -> Result<Self> {
        let demo = match place {
            Place::Memory | Place::Sticky => Demo::Memory,
            Place::File | Place::Folder => Demo::File,
            Place::Cookie => Demo::Cookie,
            Place::Redis => Demo::Redis,
        };
        let folder = session_files(env).join("shared").display().to_string();
        let settings = [("SESSION_DIR", &*folder)];
        let settings = match place {
            Place::Folder => &settings[..],
            _ => &[],
        };
        let deployment = Deployment::start_with(env, topology(demo), settings).await?;
        Ok(Self { deployment, demo })
    }

    /// Creates a visitor without cookies.
    pub(super) fn visitor(&self) -> Visitor {
        Visitor::new(&self.deployment.endpoint)
    }

    /// Returns the instance that sent `seen`.
    pub(super) fn answered(&mut self, seen: &Response) -> Result<&mut Instance> {
        let mut instances = self.deployment.instances.iter_mut();
        instances
            .find(|instance| Some(instance.name()) == seen.instance.as_deref())
            .context("no instance has answered")
    }

    /// Waits until HAProxy uses `count` instances. A request may fail while HAProxy finds that out.
    pub(super) async fn serving(&self, count: usize) -> Result<()> {
        serving(&self.deployment.endpoint, self.demo, count).await
    }

    /// Replaces each instance after the other, as a deploy does.
    pub(super) async fn replace_all(&mut self) -> Result<()> {
        for index in 0..self.deployment.instances.len() {
            self.deployment.instances[index].restart().await?;
            self.serving(2).await?;
        }
        Ok(())
    }
}

/// Returns the folder of the session files of all instances.
pub(super) fn session_files(env: &TestEnv) -> PathBuf {
    env.path().join("sessions")
}
