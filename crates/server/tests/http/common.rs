//! Starts instances, runs programs to their end, and opens raw connections.

use std::{io::Write, net::TcpStream, time::Duration};

use actix_web::{http::Method, rt::time::timeout};
use anyhow::{Context, Result};
use testkit::{Demo, Endpoint, Instance, Response, TestEnv, Visitor, binary};
use tokio::process::Command;

/// Starts `demo-memory`, called `memory-1` unless `settings` name it. Returns it with its endpoint and a visitor
/// without cookies.
pub(crate) async fn memory(settings: &[(&str, &str)]) -> Result<(Instance, Endpoint, Visitor)> {
    let env = TestEnv::new()?;
    let server = Instance::started(&env, Demo::Memory, "memory-1", settings).await?;
    let endpoint = server.endpoint();
    Ok((server, endpoint, Visitor::new()))
}

/// Sends a request with further `headers`.
pub(crate) async fn send(
    visitor: &mut Visitor,
    method: Method,
    endpoint: &Endpoint,
    path: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Result<Response> {
    let mut request = visitor.request(method, endpoint, path);
    for header in headers {
        request = request.insert_header(*header);
    }
    visitor.send(request, body).await
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// Its standard output and standard error.
    pub(crate) output: String,
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
    demo: Demo,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<Ended> {
    let mut command = Command::new(binary(&format!("demo-{}", demo.name()))?);
    command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied());
    let output = timeout(Duration::from_secs(10), TestEnv::new()?.run(&mut command))
        .await
        .context("the program does not end")??;
    Ok(Ended {
        code: output.status.code(),
        output: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
    })
}

/// Opens a connection and sends bytes that an HTTP client would not send.
pub(crate) fn connect(server: &Instance, bytes: &[u8]) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(bytes)?;
    Ok(stream)
}
