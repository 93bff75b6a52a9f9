//! After the story: every demo on two instances behind one HAProxy, to be tried by hand.

use std::io::Write;

use anyhow::{Context, Result};
use stage::{Balancer, Demo, Front, Instance, Plan, Stage, World, tool};

/// What stays up, until it is dropped.
pub struct Standing {
    _worlds: Vec<World>,
    balancer: Balancer,
}

impl Standing {
    /// How a visitor reaches it.
    #[must_use]
    pub fn front(&self) -> Front {
        self.balancer.front()
    }
}

/// Starts it on `port`, or on a free one, with `demo` at plain `localhost`; tells `out` what it lacks.
///
/// # Errors
/// Something doesn't start.
pub async fn stand(stage: &Stage, port: Option<u16>, demo: Demo, out: &mut dyn Write) -> Result<Standing> {
    let mut worlds = Vec::new();
    let mut servers = Vec::new();
    for demo in Demo::ALL {
        if demo == Demo::Redis
            && let Err(reason) = tool("redis-server")
        {
            writeln!(out, "redis.localhost is left out: {reason}")?;
            continue;
        }
        let world = World::start(stage, Plan::two(demo)).await?;
        servers.push((demo, world.instances.iter().map(Instance::address).collect()));
        worlds.push(world);
    }
    let balancer = Balancer::start(stage, demo, &servers, port).await.context("nothing stays up")?;
    Ok(Standing { _worlds: worlds, balancer })
}

/// Tells `out` how to reach what stands on `port`.
///
/// # Errors
/// Nobody can be told.
pub fn tell(port: u16, demo: Demo, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "Now it is yours: two instances of each demo behind HAProxy.\n")?;
    writeln!(out, "  {:<32} {}", format!("http://localhost:{port}"), demo.name())?;
    for demo in Demo::ALL {
        writeln!(out, "  {:<32} {}", format!("http://{}.localhost:{port}", demo.name()), demo.name())?;
    }
    writeln!(out, "  {:<32} HAProxy's statistics\n", format!("http://stats.localhost:{port}"))?;
    writeln!(out, "  curl http://localhost:{port}/ -b /tmp/cookie-jar -c /tmp/cookie-jar")?;
    writeln!(out, "  curl http://localhost:{port}/session/set/hello -b /tmp/cookie-jar -c /tmp/cookie-jar\n")?;
    Ok(writeln!(out, "Ctrl-C ends it and leaves nothing behind.")?)
}
