//! The servers of a step, while they run.

use std::io::Write;

use anyhow::Result;
use testkit::{Balancer, Demo, FaultProxy, Instance, Redis, TestEnv};

use super::site::{Entrance, Site, Special};

/// Everything that runs for a step. Dropping this value stops it.
pub(super) struct Servers {
    site: &'static Site,
    pub(super) instances: Vec<Instance>,
    _haproxy: Option<Balancer>,
    redis: Option<Redis>,
}

impl Servers {
    /// Starts the servers of `site`, and Redis if it has a port. Visitors use `ports`.
    pub(super) async fn start(
        env: &TestEnv,
        site: &'static Site,
        ports: &[u16],
        redis: Option<u16>,
    ) -> Result<Self> {
        let redis = match redis {
            Some(port) if site.special == Special::RestartsRedis => {
                Some(Redis::with_own_settings(env, port).await?)
            }
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
        if site.special == Special::SharesFolder {
            common.push(("SESSION_DIR", &shared));
        }
        let mut slow_url = None;
        if let (Special::DelaysWrites { word, delay }, Some(redis)) = (site.special, &redis) {
            let network = FaultProxy::start(redis)?;
            network.delay(word, delay);
            slow_url = Some(network.url());
        }
        let mut instances = Vec::new();
        for (at, own) in site.instances.iter().enumerate() {
            let port = ports.get(at).map(u16::to_string).unwrap_or_default();
            let direct = (!behind_proxy).then_some(("APP_PORT", port.as_str()));
            let slow_url = slow_url.as_deref().filter(|_| at == 0);
            let slow: Vec<_> = slow_url.map(|url| ("REDIS_URL", url)).into_iter().collect();
            let settings = [&common, *own, direct.as_slice(), slow.as_slice()].concat();
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
        Ok(Self {
            site,
            instances,
            _haproxy: haproxy,
            redis,
        })
    }

    /// Returns the name and the process ID of each server that a step may kill.
    pub(super) fn processes(&self) -> impl Iterator<Item = (&str, u32)> {
        let instances = self.instances.iter();
        let instances = instances.filter_map(|it| Some((it.name(), it.pid()?)));
        let redis = self.redis.iter();
        instances.chain(redis.filter_map(|redis| Some(("Redis", redis.pid()?))))
    }

    /// Starts a server again if it has ended, as the service manager of a real machine does. Only some steps do that.
    pub(super) async fn restart_ended(&mut self, out: &mut dyn Write) -> Result<()> {
        let special = self.site.special;
        if let Some(redis) = &mut self.redis
            && special == Special::RestartsRedis
            && redis.has_ended()?
        {
            redis.resume().await?;
            report_restart("Redis", redis.pid(), out)?;
        }
        let instances = self.instances.iter_mut();
        for instance in instances.filter(|_| special == Special::RestartsInstances) {
            if !instance.is_running()? {
                instance.start().await?;
                report_restart(instance.name(), instance.pid(), out)?;
            }
        }
        Ok(())
    }
}

fn report_restart(name: &str, pid: Option<u32>, out: &mut dyn Write) -> Result<()> {
    let pid = pid.unwrap_or_default();
    let text = format!("{name} has ended, and has been started again: process {pid}");
    Ok(writeln!(out, "{text}")?)
}
