//! The runner at a terminal, where it can ask questions.

use std::fs;

use anyhow::Result;
use nix::sys::signal::Signal;
use testkit::binary;

use crate::{process::Process, sandbox::Sandbox};

const QUESTION: &str = "Your prediction (Enter to skip):";

#[actix_rt::test]
async fn first_check_asks_until_it_gets_a_prediction() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.build(binary("demo-memory")?)?;
    // The prediction is skipped by Enter, and by the end of the input.
    for key in ["\n", "\u{4}"] {
        let mut check = Process::in_terminal(&sandbox, &["check", "1"])?;
        check.answers(QUESTION, key).await?;
        check.shows("PASSED").await?;
        assert!(!check.output()?.contains("Noted"), "{}", check.output()?);
        check.ends_with(Some(0)).await?;
        passed_check_asks_nothing(&sandbox).await?;
        fs::remove_dir_all(sandbox.tree().join(".workshop"))?;
    }

    let mut check = Process::in_terminal(&sandbox, &["check", "1"])?;
    check.answers(QUESTION, "x\n").await?;
    check.answers("choose a letter from a to d", "a\n").await?;
    check.shows("Noted: a").await?;
    check.shows("You predicted a.").await?;
    check.ends_with(Some(0)).await?;

    passed_check_asks_nothing(&sandbox).await
}

async fn passed_check_asks_nothing(sandbox: &Sandbox) -> Result<()> {
    let mut again = Process::in_terminal(sandbox, &["check", "1"])?;
    again.shows("PASSED").await?;
    again.ends_with(Some(0)).await?;
    assert!(!again.output()?.contains(QUESTION), "{}", again.output()?);
    Ok(())
}

#[actix_rt::test]
async fn reset_asks_first() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.fill("my work")?;
    let exercise = sandbox.exercise()?;
    for key in ["n\n", "\n", "\u{4}"] {
        let mut reset = Process::in_terminal(&sandbox, &["reset", "1"])?;
        reset.answers("[y/N]", key).await?;
        reset.shows("Nothing was changed.").await?;
        reset.ends_with(Some(0)).await?;
        assert!(!exercise.is_untouched()?);
    }
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut reset = Process::in_terminal(&sandbox, &["reset", "1"])?;
        reset.shows("[y/N]").await?;
        reset.signal(signal)?;
        reset.ends_with(Some(130)).await?;
        assert!(!exercise.is_untouched()?);
    }

    let mut reset = Process::in_terminal(&sandbox, &["reset", "1"])?;
    reset.answers("[y/N]", "y\n").await?;
    reset.shows("is the starter again; your work is in").await?;
    reset.ends_with(Some(0)).await?;
    assert!(exercise.is_untouched()?);
    Ok(())
}
