//! The servers that keep running after the story, for people to try: every demo, and the viewer.

use std::io::Write;

use anyhow::{Context, Result};
use testkit::{
    Balancer, Demo, Deployment, Instance, Persistence, PortOwner, Redis, TestEnv, Topology,
    hosts_line, tool,
};

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
            Balancer::with_viewer(env, demo, &servers, viewer_address, Some(port), &[]).await?;
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

/// Returns why the servers cannot use a port, and what to do.
pub fn port_help(owner: &PortOwner) -> String {
    let airplay = if owner.is_airplay() {
        "; this is AirPlay, which you can turn off in System Settings"
    } else {
        ""
    };
    format!("{owner}{airplay}; choose another, as in --port 5050")
}

/// Prints how to reach `demos` on `port`, where plain `localhost` is `default`. If this system doesn't resolve the
/// demos' `names`, prints what helps.
pub fn print_addresses(
    port: u16,
    default: Demo,
    demos: &[Demo],
    names: bool,
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
    if !names {
        let (file, default, hosts) = (Demo::File.host_name(), default.name(), hosts_line());
        // The line for /etc/hosts is wider than a terminal, and must stay one line.
        writeln!(
            out,
            "\nThis system does not find names such as {file}. curl, Chrome and\n\
             Firefox do. For other programs, add this line to /etc/hosts:\n\n{hosts}\n\n\
             http://localhost:{port} needs no name. It serves the demo {default},\n\
             or another one with --demo."
        )?;
    }
    Ok(writeln!(
        out,
        "\n  curl http://localhost:{port}/ -b /tmp/my-jar -c /tmp/my-jar\n  \
         curl http://localhost:{port}/session/set/hello -b /tmp/my-jar -c /tmp/my-jar\n\n\
         Ctrl-C ends it and leaves nothing behind."
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(names: bool) -> String {
        let mut out = Vec::new();
        print_addresses(5050, Demo::Redis, &Demo::ALL, names, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_that_do_not_resolve_come_with_what_helps() {
        let text = addresses(false);
        for part in [
            "names such as file.localhost",
            "\n127.0.0.1 memory.localhost file.localhost redis.localhost cookie.localhost \
             webserver.localhost sessions.localhost stats.localhost\n",
            "http://localhost:5050 needs no name. It serves the demo redis",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!addresses(true).contains("/etc/hosts"));
    }
}
