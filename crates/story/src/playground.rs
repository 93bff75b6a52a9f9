//! The servers that keep running after the story, for people to try: every demo, and the viewer.

use std::io::Write;

use anyhow::{Context, Result};
use testkit::{Balancer, Demo, Deployment, Instance, Persistence, Redis, TestEnv, Topology, tool};

/// Two instances of each demo behind one HAProxy, and the viewer. Dropping this value stops them.
pub struct Playground {
    deployments: Vec<(Demo, Deployment)>,
    _redis: Option<Redis>,
    _viewer: Option<Instance>,
    _balancer: Balancer,
}

impl Playground {
    /// Starts the servers on `port`, with `demo` at plain `localhost`. Leaves out the demos that need Redis if it is
    /// not installed; returns an error if `demo` is one of them.
    pub async fn start(env: &TestEnv, port: u16, demo: Demo) -> Result<Self> {
        check_tools(demo)?;
        // All demos share one Redis, so that the viewer shows all sessions.
        let redis = match check_tools(Demo::Redis) {
            Ok(()) => Some(Redis::start(env, Persistence::AppendOnly).await?),
            Err(_) => None,
        };
        let url = redis.as_ref().map(Redis::url);
        let behind_proxy = [("BEHIND_PROXY", "true")];
        let settings: Vec<_> = url
            .iter()
            .map(|url| ("REDIS_URL", &**url))
            .chain(behind_proxy)
            .collect();
        let viewer = match redis {
            Some(_) => Some(Instance::viewer(env, &settings).await?),
            None => None,
        };
        let (mut deployments, mut servers) = (Vec::new(), Vec::new());
        for demo in Demo::ALL {
            if check_tools(demo).is_ok() {
                let two = Deployment::start_with(env, Topology::two(demo), &settings).await?;
                let addresses = two.instances.iter().map(Instance::address);
                servers.push((demo, addresses.collect()));
                deployments.push((demo, two));
            }
        }
        let viewer_address = viewer.as_ref().map(Instance::address);
        let balancer =
            Balancer::with_viewer(env, demo, &servers, viewer_address, Some(port)).await?;
        Ok(Self {
            deployments,
            _redis: redis,
            _viewer: viewer,
            _balancer: balancer,
        })
    }

    pub fn demos(&self) -> Vec<Demo> {
        self.deployments.iter().map(|(demo, _)| *demo).collect()
    }
}

/// Returns an error if a program that `demo` needs here is not installed.
fn check_tools(demo: Demo) -> Result<()> {
    tool("haproxy").context("the servers cannot keep running")?;
    if demo.needs_redis() {
        tool("redis-server").with_context(|| format!("demo-{} cannot run", demo.name()))?;
    }
    Ok(())
}

/// Prints how to reach `demos` on `port`, where plain `localhost` is `default`.
pub fn print_addresses(
    port: u16,
    default: Demo,
    demos: &[Demo],
    out: &mut dyn Write,
) -> Result<()> {
    let turn = "Now it is your turn. Two instances of each demo run behind HAProxy:";
    writeln!(out, "{turn}\n")?;
    let mut line = |host: &str, what: &str| {
        let url = format!("http://{host}:{port}");
        writeln!(out, "  {url:<34} {what}")
    };
    line("localhost", default.name())?;
    for demo in demos {
        line(&demo.host_name(), demo.name())?;
    }
    if demos.contains(&Demo::Redis) {
        line("sessions.localhost", "the sessions in Redis, live")?;
    }
    line("stats.localhost", "HAProxy's statistics")?;
    Ok(writeln!(
        out,
        "\n  curl http://localhost:{port}/ -b /tmp/my-jar -c /tmp/my-jar\n  \
         curl http://localhost:{port}/session/set/hello -b /tmp/my-jar -c /tmp/my-jar\n\n\
         Ctrl-C ends it and leaves nothing behind."
    )?)
}
