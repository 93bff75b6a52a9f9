//! Output that nothing reads any more, as in `report | head`.

use std::io;

use anyhow::Result;

use crate::sandbox::Sandbox;

#[test]
fn a_closed_output_ends_each_command_quietly() -> Result<()> {
    let sandbox = Sandbox::new()?;
    for command in [
        "",
        "task 2",
        "list",
        "check count",
        "watch",
        "predict 1",
        "predict 1 a",
        "hint 1",
        "reset 1 --yes",
        "solution 2 --i-give-up",
        "report",
        "report --json",
        "doctor",
    ] {
        let arguments: Vec<_> = command.split_whitespace().collect();
        let (_, closed) = io::pipe()?;
        let output = sandbox
            .command("workshop", &arguments)?
            .env("CARGO", "failing-cargo")
            .stdout(closed)
            .output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        let errors = errors.replace("checking exercise 1 ...\n", "");
        assert_eq!((output.status.code(), &*errors), (Some(0), ""), "{command}");
    }
    Ok(())
}

#[test]
fn a_closed_standard_error_is_no_panic() -> Result<()> {
    let sandbox = Sandbox::new()?;
    for (command, code) in [("check count", 1), ("check 77", 1), ("list", 0)] {
        let arguments: Vec<_> = command.split_whitespace().collect();
        let (_, closed) = io::pipe()?;
        let output = sandbox
            .command("workshop", &arguments)?
            .env("CARGO", "failing-cargo")
            .stderr(closed)
            .output()?;
        assert_eq!(output.status.code(), Some(code), "{command}");
    }
    Ok(())
}
