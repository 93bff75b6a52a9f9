//! A store together with its instances and their balancer.

use anyhow::{Context, Result, ensure};

use crate::{Balancer, Compose, Demo, Endpoint, Instance, Persistence, Redis, TestEnv};

/// What a world is to consist of.
#[derive(Debug, Clone, Copy)]
pub struct Topology {
    /// What every instance runs.
    pub demo: Demo,
    /// How many instances there are: 1 or 2.
    pub instances: usize,
    /// Whether visitors come through HAProxy.
    pub balanced: bool,
    /// What Redis keeps, where there is one.
    pub persistence: Persistence,
}

impl Topology {
    /// One instance, which visitors reach directly.
    #[must_use]
    pub fn one(demo: Demo) -> Self {
        Self {
            demo,
            instances: 1,
            balanced: false,
            persistence: Persistence::AppendOnly,
        }
    }

    /// Two instances, each reached directly.
    #[must_use]
    pub fn two(demo: Demo) -> Self {
        Self {
            instances: 2,
            ..Self::one(demo)
        }
    }

    /// Two instances behind HAProxy.
    #[must_use]
    pub fn balanced(demo: Demo) -> Self {
        Self {
            balanced: true,
            ..Self::two(demo)
        }
    }
}

/// A store together with its instances and their balancer, running.
#[derive(Debug)]
pub struct Deployment {
    /// The instances, `memory-1`, `memory-2` and so on, by their demo's host; none where they run in containers.
    pub instances: Vec<Instance>,
    /// Where visitors go: the balancer, or the first instance.
    pub endpoint: Endpoint,
    // Held: it ends with the world.
    _balancer: Option<Balancer>,
    redis: Option<Redis>,
}

impl Deployment {
    /// Starts everything that `plan` asks for, and waits until it serves.
    ///
    /// # Errors
    /// Something doesn't start; the message says what, and has its log.
    pub async fn start(env: &TestEnv, plan: Topology) -> Result<Self> {
        Self::start_with(env, plan, &[]).await
    }

    /// As [`start`](Self::start), each instance with further `settings`: environment variables. A `REDIS_URL` among them
    /// is that of a Redis which is there already.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(
        env: &TestEnv,
        plan: Topology,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let there = settings.iter().any(|(name, _)| *name == "REDIS_URL");
        let redis = if plan.demo.needs_redis() && !there {
            Some(Redis::start(env, plan.persistence).await?)
        } else {
            None
        };
        let url = redis.as_ref().map(Redis::url).unwrap_or_default();
        let settings: Vec<_> = redis
            .iter()
            .map(|_| ("REDIS_URL", url.as_str()))
            .chain(settings.iter().copied())
            .collect();
        let mut instances = Vec::new();
        for number in 1..=plan.instances {
            let mut instance = Instance::new(
                env,
                plan.demo,
                &format!("{}-{number}", plan.demo.host()),
                &settings,
            )?;
            instance.start().await?;
            instances.push(instance);
        }
        let balancer = if plan.balanced {
            let servers = instances.iter().map(Instance::address).collect();
            // Visitors ask for the demo by its host name, so plain localhost may be any demo.
            Some(Balancer::start(env, Demo::File, &[(plan.demo, servers)], None).await?)
        } else {
            None
        };
        let endpoint = match &balancer {
            Some(balancer) => balancer
                .endpoint()
                .named(&format!("{}.localhost", plan.demo.host())),
            None => instances[0].endpoint(),
        };
        Ok(Self {
            instances,
            endpoint,
            _balancer: balancer,
            redis,
        })
    }

    /// The world of `plan` in containers that are up.
    ///
    /// # Errors
    /// It isn't one of those that Compose offers: two instances behind HAProxy.
    pub async fn in_containers(compose: &Compose, plan: Topology) -> Result<Self> {
        ensure!(
            plan.balanced && plan.instances == 2,
            "containers offer two instances behind HAProxy"
        );
        compose.serving(plan.demo, plan.instances).await?;
        Ok(Self {
            instances: Vec::new(),
            endpoint: compose.endpoint(plan.demo),
            _balancer: None,
            redis: None,
        })
    }

    /// The Redis of this world.
    ///
    /// # Errors
    /// It has none.
    pub fn redis(&mut self) -> Result<&mut Redis> {
        self.redis.as_mut().context("this deployment has no Redis")
    }
}
