//! `serve`: starts the servers that a step of `workshop.md` needs, and shows their log until Ctrl-C.
//!
//! `site` knows what each step needs, and `logs` shows the log.

mod logs;
mod site;

use std::{convert::Infallible, io::Write, time::Duration};

use anyhow::{Context, Result, bail};
use testkit::{Balancer, Demo, Instance, Redis, TestEnv, port_owner, resolves_locally};

use crate::{compile::build_demos, exercise::COMMAND, settings, wrap::wrapped};
use logs::Logs;
use site::{Entrance, Site};

/// How often to look for new lines in the logs.
const PAUSE: Duration = Duration::from_millis(100);

/// Everything that runs for a step. Dropping this value stops it.
struct Servers {
    instances: Vec<Instance>,
    _haproxy: Option<Balancer>,
    redis: Option<Redis>,
}

impl Servers {
    /// Returns the name and the process ID of each server that a step may kill.
    fn processes(&self) -> impl Iterator<Item = (&str, u32)> {
        let instances = self.instances.iter();
        let instances = instances.filter_map(|it| Some((it.name(), it.pid()?)));
        let redis = self.redis.iter();
        instances.chain(redis.filter_map(|redis| Some(("Redis", redis.pid()?))))
    }
}

/// Starts what `step` needs and shows the servers' log. Never returns unless there is an error.
///
/// Visitors reach one server, or HAProxy, on `port`, and two servers on the next two ports. Redis uses `redis_port`.
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
    let mut servers = start(&env, site, &ports, redis).await?;

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
        if let Some(redis) = &mut servers.redis
            && site.restarts_redis()
        {
            restart_if_ended(redis, out).await?;
        }
        out.flush()?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Starts Redis again if it has ended, as the service manager of a real server does.
async fn restart_if_ended(redis: &mut Redis, out: &mut dyn Write) -> Result<()> {
    if redis.has_ended()? {
        redis.resume().await?;
        let pid = redis.pid().unwrap_or_default();
        writeln!(
            out,
            "Redis has ended, and has been started again: process {pid}"
        )?;
    }
    Ok(())
}

/// Starts the servers of `site`, and Redis if it has a port. Visitors use `ports`.
async fn start(env: &TestEnv, site: &Site, ports: &[u16], redis: Option<u16>) -> Result<Servers> {
    let redis = match redis {
        Some(port) if site.restarts_redis() => Some(Redis::with_own_settings(env, port).await?),
        Some(port) => Some(Redis::start_on(env, port).await?),
        None => None,
    };
    let url = redis.as_ref().map(Redis::url).unwrap_or_default();
    let behind_proxy = site.entrance.is_haproxy();
    let mut common = vec![("REDIS_URL", url.as_str())];
    if behind_proxy {
        common.push(("BEHIND_PROXY", "true"));
    }
    let shared = env.path().join("sessions/shared").display().to_string();
    if site.shares_folder() {
        common.push(("SESSION_DIR", &shared));
    }
    let mut instances = Vec::new();
    for (at, own) in site.instances.iter().enumerate() {
        let port = ports.get(at).map(u16::to_string).unwrap_or_default();
        let direct = (!behind_proxy).then_some(("APP_PORT", port.as_str()));
        let settings = [&common, *own, direct.as_slice()].concat();
        let name = format!("{}-{}", site.demo.host(), at + 1);
        instances.push(Instance::started(env, site.demo, &name, &settings).await?);
    }
    let mut haproxy = None;
    if behind_proxy {
        let servers = [(site.demo, instances.iter().map(Instance::address).collect())];
        let (mut default, mut viewer) = (site.demo, None);
        if site.demo == Demo::Login {
            // HAProxy knows the login by its name only. In its steps nothing runs at plain localhost.
            default = Demo::File;
            instances.push(Instance::viewer(env, &common).await?);
            viewer = instances.last().map(Instance::address);
        }
        let port = ports.first().copied();
        let settings: &[_] = match site.entrance {
            Entrance::Sticky => &[("STICKY", "true")],
            _ => &[],
        };
        let balancer = Balancer::with_viewer(env, default, &servers, viewer, port, settings);
        haproxy = Some(balancer.await?);
    }
    Ok(Servers {
        instances,
        _haproxy: haproxy,
        redis,
    })
}
