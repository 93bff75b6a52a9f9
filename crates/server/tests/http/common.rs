//! Starts instances, runs programs to their end, and opens raw connections.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use actix_web::{http::Method, rt::time::timeout};
use anyhow::{Context, Result, bail};
use testkit::{Demo, Endpoint, Instance, Persistence, Redis, Response, TestEnv, Visitor, binary};
use tokio::process::Command;

/// Starts `demo-memory`, called `memory-1` unless `settings` name it.
pub(crate) async fn memory(env: &TestEnv, settings: &[(&str, &str)]) -> Result<Instance> {
    Instance::started(env, Demo::Memory, "memory-1", settings).await
}

/// Starts Redis and `demo-redis`, called `redis-1`. It has one worker, so a test notices if a request blocks it.
pub(crate) async fn redis(env: &TestEnv, redis_timeout: &str) -> Result<(Redis, Instance)> {
    let redis = Redis::start(env, Persistence::AppendOnly).await?;
    let settings = [
        ("REDIS_URL", &*redis.url()),
        ("REDIS_TIMEOUT", redis_timeout),
        ("WORKERS", "1"),
    ];
    let instance = Instance::started(env, Demo::Redis, "redis-1", &settings).await?;
    Ok((redis, instance))
}

/// Sends a request without a body, with further `headers`.
pub(crate) async fn send(
    visitor: &mut Visitor,
    method: Method,
    endpoint: &Endpoint,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Response> {
    let mut request = visitor.request(method, endpoint, path);
    for header in headers {
        request = request.insert_header(*header);
    }
    visitor.send(request, "").await
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// Its standard output and standard error.
    pub(crate) output: String,
    pub(crate) took: Duration,
}

impl Ended {
    /// Checks that the program failed with `code` and printed each of `texts`.
    #[track_caller]
    pub(crate) fn assert_failed(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.output);
        for text in texts {
            assert!(self.output.contains(text), "no {text} in {}", self.output);
        }
        for text in ["listening on", "panicked"] {
            assert!(!self.output.contains(text), "{}", self.output);
        }
    }
}

/// Runs `demo` until it ends by itself, with nothing but `variables` in its environment.
pub(crate) async fn run(
    env: &TestEnv,
    demo: Demo,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<Ended> {
    let mut command = Command::new(binary(&format!("demo-{}", demo.name()))?);
    command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied());
    let started = Instant::now();
    let output = timeout(Duration::from_secs(10), env.run(&mut command))
        .await
        .context("the program does not end")??;
    Ok(Ended {
        code: output.status.code(),
        output: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        took: started.elapsed(),
    })
}

/// A TCP connection, to send bytes that an HTTP client would not send.
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
    pub(crate) fn read_until(&mut self, end: &str) -> Result<String> {
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

    /// Reads until the server closes the connection.
    pub(crate) fn read_to_end(mut self) -> Result<String> {
        let mut seen = Vec::new();
        self.0.read_to_end(&mut seen)?;
        Ok(String::from_utf8_lossy(&seen).into_owned())
    }
}
