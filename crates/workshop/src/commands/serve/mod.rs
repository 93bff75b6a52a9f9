//! `serve`: starts the servers that a step of `workshop.md` needs, and shows their log until Ctrl-C. When one of them has
//! ended, starts it again.
//!
//! `site` knows what each step needs.

mod site;

use std::{convert::Infallible, io::Write, time::Duration};

use anyhow::{Context, Result, bail};
use testkit::{Balancer, Demo, Instance, Redis, TestEnv, port_owner, resolves_locally};

use crate::{compile::build_demos, exercise::COMMAND, settings, wrap::wrapped};
use site::{Entrance, Site};

/// How often to look for new lines in the logs.
const PAUSE: Duration = Duration::from_millis(100);

/// Everything that runs for a step. Dropping this value stops it.
struct Servers {
    instances: Vec<Instance>,
    _haproxy: Option<Balancer>,
    _redis: Option<Redis>,
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
    for instance in &servers.instances {
        show_process(instance, "  ", out)?;
    }
    if let Some(host) = hosts.iter().find(|host| !resolves_locally(host)) {
        let hint =
            format!("curl, Chrome and Firefox find {host}. For others see {COMMAND} doctor.");
        writeln!(out, "\n{}", wrapped(&hint, ""))?;
    }
    writeln!(out, "\nCtrl-C ends it. The log:\n")?;
    supervise(&mut servers.instances, out).await
}

/// Starts the servers of `site`, and Redis if it has a port. Visitors use `ports`.
async fn start(env: &TestEnv, site: &Site, ports: &[u16], redis: Option<u16>) -> Result<Servers> {
    let redis = match redis {
        Some(port) => Some(Redis::start_on(env, port).await?),
        None => None,
    };
    let url = redis.as_ref().map(Redis::url).unwrap_or_default();
    let behind_proxy = site.entrance == Entrance::Balanced;
    let mut common = vec![("REDIS_URL", url.as_str())];
    if behind_proxy {
        common.push(("BEHIND_PROXY", "true"));
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
        haproxy = Some(Balancer::with_viewer(env, default, &servers, viewer, port).await?);
    }
    Ok(Servers {
        instances,
        _haproxy: haproxy,
        _redis: redis,
    })
}

/// Prints the log of each instance, and then each line that it adds, with its name in front. Starts an instance again
/// when it has ended.
async fn supervise(instances: &mut [Instance], out: &mut dyn Write) -> Result<Infallible> {
    let mut shown = vec![0; instances.len()];
    loop {
        for (instance, shown) in instances.iter_mut().zip(&mut shown) {
            let runs = instance.is_running()?;
            let log = instance.log();
            let new = log.get(*shown..).unwrap_or_default();
            // The last line may not be complete.
            let lines = new.rfind('\n').map_or("", |end| &new[..=end]);
            for line in lines.lines() {
                writeln!(out, "{} | {line}", instance.name())?;
            }
            *shown += lines.len();
            if !runs {
                writeln!(out, "{} has ended, and starts again", instance.name())?;
                instance.start().await?;
                show_process(instance, "", out)?;
            }
        }
        out.flush()?;
        tokio::time::sleep(PAUSE).await;
    }
}

fn show_process(instance: &Instance, indent: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let Some(process) = instance.pid() else {
        return Ok(());
    };
    let name = instance.name();
    writeln!(out, "{indent}{name} is process {process}")
}
