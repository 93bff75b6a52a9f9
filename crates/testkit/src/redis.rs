//! Private Redis servers. The user's own Redis is never touched.

use std::{
    ffi::OsStr,
    fmt::Debug,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{TestEnv, binaries::tool, ports::Port, process::Process};

/// Whether Redis keeps its data over a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Redis keeps everything: each write goes to an append-only file.
    AppendOnly,
    /// Redis loses everything. Snapshots are off too, since Redis would write one at SIGTERM.
    None,
}

/// A private redis-server on a free port.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    port: Port,
    folder: PathBuf,
    password: Option<String>,
}

impl Redis {
    pub async fn start(env: &TestEnv, persistence: Persistence) -> Result<Self> {
        Self::start_with(env, persistence, None, &[]).await
    }

    /// Starts a Redis on `port` that writes nothing to the disk.
    pub async fn start_on(env: &TestEnv, port: u16) -> Result<Self> {
        let mut redis = Self::prepare(env, Some(port), &["--save", ""])?;
        redis.resume().await?;
        Ok(redis)
    }

    /// Starts a Redis on `port` with Redis's own settings. `CONFIG REWRITE` keeps changes of them for the next start.
    pub async fn with_own_settings(env: &TestEnv, port: u16) -> Result<Self> {
        let file = env.folder("redis")?.join("redis.conf");
        fs::write(&file, "").with_context(|| format!("cannot write {}", file.display()))?;
        let file = file.to_str().context("the path is not UTF-8")?;
        let mut redis = Self::prepare(env, Some(port), &[file])?;
        redis.resume().await?;
        Ok(redis)
    }

    /// Starts a Redis that requires `password` and gets further `arguments`.
    pub async fn start_with(
        env: &TestEnv,
        persistence: Persistence,
        password: Option<&str>,
        arguments: &[&str],
    ) -> Result<Self> {
        let append_only = match persistence {
            Persistence::AppendOnly => "yes",
            Persistence::None => "no",
        };
        let mut all = vec!["--save", "", "--appendonly", append_only];
        all.extend(password.iter().flat_map(|it| ["--requirepass", it]));
        all.extend(arguments);
        let mut redis = Self::prepare(env, None, &all)?;
        redis.password = password.map(str::to_owned);
        redis.resume().await?;
        Ok(redis)
    }

    /// Prepares a Redis with the configuration in `file`; [`resume`](Self::resume) starts it. `arguments` and its port,
    /// folder and log override what the file says.
    pub fn with_config(env: &TestEnv, file: &Path, arguments: &[&str]) -> Result<Self> {
        let file = file.to_str().context("the path is not UTF-8")?;
        let all = [&[file, "--daemonize", "no", "--logfile", ""], arguments].concat();
        Self::prepare(env, None, &all)
    }

    fn prepare(env: &TestEnv, port: Option<u16>, arguments: &[&str]) -> Result<Self> {
        let port = Port::or_claim(port)?;
        let name = format!("redis-server-{}", port.number());
        let folder = env.folder(&name)?;
        let mut command = Command::new(tool("redis-server")?);
        command
            .args(arguments)
            .args(["--port", &port.number().to_string()])
            .args(["--bind", "127.0.0.1", "--dir"])
            .arg(&folder);
        Ok(Self {
            process: Process::new(env, &name, command)?,
            port,
            folder,
            password: None,
        })
    }

    /// Returns the error that Redis found in its configuration at its last start, which takes three lines of its log:
    /// `line 8: 'appendonly maybe': argument must be ...`.
    pub fn config_error(&self) -> Option<String> {
        let log = self.process.log();
        let (_, error) = log.rsplit_once("FATAL CONFIG FILE ERROR")?;
        let mut lines = error.split_once("at line ")?.1.lines();
        let (line, directive, message) = (lines.next()?, lines.next()?, lines.next()?);
        let directive = directive.trim_start_matches(">>> ");
        Some(format!("line {line}: {directive}: {message}"))
    }

    /// Stops Redis with SIGTERM and starts it again on the same port.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.resume().await
    }

    /// Stops Redis with SIGTERM.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.end(Signal::SIGTERM).await.map(drop)
    }

    /// Kills Redis (SIGKILL): it loses what it has not written to disk.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.end(Signal::SIGKILL).await.map(drop)
    }

    /// Starts Redis after [`stop`](Self::stop) or [`kill`](Self::kill), and waits until it responds.
    pub async fn resume(&mut self) -> Result<()> {
        let address = self.port.address();
        self.process.start(async |_| responds(address).await).await
    }

    /// Returns whether Redis has ended by itself, or was ended by another program.
    pub fn has_ended(&mut self) -> Result<bool> {
        self.process.has_ended()
    }

    /// Returns the process ID while Redis runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Freezes Redis (SIGSTOP): it keeps its port and its connections, and does not respond.
    pub fn freeze(&self) -> Result<()> {
        self.process.signal(Signal::SIGSTOP)
    }

    /// Resumes a frozen Redis (SIGCONT).
    pub fn thaw(&self) -> Result<()> {
        self.process.signal(Signal::SIGCONT)
    }

    /// Returns the value for `REDIS_URL`, with the password.
    pub fn url(&self) -> String {
        let login = self.password.as_ref().map(|it| format!(":{it}@"));
        format!("redis://{}{}", login.unwrap_or_default(), self.address())
    }

    /// Returns the folder of its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns host and port.
    pub fn address(&self) -> String {
        self.port.address().to_string()
    }

    /// Runs `command` with `redis-cli` and returns what that prints.
    pub fn cli(&self, command: &[impl AsRef<OsStr> + Debug]) -> Result<String> {
        let mut cli = Command::new(tool("redis-cli")?);
        cli.args(["-p", &self.port.number().to_string()])
            .args(command);
        if let Some(password) = &self.password {
            cli.env("REDISCLI_AUTH", password);
        }
        let output = cli.output().context("cannot start redis-cli")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "redis-cli {command:?}: {stderr}");
        let stdout = String::from_utf8_lossy(&output.stdout);
        Ok(stdout.trim_end().to_owned())
    }
}

/// Returns whether the Redis at `address` has loaded its data. A request for the password counts as a response too.
async fn responds(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return false;
    };
    let mut reply = [0; 7];
    stream.write_all(b"PING\r\n").await.is_ok()
        && stream.read_exact(&mut reply).await.is_ok()
        && (reply == *b"+PONG\r\n" || reply == *b"-NOAUTH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn config_errors_have_a_line_number_and_a_message() {
        let env = TestEnv::new().unwrap();
        let file = env.path().join("redis.conf");
        fs::write(&file, "# Nothing\nappendonly maybe\n").unwrap();
        let mut redis = Redis::with_config(&env, &file, &[]).unwrap();
        assert!(redis.resume().await.is_err());
        assert_eq!(
            redis.config_error().unwrap(),
            "line 2: 'appendonly maybe': argument must be 'yes' or 'no'"
        );
        fs::write(&file, "appendonly yes\n").unwrap();
        redis.resume().await.unwrap();
    }
}
