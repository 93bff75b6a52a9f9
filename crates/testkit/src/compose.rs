//! The demos in containers, in a Compose project and on a port of their own. The user's own containers stay untouched.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::{process::Command, time::timeout};

use crate::{
    Cleanup, Container, Demo, Endpoint, Port, TestEnv, Visitor,
    binaries::root,
    docker::{detached, finished, run},
    serving::{PATIENCE, server_address, serving},
    wait::wait_until,
};

const FILE: &str = include_str!("../../../docker-compose.yml");

/// Checks HAProxy's configuration for containers and for processes with the container's version of HAProxy. -dW makes a
/// warning an error. Each server of native.cfg gets an address.
const CHECK: &str = r#"cd /usr/local/etc/haproxy &&
    export $(sed -n 's/.*"${\(.*\)}"/\1=127.0.0.1:1/p' native.cfg) &&
    for file in compose native; do haproxy -c -dW -f haproxy.cfg -f $file.cfg || exit; done"#;

/// Prints the ID of a container and its addresses.
const ADDRESSES: &str = "{{.Id}}{{range .NetworkSettings.Networks}} {{.IPAddress}}{{end}}";

/// Limits how long Docker may take to answer `docker info`.
const ANSWER: Duration = Duration::from_secs(10);

/// A Compose project. Dropping it removes its containers, volumes and image.
#[derive(Debug)]
pub struct Compose {
    project: String,
    /// A second Compose file, which overrides the project's own.
    over: Option<PathBuf>,
    // Dropped before the port, so that the port is free when its claim ends.
    _down: Cleanup,
    port: Port,
}

