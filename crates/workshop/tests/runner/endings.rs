//! When the runner ends, in whatever way, everything that it has started ends too.

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

/// Ends a check of `exercise` with each signal, once it runs processes with all `marks` in their commands.
async fn end_during(sandbox: &Sandbox, exercise: &str, marks: &[&str]) -> Result<()> {
    for (signal, code) in SIGNALS {
        let mut check = Process::workshop(sandbox, &["check", exercise])?;
        wait_until(&marks.join(", "), PATIENCE, async || {
            let processes = sandbox.processes()?;
            let runs = |mark: &&str| processes.iter().any(|process| process.contains(mark));
            Ok(marks.iter().all(runs).then_some(()))
        })
        .await?;
        check.signal(signal)?;
        check.ends_with(code).await?;
        sandbox.left_nothing().await?;
    }
    Ok(())
}

#[actix_rt::test]
async fn compiler_ends_with_the_runner() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let compiler = sandbox.script("a-compiler", ENDLESS)?;
    sandbox.script("cargo", &format!("{} & wait", compiler.display()))?;
    end_during(&sandbox, "count", &["a-compiler"]).await
}

#[actix_rt::test]
async fn checked_program_and_its_redis_end_with_the_runner() -> Result<()> {
    let sandbox = Sandbox::new()?;
    // Without its title, `ps` shows Redis's environment, and `left_nothing` finds it.
    let redis = r#"PATH=${PATH#*:}; exec redis-server "$@" --set-proc-title no"#;
    sandbox.script("redis-server", redis)?;
    sandbox.build(&sandbox.script("a-server", ENDLESS)?)?;
    end_during(&sandbox, "one-line", &["a-server", "redis-server"]).await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn rustc_ends_with_the_runner() -> Result<()> {
    let _turn = COMPILER.lock().await;
    end_during(&Sandbox::new()?, "count", &["rustc"]).await
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
    end_during(&sandbox, "count", &["debug/count"]).await
}
