//! When the runner ends, in whatever way, everything that it has started ends too.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
};

use anyhow::Result;
use nix::sys::signal::Signal;
use testkit::wait_until;

use crate::{
    process::Process,
    sandbox::{COMPILER, PATIENCE, Sandbox},
};

/// The signals that end the runner, with its exit codes. It cannot handle SIGKILL.
pub(crate) const SIGNALS: [(Signal, Option<i32>); 4] = [
    (Signal::SIGINT, Some(130)),
    (Signal::SIGTERM, Some(130)),
    (Signal::SIGHUP, Some(130)),
    (Signal::SIGKILL, None),
];

const ENDLESS: &str = "while :; do sleep 1; done";

/// Ends a check of `exercise` with each signal, once it runs a process with `mark` in its command
/// or environment.
async fn end_during(sandbox: &Sandbox, exercise: &str, mark: &str) -> Result<()> {
    for (signal, code) in SIGNALS {
        let mut check = Process::workshop(sandbox, &["check", exercise])?;
        let has_started = || -> Result<bool> {
            let processes = sandbox.processes()?;
            let has_redis = exercise != "one-line" || redis_port(sandbox).is_some();
            Ok(has_redis && processes.iter().any(|process| process.contains(mark)))
        };
        wait_until(mark, PATIENCE, async || Ok(has_started()?.then_some(()))).await?;
        let redis = redis_port(sandbox);
        check.signal(signal)?;
        check.ends_with(code).await?;
        sandbox.left_nothing().await?;
        assert!(
            !redis.is_some_and(is_open),
            "{signal}: Redis is left on port {redis:?}"
        );
    }
    Ok(())
}

/// Returns the port of the Redis that a check has started. `ps` doesn't show its environment,
/// because Redis replaces that by a title.
fn redis_port(sandbox: &Sandbox) -> Option<u16> {
    let folders = fs::read_dir(sandbox.path("tmp")).ok()?.flatten();
    let logs = folders.filter_map(|entry| fs::read_dir(entry.path().join("logs")).ok());
    let port = logs.flatten().flatten().find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let port = name.strip_prefix("redis-server-")?;
        port.strip_suffix(".log")?.parse().ok()
    });
    port.filter(|port| is_open(*port))
}

fn is_open(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[actix_rt::test]
async fn compiler_ends_with_the_runner() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let compiler = sandbox.script("a-compiler", ENDLESS)?;
    sandbox.script("cargo", &format!("{} & wait", compiler.display()))?;
    end_during(&sandbox, "count", "a-compiler").await
}

#[actix_rt::test]
async fn checked_program_and_its_redis_end_with_the_runner() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.build(&sandbox.script("a-server", ENDLESS)?)?;
    end_during(&sandbox, "one-line", "a-server").await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn rustc_ends_with_the_runner() -> Result<()> {
    let _turn = COMPILER.lock().await;
    end_during(&Sandbox::new()?, "count", "rustc").await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn endless_loop_ends_with_the_runner() -> Result<()> {
    let _turn = COMPILER.lock().await;
    let sandbox = Sandbox::new()?;
    sandbox.fill(
        "    let _ = session;\n    let mut count = 0_u64;\n    while count < 10 { count *= 2; }",
    )?;
    sandbox.command("compile", &[])?.status()?;
    end_during(&sandbox, "count", "debug/count").await
}
