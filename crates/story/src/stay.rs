//! After the story: every demo on two instances behind one HAProxy, and the viewer, to be tried by hand.

use std::io::Write;

use anyhow::{Context, Result};
use testkit::{Balancer, Demo, Deployment, Instance, TestEnv, Topology, binary, tool};

/// What stays up, until it is dropped.
pub struct Standing {
    worlds: Vec<(Demo, Deployment)>,
    // Held: they end with it.
    _viewer: Option<Instance>,
    _balancer: Balancer,
}

impl Standing {
    /// The demos that stand.
    #[must_use]
    pub fn demos(&self) -> Vec<Demo> {
        self.worlds.iter().map(|(demo, _)| *demo).collect()
    }
}

/// Whether `demo` can stand here: it needs HAProxy, and what keeps its sessions in Redis needs that.
fn check(demo: Demo) -> Result<()> {
    tool("haproxy").context("nothing can stay up")?;
    if demo.needs_redis() {
        tool("redis-server").with_context(|| format!("demo-{} can't stay up", demo.name()))?;
    }
    Ok(())
}

/// Starts it on `port`, with `demo` at plain `localhost`; leaves out what lacks its Redis.
///
/// # Errors
/// Something doesn't start.
pub async fn stand(env: &TestEnv, port: u16, demo: Demo) -> Result<Standing> {
    check(demo)?;
    let mut worlds: Vec<(Demo, Deployment)> = Vec::new();
    // One Redis for all who ask one, so that the viewer shows the sessions of all.
    let mut redis = String::new();
    for demo in Demo::ALL.into_iter().filter(|demo| check(*demo).is_ok()) {
        let settings: &[(&str, &str)] = if redis.is_empty() {
            &[]
        } else {
            &[("REDIS_URL", &redis)]
        };
        let mut deployment = Deployment::start_with(env, Topology::two(demo), settings).await?;
        if let Ok(started) = deployment.redis() {
            redis = started.url();
        }
        worlds.push((demo, deployment));
    }
    let servers: Vec<_> = worlds
        .iter()
        .map(|(demo, deployment)| {
            (
                *demo,
                deployment.instances.iter().map(Instance::address).collect(),
            )
        })
        .collect();
    let viewer = if redis.is_empty() {
        None
    } else {
        Some(viewer(env, &redis).await?)
    };
    let balancer = Balancer::with_viewer(
        env,
        demo,
        &servers,
        viewer.as_ref().map(Instance::address),
        Some(port),
    )
    .await?;
    Ok(Standing {
        worlds,
        _viewer: viewer,
        _balancer: balancer,
    })
}

/// The viewer of the Redis at `url`.
async fn viewer(env: &TestEnv, url: &str) -> Result<Instance> {
    let mut viewer = Instance::of(env, binary("demo-viewer")?, "viewer", &[("REDIS_URL", url)])?;
    viewer.start().await?;
    Ok(viewer)
}

/// Tells `out` how to reach `demos`, which stand on `port`, and of which `demo` is at plain `localhost`.
///
/// # Errors
/// Nobody can be told.
pub fn tell(port: u16, demo: Demo, demos: &[Demo], out: &mut dyn Write) -> Result<()> {
    writeln!(
        out,
        "Now it is yours: two instances of each demo behind HAProxy.\n"
    )?;
    writeln!(
        out,
        "  {:<32} {}",
        format!("http://localhost:{port}"),
        demo.name()
    )?;
    for demo in demos {
        writeln!(
            out,
            "  {:<32} {}",
            format!("http://{}.localhost:{port}", demo.host()),
            demo.name()
        )?;
    }
    if demos.contains(&Demo::Redis) {
        writeln!(
            out,
            "  {:<32} the sessions in Redis, live",
            format!("http://sessions.localhost:{port}")
        )?;
    }
    writeln!(
        out,
        "  {:<32} HAProxy's statistics\n",
        format!("http://stats.localhost:{port}")
    )?;
    writeln!(
        out,
        "  curl http://localhost:{port}/ -b /tmp/cookie-jar -c /tmp/cookie-jar"
    )?;
    writeln!(
        out,
        "  curl http://localhost:{port}/session/set/hello -b /tmp/cookie-jar -c /tmp/cookie-jar\n"
    )?;
    Ok(writeln!(out, "Ctrl-C ends it and leaves nothing behind.")?)
}
