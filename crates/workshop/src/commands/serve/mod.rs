//! `serve`: starts the servers that a step of `workshop.md` needs, and shows their log until Ctrl-C.
//!
//! `site` knows what each step needs, `servers` starts it, and `logs` shows the log.

mod logs;
mod servers;
mod site;

use std::{convert::Infallible, io::Write, time::Duration};

use anyhow::{Context, Result, bail};
use testkit::{TestEnv, port_owner, resolves_locally};

use crate::{compile::build_demos, exercise::COMMAND, settings, wrap::wrapped};
use logs::Logs;
use servers::Servers;

/// The port of the Redis that `serve` starts, unless the attendee chooses another one.
pub const REDIS_PORT: u16 = 6380;

/// How often to look for new lines in the logs.
const PAUSE: Duration = Duration::from_millis(100);

/// Starts what `step` needs and shows the servers' log. Never returns unless there is an error.
///
/// Visitors reach one server, or HAProxy, on `port`, and several servers on the next ports. Redis uses `redis_port`.
pub async fn serve(
    step: u32,
    port: u16,
    redis_port: u16,
    out: &mut dyn Write,
) -> Result<Infallible> {
    let site = site::of_step(step)?;
    let ports = site.entrance.ports(port)?;
    let redis = site.needs_redis().then_some(redis_port);
    for port in ports.iter().copied().chain(redis) {
        if let Some(owner) = port_owner(port)? {
            bail!(
                "{owner}; end that program, or choose other ports: {COMMAND} serve {step} \
                 --port 5050 --redis-port 6390"
            );
        }
    }
    let programs = settings::programs()?;
    let target = programs.parent().context("no target folder")?;
    let env = TestEnv::within(target)?;
    // testkit builds them too, but a signal could not stop that build.
    build_demos(&env, testkit::root()).await?;
    let mut servers = Servers::start(&env, site, &ports, redis).await?;

    writeln!(out, "Step {step}: {}.\n", site.text)?;
    let hosts = site.hosts();
    for host in &hosts {
        for port in &ports {
            writeln!(out, "  http://{host}:{port}")?;
        }
    }
    if let Some(port) = redis {
        writeln!(out, "  redis-cli -p {port}")?;
    }
    for (name, pid) in servers.processes() {
        writeln!(out, "  {name}: process {pid}")?;
    }
    if let Some(host) = hosts.iter().find(|host| !resolves_locally(host)) {
        let hint =
            format!("curl, Chrome and Firefox find {host}. For others see {COMMAND} doctor.");
        writeln!(out, "\n{}", wrapped(&hint, ""))?;
    }
    writeln!(out, "\nCtrl-C ends it. The log:\n")?;
    let mut logs = Logs::of(&servers.instances);
    loop {
        logs.show(&servers.instances, out)?;
        servers.restart_ended(out).await?;
        out.flush()?;
        tokio::time::sleep(PAUSE).await;
    }
}
