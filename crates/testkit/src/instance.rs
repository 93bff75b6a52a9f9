//! One running server process.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
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
    /// Sessions in files.
    File,
    /// Sessions in Redis.
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

    /// The counter application with each store that keeps sessions on the server: the rows of the matrix.
    pub const STORES: [Self; 3] = [Self::Memory, Self::File, Self::Redis];

    /// Its name, as in `demo-memory`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Redis => "redis",
            Self::Cookie => "cookie",
            Self::Login => "login",
        }
    }

    /// Returns the first part of its host name behind HAProxy, as in `memory.localhost`.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Login => "webserver",
            _ => self.name(),
        }
    }

    /// Returns the name of its Compose service, which is also the name of its HAProxy backend.
    ///
    /// The login is called `webserver`, because its tutorial scales a service of that name.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Memory => "demo-memory",
            Self::File => "demo-file",
            Self::Redis => "demo-redis",
            Self::Cookie => "demo-cookie",
            Self::Login => "webserver",
        }
    }

    /// Whether it asks a Redis server.
    #[must_use]
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

/// The secret that all instances of a stage share.
const SECRET: &str = "the test kit's own secret, shared by all instances of an environment";

/// One running server process, and the next one in its place.
#[derive(Debug)]
pub struct Instance {
    process: Process,
    port: Port,
}

impl Instance {
    /// Prepares an instance of `demo`, called `name`. Of our environment it gets nothing but PATH; beside that a home, a
    /// port, a secret and a session folder of its own, and `settings`: environment variables that come last and so win,
    /// an empty one unsetting what it names.
    ///
    /// # Errors
    /// The demo doesn't build, or the stage has no room.
    pub fn new(env: &TestEnv, demo: Demo, name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        Self::of(
            env,
            binary(&format!("demo-{}", demo.name()))?,
            name,
            settings,
        )
    }

    /// As [`new`](Self::new), of any `program` that takes a demo's settings.
    ///
    /// # Errors
    /// The stage has no room.
    pub fn of(
        env: &TestEnv,
        program: &Path,
        name: &str,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        Self::by(env, Command::new(program), name, settings)
    }

    /// As [`of`](Self::of), of the program that `command` starts or becomes.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn by(
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
            .env("SESSION_DIR", env.path().join("sessions").join(name));
        for (variable, value) in settings {
            if value.is_empty() {
                command.env_remove(variable)
            } else {
                command.env(variable, value)
            };
        }
        Ok(Self {
            process: Process::new(env, name, command)?,
            port,
        })
    }

    /// Starts it and waits until it accepts.
    ///
    /// # Errors
    /// It ended instead; the message has its log.
    pub async fn start(&mut self) -> Result<()> {
        self.process
            .start(async |log| log.contains("listening on http://"))
            .await
    }

    /// Stops it in the orderly way (SIGTERM) and waits for its end.
    ///
    /// # Errors
    /// It isn't running, or doesn't end.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.process.end(Signal::SIGTERM).await
    }

    /// Asks it to stop (SIGTERM), and doesn't wait.
    ///
    /// # Errors
    /// It isn't running.
    pub fn ask_to_stop(&self) -> Result<()> {
        self.process.signal(Signal::SIGTERM)
    }

    /// Asks it to stop as Ctrl-C does (SIGINT), and doesn't wait.
    ///
    /// # Errors
    /// It isn't running.
    pub fn interrupt(&self) -> Result<()> {
        self.process.signal(Signal::SIGINT)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It doesn't end.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        self.process.ended().await
    }

    /// Stops it and starts it again on the same port.
    ///
    /// # Errors
    /// As [`stop`](Self::stop) and [`start`](Self::start).
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.start().await
    }

    /// Kills it (SIGKILL): no goodbye, nothing finished.
    ///
    /// # Errors
    /// It isn't running.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.end(Signal::SIGKILL).await.map(drop)
    }

    /// How its last process ended, once it has.
    #[must_use]
    pub fn status(&self) -> Option<ExitStatus> {
        self.process.status()
    }

    /// The id of its process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Its name, as in `X-Served-By`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.process.name()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port.number()).into()
    }

    /// How a visitor reaches it without a balancer.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.address())
    }

    /// Everything it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }
}
