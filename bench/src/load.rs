//! Loads a server with wrk, and measures what its requests cost.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use testkit::{Redis, TestEnv, tool};
use tokio::process::Command;

use crate::server::Running;

/// The requests of a measurement.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) kind: Kind,
    pub(crate) connections: u32,
    /// Whole seconds, at least one.
    pub(crate) time: Duration,
    /// The average pause of a connection between two requests.
    pub(crate) pause: Duration,
    /// A file of session cookies, instead of new sessions.
    pub(crate) cookies: Option<PathBuf>,
}

/// The kinds of requests, which `load.lua` describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    None,
    Anonymous,
    Read,
    Change,
    New,
}

/// The result of a measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) requests: f64,
    pub(crate) per_second: f64,
    /// CPU time of the server for a request, in microseconds.
    pub(crate) cpu: f64,
    /// CPU time of Redis for a request, in microseconds.
    pub(crate) redis_cpu: f64,
    /// The time of the middle request, in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) cookie_bytes: f64,
}

/// The line that `load.lua` prints.
#[derive(Deserialize)]
struct Printed {
    micros: f64,
    good: f64,
    failed: u64,
    wrong: u64,
    broken: u64,
    p50: f64,
    p99: f64,
    cookie_bytes: f64,
}

impl Load {
    /// Returns requests of `kind` for `time`, on 64 connections without pauses.
    pub(crate) fn new(kind: Kind, time: Duration) -> Self {
        Self {
            kind,
            connections: 64,
            time,
            pause: Duration::ZERO,
            cookies: None,
        }
    }

    /// Sends the requests to `server`. Returns an error unless every response was right.
    pub(crate) async fn run(
        &self,
        env: &TestEnv,
        redis: &Redis,
        server: &Running,
    ) -> Result<Sample> {
        let script = env.path().join("load.lua");
        std::fs::write(&script, include_str!("load.lua"))?;
        let connections = self.connections.to_string();
        let kind = format!("{:?}", self.kind).to_lowercase();
        let mut wrk = Command::new(tool("wrk")?);
        wrk.args(["--threads", &connections, "--connections", &connections])
            .args(["--duration", &format!("{}s", self.time.as_secs())])
            .args(["--timeout", "10s", "--script"])
            .arg(&script)
            .arg(format!("http://{}", server.instance.address()))
            .args(["--", &kind, server.subject.path, "/read"])
            .args([&self.pause.as_millis().to_string(), &connections])
            .args(&self.cookies);
        let (before, redis_before) = (server.usage()?, redis_cpu_micros(redis)?);
        let output = env.run(&mut wrk).await?;
        let (after, redis_after) = (server.usage()?, redis_cpu_micros(redis)?);
        let stdout = String::from_utf8_lossy(&output.stdout);
        let name = server.subject.name;
        let printed = stdout.lines().rfind(|line| line.starts_with('{'));
        let printed = printed.with_context(|| {
            let stderr = String::from_utf8_lossy(&output.stderr);
            format!("wrk failed for {name}: {stdout}{stderr}")
        })?;
        let printed: Printed = serde_json::from_str(printed)?;
        let Printed {
            failed,
            wrong,
            broken,
            ..
        } = printed;
        ensure!(
            printed.good > 0.0 && failed + wrong + broken == 0,
            "{name}, {self:?}: {} responses were right, {failed} had another status than 200, {wrong} had another \
             count than expected, {broken} did not come",
            printed.good
        );
        Ok(Sample {
            requests: printed.good,
            per_second: printed.good / printed.micros * 1e6,
            cpu: (after.cpu_micros - before.cpu_micros) / printed.good,
            redis_cpu: (redis_after - redis_before) / printed.good,
            p50: printed.p50 / 1000.0,
            p99: printed.p99 / 1000.0,
            cookie_bytes: printed.cookie_bytes,
        })
    }
}

/// Returns the CPU time that Redis has used since its start, in microseconds.
fn redis_cpu_micros(redis: &Redis) -> Result<f64> {
    let user = redis_info(redis, "cpu", "used_cpu_user")?;
    Ok((user + redis_info(redis, "cpu", "used_cpu_sys")?) * 1e6)
}

/// Returns the number `field` in a `section` of Redis's report about itself.
pub(crate) fn redis_info(redis: &Redis, section: &str, field: &str) -> Result<f64> {
    let info = redis.cli(&["INFO", section])?;
    let mut fields = info.lines().filter_map(|line| line.split_once(':'));
    let found = fields.find(|(name, _)| *name == field);
    let (_, value) = found.with_context(|| format!("Redis reports no {field}"))?;
    Ok(value.trim().parse()?)
}
