//! What most tests need: a server, a program run to its end, a raw connection.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use actix_web::http::Method;
use anyhow::{Context, Result, bail};
use testkit::{
    Demo, Endpoint, Instance, Persistence, Redis, Response, TestEnv, Visitor, binary, wait_until,
};

/// A running `demo-memory` called `memory-1`.
pub(crate) async fn memory(env: &TestEnv, settings: &[(&str, &str)]) -> Result<Instance> {
    let mut instance = Instance::new(env, Demo::Memory, "memory-1", settings)?;
    instance.start().await?;
    Ok(instance)
}

/// A running `demo-cookie` called `cookie-1`.
pub(crate) async fn cookie(env: &TestEnv, settings: &[(&str, &str)]) -> Result<Instance> {
    let mut instance = Instance::of(env, binary("demo-cookie")?, "cookie-1", settings)?;
    instance.start().await?;
    Ok(instance)
}

/// A running `demo-redis` called `redis-1`, and its Redis, which it waits for as long as `patience`. One worker, so that
/// one that is blocked can't hide.
pub(crate) async fn redis(env: &TestEnv, patience: &str) -> Result<(Redis, Instance)> {
    let redis = Redis::start(env, Persistence::AppendOnly).await?;
    let mut instance = Instance::new(
        env,
        Demo::Redis,
        "redis-1",
        &[
            ("REDIS_URL", &redis.url()),
            ("REDIS_TIMEOUT", patience),
            ("WORKERS", "1"),
        ],
    )?;
    instance.start().await?;
    Ok((redis, instance))
}

/// A visitor with a copy of `visitor`'s cookie.
pub(crate) fn copy(visitor: &Visitor) -> Result<Visitor> {
    let cookie = visitor.cookie().context("no cookie")?;
    let mut copy = Visitor::new();
    copy.forge(cookie.name(), cookie.value());
    Ok(copy)
}

/// Asks for `path` with further `headers`.
pub(crate) async fn ask(
    visitor: &mut Visitor,
    method: Method,
    endpoint: &Endpoint,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Response> {
    let request = visitor.request(method, endpoint, path);
    visitor
        .send(
            headers
                .iter()
                .fold(request, |request, header| request.insert_header(*header)),
            "",
        )
        .await
}

/// A program that has come to its end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// What it wrote, to either stream.
    pub(crate) output: String,
    pub(crate) took: Duration,
}

/// Runs `demo` with nothing in its environment but `environment`, to its end, which must come by itself.
pub(crate) async fn run(
    env: &TestEnv,
    demo: Demo,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<Ended> {
    let log = env.folder("runs")?.join(demo.name());
    let output = File::create(&log)?;
    let mut command = Command::new(binary(&format!("demo-{}", demo.name()))?);
    command
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied());
    let started = Instant::now();
    let mut child = Leash(
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?,
    );
    let status = wait_until("the program to end", Duration::from_secs(10), async || {
        Ok(child.0.try_wait()?)
    })
    .await?;
    Ok(Ended {
        code: status.code(),
        output: fs::read_to_string(log)?,
        took: started.elapsed(),
    })
}

/// Ends its process, however a test ends.
struct Leash(Child);

impl Drop for Leash {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A connection on which anything can be sent.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) fn open(address: SocketAddr, bytes: &[u8]) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut raw = Self(stream);
        raw.send(bytes)?;
        Ok(raw)
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes)?)
    }

    /// Reads up to and including `end`.
    pub(crate) fn wait_until(&mut self, end: &str) -> Result<String> {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(end.as_bytes()) {
            if self.0.read(&mut byte)? == 0 {
                bail!("closed after {:?}", String::from_utf8_lossy(&seen));
            }
            seen.push(byte[0]);
        }
        Ok(String::from_utf8_lossy(&seen).into_owned())
    }

    /// Reads until the server closes.
    pub(crate) fn rest(mut self) -> Result<String> {
        let mut seen = Vec::new();
        self.0.read_to_end(&mut seen)?;
        Ok(String::from_utf8_lossy(&seen).into_owned())
    }
}
