//! A store with its instances and their load balancer.

use anyhow::{Context, Result, ensure};

use crate::{Balancer, Compose, Demo, Endpoint, Instance, Persistence, Redis, TestEnv};

#[derive(Debug, Clone, Copy)]
pub struct Topology {
    /// The demo that every instance runs.
    pub demo: Demo,
    /// The number of instances: 1 or 2.
    pub instances: usize,
    /// Whether visitors come through HAProxy.
    pub balanced: bool,
    /// Whether HAProxy sends each visitor to the instance of their first visit.
    pub sticky: bool,
}

impl Topology {
    /// Returns the topology of one instance, which visitors reach directly.
    pub fn one(demo: Demo) -> Self {
        Self {
            demo,
            instances: 1,
            balanced: false,
            sticky: false,
        }
    }

    /// Returns the topology of two instances, each reached directly.
    pub fn two(demo: Demo) -> Self {
        Self {
            instances: 2,
            ..Self::one(demo)
        }
    }

    /// Returns the topology of two instances behind HAProxy.
    pub fn balanced(demo: Demo) -> Self {
        Self {
            balanced: true,
            ..Self::two(demo)
        }
    }

    /// Returns the topology of two instances behind HAProxy, which sends each visitor to the instance of their first
    /// visit.
    pub fn sticky(demo: Demo) -> Self {
        Self {
            sticky: true,
            ..Self::balanced(demo)
        }
    }
}

/// A running store with its instances and their load balancer.
#[derive(Debug)]
pub struct Deployment {
    /// The instances, as in `memory-1` and `memory-2`; empty if they run in containers.
    pub instances: Vec<Instance>,
    /// Where visitors go: the load balancer, or the first instance.
    pub endpoint: Endpoint,
    // Held so that it ends with the deployment.
    _balancer: Option<Balancer>,
    redis: Option<Redis>,
}

impl Deployment {
    /// Starts everything in `topology`, with the environment variables in `settings` for each instance and for HAProxy,
    /// and waits until it serves. An error contains the log of what failed.
    ///
    /// With a `REDIS_URL` among the settings, the instances use that Redis, and none is started. Behind HAProxy, the
    /// instances believe its `X-Forwarded-For`.
    pub async fn start_with(
        env: &TestEnv,
        topology: Topology,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let Topology { demo, .. } = topology;
        let has_redis = settings.iter().any(|(name, _)| *name == "REDIS_URL");
        let redis = if demo.needs_redis() && !has_redis {
            Some(Redis::start(env, Persistence::AppendOnly).await?)
        } else {
            None
        };
        let url = redis.as_ref().map(Redis::url).unwrap_or_default();
        let settings: Vec<_> = redis
            .iter()
            .map(|_| ("REDIS_URL", url.as_str()))
            .chain(topology.balanced.then_some(("BEHIND_PROXY", "true")))
            .chain(settings.iter().copied())
            .collect();
        let mut instances = Vec::new();
        for number in 1..=topology.instances {
            let name = format!("{}-{number}", demo.host());
            instances.push(Instance::started(env, demo, &name, &settings).await?);
        }
        let balancer = if topology.balanced {
            let servers = instances.iter().map(Instance::address).collect();
            let sticky = topology.sticky.then_some(("STICKY", "true"));
            let settings: Vec<_> = settings.into_iter().chain(sticky).collect();
            Some(Balancer::start(env, &[(demo, servers)], &settings).await?)
        } else {
            None
        };
        let endpoint = match &balancer {
            Some(balancer) => balancer.endpoint().named(&demo.host_name()),
            None => instances[0].endpoint(),
        };
        Ok(Self {
            instances,
            endpoint,
            _balancer: balancer,
            redis,
        })
    }

    /// Uses the containers of `compose`, which offers two instances behind HAProxy and no other topology.
    pub async fn in_containers(compose: &Compose, topology: Topology) -> Result<Self> {
        ensure!(
            topology.balanced && topology.instances == 2 && !topology.sticky,
            "containers offer two instances behind HAProxy"
        );
        compose.serving(topology.demo, topology.instances).await?;
        Ok(Self {
            instances: Vec::new(),
            endpoint: compose.endpoint(topology.demo),
            _balancer: None,
            redis: None,
        })
    }

    pub fn redis(&mut self) -> Result<&mut Redis> {
        self.redis.as_mut().context("this deployment has no Redis")
    }
}
