//! The project's own containers, under a name and on a port of their own: a stack that the user has up is never touched.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::{process::Command, time::timeout};

use crate::{Cleanup, Demo, Endpoint, Port, TestEnv, Visitor, binaries::root, wait::wait_until};

/// Longest that Docker may take to do what it has already said it will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longest that Docker may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(10);

/// What must not leak from the user's shell into our containers.
const SETTINGS: [&str; 12] = [
    "ABSOLUTE_TIMEOUT",
    "COMPOSE_FILE",
    "COMPOSE_PROFILES",
    "DEMO",
    "HTTP_PORT",
    "IDLE_TIMEOUT",
    "LAB",
    "MIGRATE_COOKIES",
    "REDIS_PASSWORD",
    "ROTATE_AFTER",
    "ROTATION_GRACE",
    "SESSION_KEY",
];

/// A Compose project, up but for one that was prepared [`over`](Self::over) a file. It is taken down when this value is
/// dropped, volumes and all; images stay.
#[derive(Debug)]
pub struct Compose {
    project: String,
    port: u16,
    /// A file that is laid over the project's own.
    over: Option<PathBuf>,
    // Dropped before the claim: then the port is free again.
    _down: Cleanup,
    _claim: Option<Port>,
}

/// What is to run, as Compose understands its files.
#[derive(Debug)]
pub struct Planned(Value);

impl Planned {
    /// The demo that plain localhost is to serve.
    #[must_use]
    pub fn demo(&self) -> Option<&str> {
        self.0["services"]["haproxy"]["environment"]["DEMO"].as_str()
    }

    /// How many instances of `service` there are to be.
    #[must_use]
    pub fn instances(&self, service: &str) -> Option<u64> {
        self.0["services"][service]["deploy"]["replicas"].as_u64()
    }
}

impl Compose {
    /// The secret that docker-compose.yml has, unless it is given another one.
    pub const SECRET: &str = "for-docker-compose-on-this-machine-only-not-a-secret";

