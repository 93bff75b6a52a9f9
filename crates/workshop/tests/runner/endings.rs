//! However the runner ends, nothing of what it has started is left.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
};

use anyhow::Result;
use nix::sys::signal::Signal;
use testkit::wait_until;

use crate::{
    bad_work::{COMPILER, compiled},
    desk::{Desk, PATIENCE},
    running::Running,
};

/// Ctrl-C, the end of a service, the end of a terminal, and the end that nobody hears of.
const ENDS: [(Signal, Option<i32>); 4] = [
    (Signal::SIGINT, Some(130)),
    (Signal::SIGTERM, Some(130)),
    (Signal::SIGHUP, Some(130)),
    (Signal::SIGKILL, None),
];

/// Ends a check at `desk` with each signal, once a process of it has `mark` in its command or environment.
async fn end_while(desk: &Desk, mark: &str) -> Result<()> {
    for (signal, status) in ENDS {
        let mut running = Running::start(desk, &["check", "count"])?;
        let there = || {
            Ok(desk
                .processes()?
                .iter()
                .any(|process| process.contains(mark))
                .then_some(()))
        };
        wait_until(mark, PATIENCE, async || there()).await?;
        running.signal(signal)?;
        assert_eq!(
            running.ends().await?,
            status,
            "{signal}: {}",
            running.said()?
        );
        desk.left_nothing().await?;
    }
    Ok(())
}

#[actix_rt::test]
async fn a_compile_ends_with_all_that_cargo_started() -> Result<()> {
    let desk = Desk::new()?;
    let compiler = desk.executable("a-compiler", "while :; do sleep 1; done")?;
    desk.fake_cargo(&format!("{} & wait", compiler.display()))?;
    end_while(&desk, "a-compiler").await
}

#[actix_rt::test]
async fn the_work_ends_that_is_checked() -> Result<()> {
    let desk = Desk::new()?;
    let work = desk.executable("a-server", "while :; do sleep 1; done")?;
    desk.building_cargo(&work)?;
    end_while(&desk, "a-server").await
}

/// The port of the Redis that a check at `desk` has started. `ps` wouldn't tell: Redis writes a title of its own.
fn redis_port(desk: &Desk) -> Option<u16> {
    let env = fs::read_dir(desk.path("tmp"))
        .ok()?
        .flatten()
        .find(|entry| entry.path().join("logs").exists())?;
    let logs = fs::read_dir(env.path().join("logs"))
        .ok()?
        .flatten()
        .map(|entry| entry.file_name());
    logs.into_iter().find_map(|name| {
        name.to_str()?
            .strip_prefix("redis-server-")?
            .strip_suffix(".log")?
            .parse()
            .ok()
    })
}

#[actix_rt::test]
async fn a_redis_ends() -> Result<()> {
    let desk = Desk::new()?;
    // What the check waits for, while its Redis runs.
    let work = desk.executable("a-server", "while :; do sleep 1; done")?;
    desk.building_cargo(&work)?;
    for (signal, _) in ENDS {
        let mut running = Running::start(&desk, &["check", "one-line"])?;
        let port = wait_until("the check's Redis", PATIENCE, async || {
            Ok(redis_port(&desk)
                .filter(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok()))
        })
        .await?;
        running.signal(signal)?;
        running.ends().await?;
        desk.left_nothing().await?;
        assert!(
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(),
            "{signal}: Redis is left on port {port}"
        );
    }
    Ok(())
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn rustc_ends() -> Result<()> {
    let _turn = COMPILER.lock().await;
    let desk = Desk::new()?;
    end_while(&desk, "rustc").await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn a_server_ends_that_computes_all_the_time() -> Result<()> {
    let _turn = COMPILER.lock().await;
    let desk = Desk::new()?;
    desk.write("    let _ = session;\n    let mut count: u64 = 0;\n    while count < 10 {\n        count = count * 2;\n    }")?;
    compiled(&desk)?;
    end_while(&desk, "debug/count").await
}
