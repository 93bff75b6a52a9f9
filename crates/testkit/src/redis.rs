//! A Redis server of our own; the user's is never touched.

use std::{net::Ipv4Addr, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{TestEnv, binaries::tool, ports::Port, process::Process};

/// What Redis keeps when it is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Every write goes to an append-only file.
    AppendOnly,
    /// Nothing: snapshots are off as well, which Redis would otherwise write at SIGTERM.
    None,
}

/// A private redis-server on a free port.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    port: Port,
    password: Option<String>,
}

impl Redis {
    /// Starts one.
    ///
    /// # Errors
    /// redis-server is not installed, or doesn't start.
    pub async fn start(env: &TestEnv, persistence: Persistence) -> Result<Self> {
        Self::start_with(env, persistence, None, &[]).await
    }

    /// Starts one that wants `password` and has further `arguments`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(
        env: &TestEnv,
        persistence: Persistence,
        password: Option<&str>,
        arguments: &[&str],
    ) -> Result<Self> {
        let port = Port::claim()?;
        let name = format!("redis-server-{}", port.number());
        let append = if persistence == Persistence::AppendOnly {
            "yes"
        } else {
            "no"
        };
        let mut command = Command::new(tool("redis-server")?);
        command
            .args([
                "--port",
                &port.number().to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                append,
            ])
            .arg("--dir")
            .arg(env.folder(&name)?);
        if let Some(password) = password {
            command.args(["--requirepass", password]);
        }
        command.args(arguments);
        let mut redis = Self {
            process: Process::new(env, &name, command)?,
            port,
            password: password.map(str::to_owned),
        };
        redis.run().await?;
        Ok(redis)
    }

    /// Prepares one with the configuration in `file`, to be started with [`resume`](Self::resume). Its port, its folder
    /// and the place of its log are not the file's to say.
    ///
    /// # Errors
    /// redis-server is not installed.
    pub fn of(env: &TestEnv, file: &Path) -> Result<Self> {
        let port = Port::claim()?;
        let name = format!("redis-server-{}", port.number());
        let mut command = Command::new(tool("redis-server")?);
        command.arg(file).args([
            "--port",
            &port.number().to_string(),
            "--bind",
            "127.0.0.1",
            "--daemonize",
            "no",
            "--logfile",
            "",
        ]);
        command.arg("--dir").arg(env.folder(&name)?);
        Ok(Self {
            process: Process::new(env, &name, command)?,
            port,
            password: None,
        })
    }

    /// What it had to say against its configuration at its last start: the line, and its own words. Nothing, if it
    /// accepted it.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        complaint(&self.process.log())
    }

    async fn run(&mut self) -> Result<()> {
        let port = self.port.number();
        self.process.start(async |_| answers(port).await).await
    }

    /// Stops it with SIGTERM and starts it again on the same port.
    ///
    /// # Errors
    /// It doesn't end or doesn't start.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.resume().await
    }

    /// Stops it with SIGTERM.
    ///
    /// # Errors
    /// It isn't running, or doesn't end.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.end(Signal::SIGTERM).await.map(drop)
    }

    /// Kills it (SIGKILL): what it has not written down is gone.
    ///
    /// # Errors
    /// It isn't running.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.end(Signal::SIGKILL).await.map(drop)
    }

    /// Starts it, also again after [`stop`](Self::stop) or [`kill`](Self::kill).
    ///
    /// # Errors
    /// It doesn't start.
    pub async fn resume(&mut self) -> Result<()> {
        self.run().await
    }

    /// Freezes it: it keeps its port and its connections and answers nothing.
    ///
    /// # Errors
    /// It isn't running.
    pub fn freeze(&self) -> Result<()> {
        self.process.signal(Signal::SIGSTOP)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// It isn't running.
    pub fn thaw(&self) -> Result<()> {
        self.process.signal(Signal::SIGCONT)
    }

    /// Its address as `REDIS_URL` takes it, password included.
    #[must_use]
    pub fn url(&self) -> String {
        let password = self
            .password
            .as_ref()
            .map(|password| format!(":{password}@"))
            .unwrap_or_default();
        format!("redis://{password}{}", self.address())
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.port.number())
    }

    /// What `redis-cli` prints for `command`.
    ///
    /// # Errors
    /// redis-cli is not installed, or failed.
    pub fn cli(&self, command: &[&str]) -> Result<String> {
        let mut cli = Command::new(tool("redis-cli")?);
        cli.args(["-p", &self.port.number().to_string()])
            .args(command);
        if let Some(password) = &self.password {
            cli.env("REDISCLI_AUTH", password);
        }
        let output = cli.output().context("cannot start redis-cli")?;
        ensure!(
            output.status.success(),
            "redis-cli {command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned())
    }
}

/// `line 8: 'appendonly maybe': argument must be ...`, as the end of `log` has it in three lines.
fn complaint(log: &str) -> Option<String> {
    let (_, told) = log.rsplit_once("FATAL CONFIG FILE ERROR")?;
    let (_, told) = told.split_once("at line ")?;
    let mut lines = told.lines();
    let (line, directive, words) = (
        lines.next()?,
        lines.next()?.trim_start_matches(">>> "),
        lines.next()?,
    );
    Some(format!("line {line}: {directive}: {words}"))
}

/// Whether there is a Redis that has loaded its data; wanting a password is an answer too.
async fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return false;
    };
    let mut answer = [0; 7];
    stream.write_all(b"PING\r\n").await.is_ok()
        && stream.read_exact(&mut answer).await.is_ok()
        && (answer == *b"+PONG\r\n" || answer == *b"-NOAUTH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_complaint_has_its_line_and_the_words_of_redis() {
        let env = TestEnv::new().unwrap();
        let file = env.path().join("redis.conf");
        std::fs::write(&file, "# Nothing\nappendonly maybe\n").unwrap();
        let mut redis = Redis::of(&env, &file).unwrap();
        assert!(redis.resume().await.is_err());
        assert_eq!(
            redis.complaint().unwrap(),
            "line 2: 'appendonly maybe': argument must be 'yes' or 'no'"
        );
        std::fs::write(&file, "appendonly yes\n").unwrap();
        redis.resume().await.unwrap();
    }
}
