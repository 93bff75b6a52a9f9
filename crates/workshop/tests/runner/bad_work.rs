//! Work that can't be right: each kind has a message of its own, soon, short, and with nothing left running.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Result, ensure};
use tokio::sync::Mutex;

use crate::desk::{Desk, Told, target};

/// One at a time: their programs have one name, in one target folder.
pub(crate) static COMPILER: Mutex<()> = Mutex::const_new(());

/// The longest that anybody waits for a message, once the work is compiled.
const SOON: Duration = Duration::from_secs(20);

/// What is said of the work at `desk`, which isn't right.
fn judged(desk: &Desk) -> Result<Told> {
    let _turn = COMPILER.blocking_lock();
    if desk.exercise()?.file().exists() {
        compiled(desk)?;
    }
    let started = Instant::now();
    let told = desk.told(&["check", "count"])?;
    let took = started.elapsed();
    println!("{}\nafter {took:?}", told.all());
    ensure!(took < SOON, "it took {took:?}");
    ensure!(
        told.code == Some(1) && told.out.contains("NOT YET"),
        "{}",
        told.all()
    );
    ensure!(
        told.out.lines().count() <= 25 && told.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        told.all()
    );
    actix_rt::System::new().block_on(desk.left_nothing())?;
    Ok(told)
}

/// Builds as a check does, if it can be.
pub(crate) fn compiled(desk: &Desk) -> Result<()> {
    // As fresh as a check would have it: another desk's program is of the same name.
    fs::File::options()
        .append(true)
        .open(desk.exercise()?.file())?
        .set_modified(SystemTime::now())?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--bin", "count", "--manifest-path"])
        .arg(desk.tree().join("Cargo.toml"));
    cargo.env("CARGO_TARGET_DIR", target()).output()?;
    Ok(())
}

/// What is said of these lines between the marks.
fn lines(lines: &str) -> Result<Told> {
    let desk = Desk::new()?;
    desk.write(lines)?;
    judged(&desk)
}

/// What is said when the starter has `new` in the place of `old`.
fn instead(old: &str, new: &str) -> Result<Told> {
    let desk = Desk::new()?;
    desk.replace(old, new)?;
    judged(&desk)
}

const BIND: &str = r#"let server = server.bind(("127.0.0.1", port))?;"#;

macro_rules! said {
    ($told:expr, $($words:expr),+ $(,)?) => {
        let told = $told;
        $(assert!(told.says($words), "not said: {}\n{}", $words, told.all());)+
    };
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_compile_error_is_told_with_its_place_and_without_the_warnings() -> Result<()> {
    let told = lines(
        "    let unused = 1;\n    let also_unused = 2;\n    let count: u64 = session.gett(\"visitCount\")?;\n    let more_unused = 3;",
    )?;
    assert!(!told.out.contains("unused variable"), "{}", told.all());
    said!(
        told,
        "error[E0599]",
        "gett",
        "exercises/01-count/main.rs:12",
        "it does not compile"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_compile_error_in_a_long_line_is_cut_and_not_torn() -> Result<()> {
    let told = lines(
        "    let count: u64 = session.get::<u64>(\"visitCount\")?.unwrap_or_default().checked_add(1).unwrap_or_default().saturating_sub(1) + nothing;",
    )?;
    said!(
        told,
        "cannot find value `nothing`",
        "exercises/01-count/main.rs:10"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_brace_too_few_is_told_with_its_place() -> Result<()> {
    said!(
        instead(
            "Ok(format!(\"Hello World #{count}\\n\"))\n}",
            "Ok(format!(\"Hello World #{count}\\n\"))"
        )?,
        "unclosed delimiter",
        "main.rs:"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_panic_at_the_start_is_told_with_its_place_and_reason() -> Result<()> {
    let told = instead(
        BIND,
        "assert_eq!(port, 0, \"the port is not mine\");\n    let server = server.bind((\"127.0.0.1\", port))?;",
    )?;
    said!(
        told,
        "panicked at its start",
        "exercises/01-count/main.rs:29",
        "the port is not mine"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn an_error_at_the_start_is_told() -> Result<()> {
    said!(
        instead(BIND, "anyhow::bail!(\"no store today\");")?,
        "ended at its start",
        "no store today"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_panic_in_the_handler_is_told_with_its_place_and_reason() -> Result<()> {
    let told = lines(
        "    let _ = session;\n    let counts: Vec<u64> = Vec::new();\n    let count = counts[0];",
    )?;
    said!(
        told,
        "panicked",
        "exercises/01-count/main.rs:12",
        "index out of bounds"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn an_endless_loop_in_the_handler_is_told() -> Result<()> {
    let told = lines(
        "    let _ = session;\n    let mut count: u64 = 0;\n    while count < 10 {\n        count = count * 2;\n    }",
    )?;
    said!(
        told,
        "a response to GET /",
        "no response within",
        "Is there an endless loop?"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_handler_that_never_answers_is_told() -> Result<()> {
    let told = lines(
        "    let count: u64 = 0;\n    let _ = session;\n    std::future::pending::<()>().await;",
    )?;
    said!(
        told,
        "a response to GET /",
        "no response within",
        "it waits and does nothing"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_server_that_never_listens_is_told() -> Result<()> {
    let told = instead(
        BIND,
        "let server = server.bind((\"127.0.0.1\", port))?;\n    std::future::pending::<()>().await;",
    )?;
    said!(
        told,
        "a server that listens",
        "in its log within",
        "it waits and does nothing"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn an_endless_loop_at_the_start_is_told() -> Result<()> {
    let told = instead(
        BIND,
        "let server = server.bind((\"127.0.0.1\", port))?;\n    while port > 0 {}",
    )?;
    said!(
        told,
        "a server that listens",
        "in its log within",
        "Is there an endless loop?"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_server_on_another_port_than_it_was_given_is_told() -> Result<()> {
    let told = instead(
        "let server = server.bind((\"127.0.0.1\", port))?;",
        "let server = server.bind((\"127.0.0.1\", 0))?;",
    )?;
    said!(
        told,
        "the program doesn't listen on the port it was given",
        "the value of APP_PORT"
    );
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn a_handler_that_ends_the_server_is_told() -> Result<()> {
    let told = lines("    let count: u64 = 0;\n    let _ = session;\n    std::process::exit(3);")?;
    said!(told, "a response to GET /", "the program ended");
    Ok(())
}

#[test]
#[ignore = "scripts/verify.sh --exercises runs it"]
fn an_untouched_starter_is_told_to_be_one() -> Result<()> {
    let told = judged(&Desk::new()?)?;
    said!(
        told,
        "nothing was put into the session",
        "This is the starter, untouched",
        "Edit exercises/01-count/main.rs"
    );
    Ok(())
}

#[test]
fn a_file_that_is_gone_is_told_how_to_come_back() -> Result<()> {
    let desk = Desk::new()?;
    fs::remove_file(desk.exercise()?.file())?;
    said!(
        judged(&desk)?,
        "exercises/01-count/main.rs",
        "no such file",
        "scripts/workshop.sh reset 1"
    );
    Ok(())
}
