//! `serve`: the servers of a step, their log, and their end.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
};

use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::{Endpoint, Port, Visitor, wait_until};

use crate::{
    endings::SIGNALS,
    process::Process,
    sandbox::{PATIENCE, Sandbox},
};

/// The servers of a step that run on free ports.
struct Serving {
    sandbox: Sandbox,
    process: Process,
    port: Port,
    redis: Port,
}

impl Serving {
    async fn step(step: &str) -> Result<Self> {
        let sandbox = Sandbox::new()?;
        let (port, redis) = (Port::claim()?, Port::claim()?);
        let numbers = [&port, &redis].map(|port| port.number().to_string());
        let arguments = [
            "serve",
            step,
            "--port",
            &numbers[0],
            "--redis-port",
            &numbers[1],
        ];
        let process = Process::workshop(&sandbox, &arguments)?;
        let serving = Self {
            sandbox,
            process,
            port,
            redis,
        };
        serving.process.shows("Ctrl-C ends it").await?;
        Ok(serving)
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::new(address(&self.port))
    }

    /// Sends `signal`. Expects that neither a process nor an open port is left.
    async fn end(mut self, signal: Signal, code: Option<i32>) -> Result<()> {
        self.process.signal(signal)?;
        self.process.ends_with(code).await?;
        self.sandbox.left_nothing().await?;
        wait_until("its ports to be closed", PATIENCE, async || {
            let open = |port| TcpStream::connect(address(port)).is_ok();
            Ok((!open(&self.port) && !open(&self.redis)).then_some(()))
        })
        .await
    }
}

fn address(port: &Port) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port.number()).into()
}

#[actix_rt::test]
async fn servers_of_step_4_take_turns_and_show_their_log() -> Result<()> {
    let serving = Serving::step("4").await?;
    let mut visitor = Visitor::new();
    for count in [0, 0, 1, 1] {
        let response = visitor.get(&serving.endpoint(), "/").await?;
        assert_eq!(response.body, format!("Hello World #{count}\n"));
    }
    for line in ["file-1 | ", "file-2 | "] {
        serving.process.shows(line).await?;
    }
    serving.process.shows("Visits: 1").await?;
    assert!(
        TcpStream::connect(address(&serving.redis)).is_err(),
        "step 4 needs no Redis"
    );
    serving.end(Signal::SIGINT, Some(130)).await
}

/// The visitor stays with one server in step 9, and meets both in step 10.
#[actix_rt::test]
async fn servers_of_steps_9_and_10_count_on() -> Result<()> {
    for (step, met) in [("9", 1), ("10", 2)] {
        let serving = Serving::step(step).await?;
        let mut visitor = Visitor::new();
        let mut names = BTreeSet::new();
        for count in 0..4 {
            let response = visitor.get(&serving.endpoint(), "/").await?;
            assert_eq!(response.count(), Some(count), "step {step}: {response:?}");
            names.extend(response.instance);
        }
        assert_eq!(names.len(), met, "step {step}: {names:?}");
        serving.end(Signal::SIGINT, Some(130)).await?;
    }
    Ok(())
}

#[actix_rt::test]
async fn redis_of_step_6_starts_again_when_it_was_killed() -> Result<()> {
    let serving = Serving::step("6").await?;
    let output = serving.process.output()?;
    let id = output
        .lines()
        .find_map(|line| line.strip_prefix("  Redis: process "));
    let id = Pid::from_raw(id.context("no process ID of Redis")?.parse()?);

    kill(id, Signal::SIGKILL)?;

    serving
        .process
        .shows("has been started again: process ")
        .await?;
    assert!(TcpStream::connect(address(&serving.redis)).is_ok());
    serving.end(Signal::SIGINT, Some(130)).await
}

#[actix_rt::test]
async fn servers_of_a_step_end_with_the_runner() -> Result<()> {
    for &(signal, code) in &SIGNALS[1..] {
        let serving = Serving::step("16").await?;
        assert!(TcpStream::connect(address(&serving.redis)).is_ok());
        let response = Visitor::new().get(&serving.endpoint(), "/login").await?;
        assert_eq!(response.status, 200, "{response:?}");
        serving.end(signal, code).await?;
    }
    Ok(())
}

#[actix_rt::test]
async fn instance_of_step_19_starts_again_when_it_was_killed() -> Result<()> {
    let serving = Serving::step("19").await?;
    let output = serving.process.output()?;
    let id = output
        .lines()
        .find_map(|line| line.strip_prefix("  webserver-1: process "));
    let id = Pid::from_raw(id.context("no process ID of webserver-1")?.parse()?);

    kill(id, Signal::SIGKILL)?;

    let words = "webserver-1 has ended, and has been started again: process ";
    serving.process.shows(words).await?;
    serving.end(Signal::SIGINT, Some(130)).await
}

#[actix_rt::test]
async fn a_port_in_use_is_an_error_that_names_others() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = other.local_addr()?.port().to_string();
    let mut process = Process::workshop(&sandbox, &["serve", "5", "--redis-port", &port])?;
    process.ends_with(Some(1)).await?;
    let output = process.output()?;
    for part in ["is in use", "serve 5 --port 5050", "--redis-port 6390"] {
        assert!(output.contains(part), "{output}");
    }
    Ok(())
}
