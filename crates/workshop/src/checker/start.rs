//! Starts instances, and explains why a program of the attendee's doesn't start.

use std::{process::Command, time::Duration};

use anyhow::{Result, bail};
use testkit::{Demo, Instance, Persistence, Redis};
use tokio::{net::TcpStream, time::timeout};

use super::{
    Checker,
    logs::{listening_line, panic_in},
};
use crate::finding::Finding;

/// The longest time that a program may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(5);

impl Checker {
    /// Starts the attendee's program as an instance called `name`.
    pub(crate) async fn app(&self, name: &str, settings: &[(&str, &str)]) -> Result<Instance> {
        let mut instance = Instance::of(&self.env, Command::new(&self.work), name, settings)?;
        self.start(&mut instance).await?;
        Ok(instance)
    }

    /// Starts a private Redis, and the attendee's program twice with its URL, as `app-1` and `app-2`.
    pub(crate) async fn redis_and_two_apps(
        &self,
        settings: &[(&str, &str)],
    ) -> Result<(Redis, [Instance; 2])> {
        let redis = Redis::start(&self.env, Persistence::None).await?;
        let url = redis.url();
        let settings = [&[("REDIS_URL", url.as_str())], settings].concat();
        let apps = [
            self.app("app-1", &settings).await?,
            self.app("app-2", &settings).await?,
        ];
        Ok((redis, apps))
    }

    /// Starts two instances of demo-memory, as `app-1` and `app-2`.
    pub(crate) async fn two_demos(&self) -> Result<[Instance; 2]> {
        let demo = async |name| Instance::started(&self.env, Demo::Memory, name, &[]).await;
        Ok([demo("app-1").await?, demo("app-2").await?])
    }

    /// Starts `instance`, which runs the attendee's program, on the port that it was given.
    pub(crate) async fn start(&self, instance: &mut Instance) -> Result<()> {
        self.start_on_any_port(instance).await?;
        if TcpStream::connect(instance.address()).await.is_ok() {
            return Ok(());
        }
        let port = instance.address().port();
        let expected = format!("a server that listens on port {port}, the value of APP_PORT");
        let observed = listening_line(&instance.log());
        let meaning = "the program doesn't listen on the port it was given";
        bail!(Finding::new(expected, observed, meaning).at(Some(instance.name())))
    }

    /// Starts `instance`, which runs the attendee's program, and accepts any port.
    pub(crate) async fn start_on_any_port(&self, instance: &mut Instance) -> Result<()> {
        let (log_start, cpu_before) = (instance.log().len(), self.cpu_time());
        let started = timeout(START_LIMIT, instance.start()).await;
        let name = instance.name().to_owned();
        match instance.pid() {
            Some(pid) => self.apps.borrow_mut().insert(name.clone(), pid),
            None => self.apps.borrow_mut().remove(&name),
        };
        let log = instance.log();
        let log = log.get(log_start..).unwrap_or_default();
        let (observed, meaning) = match started {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => match panic_in(log) {
                Some(panic) => (panic, "the program panicked at its start"),
                None if instance.pid().is_none() => {
                    let last = log.lines().rfind(|line| !line.trim().is_empty());
                    let last = last.unwrap_or("nothing in its log");
                    (last.to_owned(), "the program ended at its start")
                }
                None => return Err(error),
            },
            Err(_) => {
                let seconds = START_LIMIT.as_secs();
                let observed = format!("no \"listening on\" in its log within {seconds} s");
                (observed, self.why_stuck(cpu_before))
            }
        };
        bail!(Finding::new("a server that listens", observed, meaning).at(Some(&name)))
    }
}
