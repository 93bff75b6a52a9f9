//! A server process of a demo.

use std::{
    net::SocketAddr,
    process::{Command, ExitStatus},
    str::FromStr,
};

use anyhow::{Context, Result};
use nix::sys::signal::Signal;

use crate::{Endpoint, TestEnv, binaries::binary, ports::Port, process::Process};

/// A demo: the counter application with one store, or the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Demo {
    /// Sessions in the server's own memory.
    Memory,
    File,
    Redis,
    /// Sessions in the visitor's cookie.
    Cookie,
    /// A login, with its sessions in Redis.
    Login,
}

impl Demo {
    /// All demos, in the order in which the story meets them.
    pub const ALL: [Self; 5] = [
        Self::Memory,
        Self::File,
        Self::Redis,
        Self::Cookie,
        Self::Login,
    ];

    /// The counter application with each store that keeps sessions on the server.
    pub const STORES: [Self; 3] = [Self::Memory, Self::File, Self::Redis];

    /// Its name, as in `demo-memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            _ => self.host(),
        }
    }

    /// Returns the first part of its host name, which its instances are named by, as in `memory-1`.
    pub fn host(self) -> &'static str {
        self.service().trim_start_matches("demo-")
    }

    /// Returns its host name behind HAProxy, as in `memory.localhost`.
    pub fn host_name(self) -> String {
        format!("{}.localhost", self.host())
    }

    /// Returns the name of its Compose service, which is also the name of its HAProxy backend.
    ///
    /// The login is called `webserver`, because its tutorial scales a service of that name.
    pub fn service(self) -> &'static str {
        match self {
            Self::Memory => "demo-memory",
            Self::File => "demo-file",
            Self::Redis => "demo-redis",
            Self::Cookie => "demo-cookie",
            Self::Login => "webserver",
        }
    }

    pub fn needs_redis(self) -> bool {
        matches!(self, Self::Redis | Self::Login)
    }
}

/// Parses the name of a store, as `DEMO` has it: `memory`, `file`, `redis` or `cookie`.
impl FromStr for Demo {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|demo| *demo != Self::Login && demo.name() == name)
            .context("it is one of memory, file, redis, cookie")
    }
}

/// The secret that all instances share unless they are given another one.
const SECRET: &str = "the test kit's own secret, shared by all instances of an environment";

/// A server process that can be restarted on the same port.
#[derive(Debug)]
pub struct Instance {
    process: Process,
    port: Port,
}

impl Instance {
    /// Prepares an instance of `demo`, called `name`.
    ///
    /// It inherits only `PATH` from our environment. It gets its own home, port and session folder, the shared secret,
    /// and then the environment variables in `settings`, which override these.
    pub fn new(env: &TestEnv, demo: Demo, name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let program = binary(&format!("demo-{}", demo.name()))?;
        Self::of(env, Command::new(program), name, settings)
    }

    /// Does the same as [`new`](Self::new), and [starts](Self::start) the instance.
    pub async fn started(
        env: &TestEnv,
        demo: Demo,
        name: &str,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let mut instance = Self::new(env, demo, name, settings)?;
        instance.start().await?;
        Ok(instance)
    }

    pub async fn viewer(env: &TestEnv, settings: &[(&str, &str)]) -> Result<Self> {
        let command = Command::new(binary("demo-viewer")?);
        let mut viewer = Self::of(env, command, "viewer", settings)?;
        viewer.start().await?;
        Ok(viewer)
    }

    /// Does the same as [`new`](Self::new) for any `command` that takes a demo's settings.
    pub fn of(
        env: &TestEnv,
        mut command: Command,
        name: &str,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let port = Port::claim()?;
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", env.path())
            .env("APP_PORT", port.number().to_string())
            .env("WORKERS", "2")
            .env("INSTANCE", name)
            .env("SESSION_KEY", SECRET)
            .env("SESSION_DIR", env.path().join("sessions").join(name))
            .envs(settings.iter().copied());
        Ok(Self {
            process: Process::new(env, name, command)?,
            port,
        })
    }

    /// Starts the server and waits until it accepts connections. If it ends instead, the error contains its log.
    pub async fn start(&mut self) -> Result<()> {
        self.process
            .start(async |log| log.contains("listening on http://"))
            .await
    }

    /// Stops the server gracefully (SIGTERM) and waits for its end.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.process.end(Signal::SIGTERM).await
    }

    /// Sends SIGTERM and does not wait.
    pub fn ask_to_stop(&self) -> Result<()> {
        self.process.signal(Signal::SIGTERM)
    }

    /// Sends SIGINT, as Ctrl-C does, and does not wait.
    pub fn interrupt(&self) -> Result<()> {
        self.process.signal(Signal::SIGINT)
    }

    pub async fn ended(&mut self) -> Result<ExitStatus> {
        self.process.ended().await
    }

    /// Stops the server gracefully and starts it again on the same port.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.start().await
    }

    /// Does the same as [`restart`](Self::restart), with environment variables that override those of the last start.
    pub async fn restart_with(&mut self, settings: &[(&str, &str)]) -> Result<()> {
        self.stop().await?;
        self.process.set_env(settings);
        self.start().await
    }

    /// Kills the server (SIGKILL), which then finishes no request.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.end(Signal::SIGKILL).await.map(drop)
    }

    /// Freezes the server (SIGSTOP): it keeps its port and its connections, and does not respond.
    pub fn freeze(&self) -> Result<()> {
        self.process.signal(Signal::SIGSTOP)
    }

    /// Resumes a frozen server (SIGCONT).
    pub fn thaw(&self) -> Result<()> {
        self.process.signal(Signal::SIGCONT)
    }

    /// Returns the exit status of the last process, if that has ended.
    pub fn status(&self) -> Option<ExitStatus> {
        self.process.status
    }

    /// Returns whether the server runs. If it has ended, [`status`](Self::status) returns how.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.pid().is_some() && self.process.poll()?.is_none())
    }

    /// Returns the process ID while the server runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Returns the instance's name, as in `X-Served-By`.
    pub fn name(&self) -> &str {
        &self.process.name
    }

    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Returns the endpoint of this instance, without a load balancer.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.address())
    }

    pub fn log(&self) -> String {
        self.process.log()
    }
}