    /// Whether there is a Docker engine with Compose v2.
    ///
    /// # Errors
    /// There isn't; the message says what to do.
    pub async fn available() -> Result<()> {
        let works = |arguments: &'static [&str]| async move {
            let mut docker = Command::new("docker");
            let status = docker
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .status();
            // An engine on a machine that doesn't answer is none.
            timeout(ANSWER, status)
                .await
                .is_ok_and(|status| status.is_ok_and(|status| status.success()))
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

    /// Builds the images, starts everything on `port` or a free one, and waits until it serves.
    ///
    /// # Errors
    /// Docker says no; the message is its own.
    pub async fn up(env: &TestEnv, port: Option<u16>, demo: Demo) -> Result<Self> {
        let compose = Self::prepared(env, port, None)?;
        if let Err(error) = compose.serve(demo).await {
            bail!("{error:#}\n{}", compose.tails().await);
        }
        // -dW: a warning is an error.
        let check = [
            "exec",
            "-T",
            "haproxy",
            "haproxy",
            "-c",
            "-dW",
            "-f",
            "/usr/local/etc/haproxy/haproxy.cfg",
            "-f",
            "/usr/local/etc/haproxy/compose.cfg",
        ];
        compose
            .run(&check)
            .await
            .context("HAProxy in the container doesn't like its configuration")?;
        Ok(compose)
    }

    /// Prepares one on a free port, with `file` laid over the project's own. Nothing is started yet.
    ///
    /// # Errors
    /// There is no such file, or no free port.
    pub fn over(env: &TestEnv, file: &Path) -> Result<Self> {
        let file = file
            .canonicalize()
            .with_context(|| format!("cannot read {}", file.display()))?;
        Self::prepared(env, None, Some(file))
    }

    fn prepared(env: &TestEnv, port: Option<u16>, over: Option<PathBuf>) -> Result<Self> {
        let claim = if port.is_some() {
            None
        } else {
            Some(Port::claim()?)
        };
        let port = port
            .or(claim.as_ref().map(Port::number))
            .unwrap_or_default();
        let project = format!("session-workshop-{port}");
        let down = env.on_exit(format!(
            "docker compose --project-name {project} down --volumes --remove-orphans --timeout 3"
        ));
        Ok(Self {
            project,
            port,
            over,
            _down: down,
            _claim: claim,
        })
    }

    /// What is to run; or Compose's own words, if it doesn't accept its files, of which they have no more than the name.
    ///
    /// # Errors
    /// Docker can't be started.
    pub async fn planned(&self) -> Result<Result<Planned, String>> {
        let output =
            finished(&mut self.command(Demo::File, &["config", "--format", "json"])).await?;
        if output.status.success() {
            return Ok(Ok(Planned(
                serde_json::from_slice(&output.stdout)
                    .context("Compose tells its plan in another way")?,
            )));
        }
        let folders = [Some(root()), self.over.as_deref().and_then(Path::parent)]
            .into_iter()
            .flatten()
            .flat_map(Path::canonicalize);
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Ok(Err(folders.fold(words, |words, folder| {
            words.replace(&format!("{}/", folder.display()), "")
        })))
    }

    /// Builds the images, unless nothing has changed.
    ///
    /// # Errors
    /// Docker says no; the message is its own.
    pub async fn build(&self) -> Result<()> {
        self.run(&["build"]).await.map(drop)
    }

    /// Starts everything from images that are built, and waits until it is healthy.
    ///
    /// # Errors
    /// Docker says no; the message is its own, and what the containers say.
    pub async fn start(&self) -> Result<()> {
        if let Err(error) = self.run(&["up", "--detach", "--no-build", "--wait"]).await {
            bail!("{error:#}\n{}", self.tails().await);
        }
        Ok(())
    }

    /// Has plain localhost serve `demo`: a variable and `up` again.
    ///
    /// # Errors
    /// Docker says no.
    pub async fn serve(&self, demo: Demo) -> Result<()> {
        self.run_for(demo, &["up", "--detach", "--wait"])
            .await
            .map(drop)
    }

    /// Removes containers and networks, keeps volumes, and starts everything again.
    ///
    /// # Errors
    /// Docker says no.
    pub async fn down_and_up(&self) -> Result<()> {
        // First what has anonymous volumes: without --volumes they would be left, and nobody would know whose they are.
        self.run(&["rm", "--stop", "--force", "--volumes", "demo-file"])
            .await?;
        self.run(&["down", "--timeout", "3"]).await?;
        self.run(&["up", "--detach", "--wait"]).await.map(drop)
    }

    /// How a visitor reaches `demo`.
    #[must_use]
    pub fn endpoint(&self, demo: Demo) -> Endpoint {
        self.entry().named(&format!("{}.localhost", demo.host()))
    }

    /// How a visitor reaches what plain localhost serves.
    #[must_use]
    pub fn entry(&self) -> Endpoint {
        Endpoint::new((Ipv4Addr::LOCALHOST, self.port).into())
    }

    /// Runs `demo` on `count` instances, and waits until HAProxy serves just those.
    ///
    /// # Errors
    /// Docker says no, or HAProxy doesn't follow.
    pub async fn scale(&self, demo: Demo, count: usize) -> Result<()> {
        // --no-recreate: what is there stays as it is.
        let scale = format!("{}={count}", demo.service());
        self.run(&[
            "up",
            "--detach",
            "--no-recreate",
            "--no-build",
            "--scale",
            &scale,
        ])
        .await?;
        self.serving(demo, count).await
    }

    /// Waits until HAProxy sees `count` instances of `demo` in service.
    ///
    /// # Errors
    /// It doesn't.
    pub async fn serving(&self, demo: Demo, count: usize) -> Result<()> {
        let statistics = self.entry().named("stats.localhost");
        wait_until(
            &format!("HAProxy to serve {count} instances of {}", demo.service()),
            PATIENCE,
            async || {
                let seen = Visitor::new().get(&statistics, "/;csv").await?;
                // backend,server,…,status,…
                let prefix = format!("{0},{0}-", demo.service());
                let up = seen
                    .body
                    .lines()
                    .filter(|line| line.starts_with(&prefix) && line.contains(",UP,"))
                    .count();
                Ok((up == count).then_some(()))
            },
        )
        .await
    }

    /// Starts the instances of `demo` anew with further `settings`: environment variables that docker-compose.yml passes
    /// on. Without any they have their own again. Waits until HAProxy serves just those.
    ///
    /// # Errors
    /// Docker says no, or HAProxy doesn't follow.
    pub async fn set(&self, demo: Demo, settings: &[(&str, &str)]) -> Result<()> {
        let mut up = self.command(
            Demo::File,
            &[
                "up",
                "--detach",
                "--wait",
                "--no-build",
                "--no-deps",
                demo.service(),
            ],
        );
        run(up.envs(settings.iter().copied())).await?;
        let endpoint = self.endpoint(demo);
        wait_until(
            &format!("HAProxy to serve the new instances of {}", demo.service()),
            PATIENCE,
            async || {
                let mut answers = Vec::new();
                for _ in 0..6 {
                    answers.push(Visitor::new().get(&endpoint, "/healthz").await?);
                }
                let quick = answers
                    .iter()
                    .all(|answer| answer.status == 200 && answer.took < Duration::from_millis(250));
                let in_turn = answers
                    .windows(2)
                    .all(|pair| pair[0].instance != pair[1].instance);
                Ok((quick && in_turn).then_some(()))
            },
        )
        .await
    }

    /// Everything that the instances of `demo` have logged.
    ///
    /// # Errors
    /// Docker says no.
    pub async fn log(&self, demo: Demo) -> Result<String> {
        self.run(&["logs", "--no-color", demo.service()]).await
    }

    /// Has Docker do `verb` (`restart`, `kill`, `start`) to the instance that calls itself `instance`: a container's host
    /// name is its id.
    ///
    /// # Errors
    /// Docker says no.
    pub async fn container(&self, verb: &str, instance: &str) -> Result<()> {
        run(Command::new("docker").args([verb, instance]))
            .await
            .map(drop)
    }

    /// Has Compose do `verb` (`restart`, `pause`, `unpause`) to Redis.
    ///
    /// # Errors
    /// Docker says no.
    pub async fn redis(&self, verb: &str) -> Result<()> {
        self.run(&[verb, "redis"]).await.map(drop)
    }

    /// The last lines of every service's log.
    pub async fn tails(&self) -> String {
        self.run(&["logs", "--no-color", "--tail", "12"])
            .await
            .unwrap_or_else(|error| format!("{error:#}"))
    }

    async fn run(&self, arguments: &[&str]) -> Result<String> {
        self.run_for(Demo::File, arguments).await
    }

    async fn run_for(&self, demo: Demo, arguments: &[&str]) -> Result<String> {
        run(&mut self.command(demo, arguments)).await
    }

    fn command(&self, demo: Demo, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command
            .args([
                "compose",
                "--progress",
                "plain",
                "--project-name",
                &self.project,
            ])
            .current_dir(root());
        if let Some(file) = &self.over {
            command.args(["-f", "docker-compose.yml", "-f"]).arg(file);
        }
        for name in SETTINGS {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("HTTP_PORT", self.port.to_string())
            .env("DEMO", demo.name());
        command
    }
}

/// `command`, once it has ended.
async fn finished(command: &mut Command) -> Result<Output> {
    // A group of its own: Ctrl-C is for us, and we end what we started.
    command
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot start docker")
}

/// What `command` prints, both ways.
async fn run(command: &mut Command) -> Result<String> {
    let output = finished(command).await?;
    let text = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    if !output.status.success() {
        let lines: Vec<_> = text.lines().collect();
        bail!(
            "docker failed:\n{}",
            lines[lines.len().saturating_sub(40)..].join("\n")
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_that_of_the_compose_file() {
        let file = std::fs::read_to_string(root().join("docker-compose.yml")).unwrap();
        assert!(file.contains(&format!(
            "SESSION_KEY: ${{SESSION_KEY:-{}}}",
            Compose::SECRET
        )));
    }
}
