//! Each exercise teaches: its starter fails for the declared reason, its solution and the other right ones pass, and
//! the check explains each wrong solution. No hint contains a line of the solution.
//!
//! Each text is checked like an attendee's work.

use std::{
    collections::BTreeSet,
    fs,
    io::{Write, stderr},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Trial};
use testkit::{TestEnv, root};
use workshop::{exercise::Exercise, marks::filled, scratch_tree};

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let trial = |exercise: &Exercise, ending: &str, test: fn(&Exercise) -> Result<()>| {
        let exercise = exercise.clone();
        Trial::test(format!("{}_{ending}", exercise.name), move || {
            test(&exercise).map_err(|error| format!("{error:#}").into())
        })
    };
    let trials = Exercise::all(root())?.into_iter().flat_map(|exercise| {
        [
            // Together these take minutes; scripts/verify.sh --exercises runs them.
            trial(&exercise, "teaches", prove).with_ignored_flag(true),
            trial(&exercise, "is_complete", is_complete),
        ]
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// Checks `exercise` in the tree at `root`. Returns whether it passed, and the runner's output.
fn check(root: &Path, exercise: &Exercise) -> Result<(bool, String)> {
    let runner = Path::new(env!("CARGO_BIN_EXE_workshop"));
    let target = runner.ancestors().nth(2).context("no target folder")?;
    let output = Command::new(runner)
        .args(["check", &exercise.name, "--root"])
        .arg(root)
        // The exercises' dependencies are built there already.
        .env("CARGO_TARGET_DIR", target)
        .output()
        .context("cannot start the runner")?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let text = format!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
    ensure!(
        text.lines().all(|line| line.chars().count() <= 80),
        "the output is wider than 80 columns:\n{text}"
    );
    ensure!(
        stdout.lines().count() <= 25,
        "the output is longer than 25 lines:\n{text}"
    );
    Ok((output.status.success(), text))
}

/// Checks that `result` rejects `what` with the words `declared`, however they are wrapped.
fn ensure_rejected((passed, output): (bool, String), what: &str, declared: &str) -> Result<()> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(
        !passed && output.contains("NOT YET"),
        "the check does not reject {what}:\n{output}"
    );
    ensure!(
        words(&output).contains(&words(declared)),
        "the output for {what} lacks {declared:?}:\n{output}"
    );
    ensure!(
        !output.contains("does not compile"),
        "{what} does not compile:\n{output}"
    );
    Ok(())
}

fn prove(exercise: &Exercise) -> Result<()> {
    let number = exercise.number;
    ensure!(
        exercise.is_untouched()?,
        "{} differs from its starter; `workshop reset {number}` restores it",
        exercise.shown_file()
    );
    let env = TestEnv::new()?;
    let tree = scratch_tree::create(root(), &env.folder("tree")?)?;
    let exercise = Exercise::find(&Exercise::all(&tree)?, &exercise.name)?.clone();
    let starter = exercise.starter()?;
    let first = check(&tree, &exercise)?;
    if let Some((_, reason)) = first.1.split_once("SKIPPED") {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        // The test harness would hide what a passing test prints.
        writeln!(stderr(), "left out: the proof of exercise {number}{reason}")?;
        return Ok(());
    }
    ensure_rejected(first, "the starter", &exercise.info.starter)?;
    for (name, declared) in &exercise.info.wrong {
        fs::write(exercise.file(), filled(&starter, &exercise.wrong(name)?)?)?;
        ensure_rejected(check(&tree, &exercise)?, name, declared)?;
    }
    let mut right = exercise.right()?;
    right.push(("the solution".to_owned(), exercise.solution()?));
    for (name, lines) in right {
        fs::write(exercise.file(), filled(&starter, &lines)?)?;
        let (passed, output) = check(&tree, &exercise)?;
        ensure!(passed, "{name} does not pass:\n{output}");
    }
    Ok(())
}

fn is_complete(exercise: &Exercise) -> Result<()> {
    let info = &exercise.info;
    let hints = info.hints.len();
    let (answer, choice) = info.prediction.answer();
    ensure!(exercise.folder.join("README.md").exists(), "no README.md");
    ensure!(info.wrong.len() >= 2, "fewer than two wrong solutions");
    ensure!((2..=3).contains(&hints), "two or three hints, not {hints}");
    ensure!(
        !choice.is_empty(),
        "the answer {answer} is not one of the choices"
    );
    let declared: BTreeSet<_> = info.wrong.keys().cloned().collect();
    let files = fs::read_dir(exercise.folder.join("wrong"))?.flatten();
    let files: BTreeSet<_> = files
        .filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    ensure!(
        declared == files,
        "exercise.toml has {declared:?}, and wrong/ has {files:?}"
    );
    let starter = exercise.starter()?;
    for line in exercise.solution()?.lines().map(str::trim) {
        let is_new = line.len() > 12 && !starter.contains(line);
        let hint = info.hints.iter().find(|hint| hint.contains(line));
        ensure!(
            !is_new || hint.is_none(),
            "a hint contains a line of the solution: {hint:?}"
        );
    }
    Ok(())
}
