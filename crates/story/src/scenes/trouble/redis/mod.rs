//! Redis in trouble: what a visitor sees, for how long at most, and how everything recovers. No scene here restarts an
//! instance.

pub(crate) mod memory;
pub(crate) mod outage;
pub(crate) mod refused;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use testkit::{Demo, Deployment, Instance, Topology, wait_until};

use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

/// The longest wait on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

impl Narrator<'_> {
    /// Starts one instance of demo-redis that uses the Redis at `url`. Returns it and a visitor.
    async fn on_redis(
        &mut self,
        url: &str,
        settings: &[(&str, &str)],
    ) -> Result<(Deployment, Visitor)> {
        let settings = [&[("REDIS_URL", url)], settings].concat();
        let start = self.deploy(Topology::one(Demo::Redis), &settings);
        let deployment = start.await?;
        let visitor = Visitor::new(&deployment.endpoint);
        Ok((deployment, visitor))
    }

    /// Expects that the next visit is refused in time, and that the log of an instance names `cause`.
    async fn refused(
        &mut self,
        visitor: &mut Visitor,
        deployment: &Deployment,
        cause: &str,
    ) -> Result<()> {
        self.get(visitor, "/", Expect::unavailable()).await?;
        let logs = deployment.instances.iter().map(Instance::log);
        let logs: String = logs.collect();
        let found = async {
            ensure!(logs.contains(cause), "the log does not: {logs}");
            Ok(())
        };
        self.act(&format!("the log names the cause: {cause}"), found)
            .await
    }

    /// Waits until every worker reaches Redis again. Only reads, so it leaves the count as it is.
    async fn recovery(&mut self, visitor: &mut Visitor) -> Result<()> {
        // Two instances have two workers each.
        const IN_A_ROW: u32 = 8;
        let started = Instant::now();
        let (mut served, mut last_error) = (0, None);
        wait_until("Redis to answer", PATIENCE, async || {
            if visitor.get("/session/").await?.status == 200 {
                served += 1;
            } else {
                (served, last_error) = (0, Some(started.elapsed()));
            }
            Ok((served == IN_A_ROW).then_some(()))
        })
        .await?;
        self.say(&match last_error {
            None => "From then on, every request was served.".to_owned(),
            Some(after) => format!(
                "{} ms later, every request was served again.",
                after.as_millis()
            ),
        })
    }
}