impl Compose {
    /// Returns the environment variables that docker-compose.yml reads.
    pub fn settings() -> BTreeSet<&'static str> {
        let references = FILE.split("${").skip(1);
        references
            .filter_map(|rest| rest.split([':', '-', '}']).next())
            .collect()
    }

    /// Checks that a Docker engine with Compose v2 answers. The error says what to do.
    pub async fn available() -> Result<()> {
        let works = async |arguments: &[&str]| {
            let mut docker = Command::new("docker");
            let answer = timeout(ANSWER, finished(docker.args(arguments))).await;
            matches!(answer, Ok(Ok(output)) if output.status.success())
        };
        ensure!(
            works(&["info"]).await,
            "no Docker engine answers; install and start one (https://docs.docker.com/engine/install), and see that `docker info` works"
        );
        ensure!(
            works(&["compose", "version"]).await,
            "Docker has no Compose v2 plugin; install docker-compose-plugin, and see that `docker compose version` works"
        );
        Ok(())
    }

    /// Builds the image, starts all services on `port` or on a free one, and waits until they are healthy.
    ///
    /// Plain localhost serves `demo`. Docker's build progress goes to our standard error.
    pub async fn up(env: &TestEnv, port: Option<u16>, demo: Demo) -> Result<Self> {
        let compose = Self::prepared(env, port, None)?;
        let status = detached(&mut compose.command(demo, &["build"]))
            .stdout(std::io::stderr())
            .status()
            .await
            .context("cannot start docker")?;
        ensure!(status.success(), "docker compose build failed");
        compose.start(demo).await?;
        let exec = ["exec", "-T", "haproxy", "sh", "-c", CHECK];
        let checked = compose.run(&exec).await;
        checked.context("HAProxy in the container rejects its configuration")?;
        Ok(compose)
    }

    /// Prepares a project on a free port whose Compose file is overridden by `file`. Starts nothing.
    pub fn over(env: &TestEnv, file: &Path) -> Result<Self> {
        let file = file
            .canonicalize()
            .with_context(|| format!("cannot read {}", file.display()))?;
        Self::prepared(env, None, Some(file))
    }

    fn prepared(env: &TestEnv, port: Option<u16>, over: Option<PathBuf>) -> Result<Self> {
        let port = Port::or_claim(port)?;
        let project = format!("session-workshop-{}", port.number());
        // By the name alone, Compose removes what has the label of the project, and nothing that a file names.
        // `--rmi local` removes the image that this project has built.
        let down = env.on_exit(format!(
            "docker compose --project-name {project} down --volumes --rmi local --remove-orphans --timeout 3"
        ));
        Ok(Self {
            project,
            port,
            over,
            _down: down,
        })
    }

    /// Returns what Compose would start, in its own JSON, or its message if it rejects its files. The message has the
    /// files' names without their folders.
    pub async fn planned(&self) -> Result<Result<Value, String>> {
        let output =
            finished(&mut self.command(Demo::File, &["config", "--format", "json"])).await?;
        if output.status.success() {
            let planned = serde_json::from_slice(&output.stdout);
            return Ok(Ok(
                planned.context("Compose printed something other than JSON")?
            ));
        }
        let folders = [Some(root()), self.over.as_deref().and_then(Path::parent)];
        let folders = folders.into_iter().flatten().flat_map(Path::canonicalize);
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Ok(Err(folders.fold(message, |message, folder| {
            message.replace(&format!("{}/", folder.display()), "")
        })))
    }

    pub async fn build(&self) -> Result<()> {
        self.run(&["build"]).await.map(drop)
    }

    /// Starts all services from the image that was built, and waits until they are healthy. Plain localhost serves
    /// `demo`. The error has the logs.
    pub async fn start(&self, demo: Demo) -> Result<()> {
        if let Err(error) = self.serve(demo).await {
            bail!("{error:#}\n{}", self.tails().await);
        }
        Ok(())
    }

    /// Makes plain localhost serve `demo`, as `DEMO=... docker compose up` does.
    pub async fn serve(&self, demo: Demo) -> Result<()> {
        let up = ["up", "--detach", "--no-build", "--wait"];
        run(&mut self.command(demo, &up)).await.map(drop)
    }

    /// Removes containers and networks, keeps volumes, and starts everything again.
    pub async fn down_and_up(&self) -> Result<()> {
        self.run(&["down", "--timeout", "3"]).await?;
        self.serve(Demo::File).await
    }

    /// Returns the endpoint of `demo`: HAProxy, with the demo's host name.
    pub fn endpoint(&self, demo: Demo) -> Endpoint {
        self.entry().named(&demo.host_name())
    }

    /// Returns the endpoint of plain localhost.
    pub fn entry(&self) -> Endpoint {
        Endpoint::new(self.port.address())
    }

    /// Runs `demo` on `count` instances, and waits until HAProxy serves exactly those.
    pub async fn scale(&self, demo: Demo, count: usize) -> Result<()> {
        let scale = format!("{}={count}", demo.service());
        // --no-recreate keeps the instances that run already.
        let up = ["up", "--detach", "--no-recreate", "--no-build", "--scale"];
        self.run(&[&up[..], &[&scale]].concat()).await?;
        self.serving(demo, count).await
    }

    /// Waits until HAProxy reports `count` instances of `demo` up.
    pub async fn serving(&self, demo: Demo, count: usize) -> Result<()> {
        serving(&self.entry(), demo, count).await
    }

    /// Recreates the instances of `demo` with `settings`, and waits until HAProxy serves exactly those.
    ///
    /// The settings are environment variables that docker-compose.yml reads. Without any, its defaults apply again.
    pub async fn set(&self, demo: Demo, settings: &[(&str, &str)]) -> Result<()> {
        let service = demo.service();
        let up = ["up", "--detach", "--wait", "--no-build", "--no-deps"];
        let mut up = self.command(Demo::File, &[&up[..], &[service]].concat());
        run(up.envs(settings.iter().copied())).await?;
        let endpoint = self.endpoint(demo);
        let what = format!("HAProxy to serve the new instances of {service}");
        wait_until(&what, PATIENCE, async || {
            let mut last = None;
            for _ in 0..6 {
                let seen = Visitor::new().get(&endpoint, "/healthz").await?;
                let quick = seen.status == 200 && seen.took < Duration::from_millis(250);
                if !quick || seen.instance == last {
                    return Ok(None);
                }
                last = seen.instance;
            }
            Ok(Some(()))
        })
        .await
    }

    /// Replaces `container` by one with `settings`, as a rolling deploy does. `demo` has two instances. The old one
    /// stops (SIGTERM) once HAProxy uses the new one.
    pub async fn replace(
        &self,
        demo: Demo,
        container: &Container,
        settings: &[(&str, &str)],
    ) -> Result<()> {
        let scale = format!("{}=3", demo.service());
        // --no-recreate keeps the instances that run already, with their settings.
        let up = ["up", "--detach", "--no-recreate", "--no-build", "--no-deps"];
        let up = [&up[..], &["--scale", &scale, demo.service()]].concat();
        let mut up = self.command(Demo::File, &up);
        run(up.envs(settings.iter().copied())).await?;
        self.serving(demo, 3).await?;
        container.docker("stop").await?;
        container.docker("rm").await?;
        self.serving(demo, 2).await
    }

    /// Returns the name of the project, which the names of its containers, volumes and networks begin with.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Returns the port of plain localhost.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Returns how many keys Redis has.
    pub async fn redis_keys(&self) -> Result<u64> {
        let exec = ["exec", "-T", "redis", "redis-cli", "dbsize"];
        let count = self.run(&exec).await?;
        let count = count.split_whitespace().last().unwrap_or_default();
        count
            .parse()
            .with_context(|| format!("DBSIZE replied {count}"))
    }

    pub async fn log(&self, demo: Demo) -> Result<String> {
        self.run(&["logs", "--no-color", demo.service()]).await
    }

    /// Returns the container of the instance that HAProxy calls `name`, as in `memory-1`. HAProxy gives this name to
    /// another container if this one stops or restarts.
    pub async fn container(&self, name: &str) -> Result<Container> {
        let what = format!("a container at the address of {name}");
        wait_until(&what, PATIENCE, async || {
            let Some(address) = server_address(&self.entry(), name).await? else {
                return Ok(None);
            };
            let running = self.run(&["ps", "--quiet"]).await?;
            let mut inspect = Command::new("docker");
            let inspect = inspect.args(["inspect", "--format", ADDRESSES]);
            let containers = run(inspect.args(running.lines())).await?;
            let mut containers = containers.lines().map(str::split_whitespace);
            Ok(containers.find_map(|mut words| {
                let id = words.next()?;
                let at = |it: &str| it.parse() == Ok(address.ip());
                words.any(at).then(|| Container::new(id))
            }))
        })
        .await
    }

    /// Runs `docker compose restart`, `pause` or `unpause` for Redis.
    pub async fn redis(&self, verb: &str) -> Result<()> {
        self.run(&[verb, "redis"]).await.map(drop)
    }

    /// Returns the last lines of the log of every service.
    pub async fn tails(&self) -> String {
        self.run(&["logs", "--no-color", "--tail", "12"])
            .await
            .unwrap_or_else(|error| format!("{error:#}"))
    }

    async fn run(&self, arguments: &[&str]) -> Result<String> {
        run(&mut self.command(Demo::File, arguments)).await
    }

    /// Returns `docker compose` with `arguments`, without any setting from the user's environment.
    fn command(&self, demo: Demo, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command
            .args(["compose", "--project-name", &self.project])
            .current_dir(root());
        if let Some(file) = &self.over {
            command.args(["-f", "docker-compose.yml", "-f"]).arg(file);
        }
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("COMPOSE_") || Self::settings().contains(&*text) {
                command.env_remove(&name);
            }
        }
        command
            .args(arguments)
            .env("HTTP_PORT", self.port.number().to_string())
            .env("DEMO", demo.name());
        command
    }
}
