//! Of each exercise: its starter fails for the declared reason, its solution passes, each wrong solution is told what is
//! wrong with it, and no hint gives the solution away. Each is put in place and checked as an attendee's work would be.

use std::{
    collections::BTreeSet,
    fs,
    io::{Write, stderr},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Arguments, Trial};
use testkit::{TestEnv, root};
use workshop::{
    exercise::{Exercise, filled},
    scratch_tree,
};

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let trials = Exercise::all(root())?.into_iter().flat_map(|exercise| {
        let (name, proven) = (exercise.name.clone(), exercise.clone());
        [
            // Minutes, of all of them: scripts/verify.sh --exercises runs these.
            Trial::test(format!("{name}_teaches"), move || {
                prove(&proven).map_err(|error| format!("{error:#}").into())
            })
            .with_ignored_flag(true),
            Trial::test(format!("{name}_is_whole"), move || {
                whole(&exercise).map_err(|error| format!("{error:#}").into())
            }),
        ]
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// What `workshop check` says of `exercise` in the tree at `root`, and whether it passed.
fn check(root: &Path, exercise: &Exercise) -> Result<(bool, String)> {
    let runner = Path::new(env!("CARGO_BIN_EXE_workshop"));
    let output = Command::new(runner)
        .args(["check", &exercise.name, "--root"])
        .arg(root)
        // Where the runner was built: what exercises depend on is built there already.
        .env(
            "CARGO_TARGET_DIR",
            runner.ancestors().nth(2).context("no target folder")?,
        )
        .output()
        .context("cannot start the runner")?;
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(
        text.lines().all(|line| line.chars().count() <= 80),
        "it is wider than 80 columns:\n{text}"
    );
    ensure!(
        String::from_utf8_lossy(&output.stdout).lines().count() <= 25,
        "it is longer than 25 lines:\n{text}"
    );
    Ok((output.status.success(), text))
}

/// Whether `told` has the words `declared`, however it is wrapped.
fn says(told: &str, declared: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    words(told).contains(&words(declared))
}

fn prove(exercise: &Exercise) -> Result<()> {
    ensure!(
        exercise.is_untouched()?,
        "{} differs from its starter; `workshop reset {}` mends that",
        exercise.shown_file(),
        exercise.number
    );
    let env = TestEnv::new()?;
    let tree = scratch_tree::create(root(), &env.folder("tree")?)?;
    let here = Exercise::find(&Exercise::all(&tree)?, &exercise.name)?.clone();
    let starter = here.starter()?;
    let first = check(&tree, &here)?;
    if first.1.contains("SKIPPED") {
        // Past the test harness, which keeps what passing tests print to itself.
        let reason = first
            .1
            .lines()
            .skip_while(|line| !line.starts_with("SKIPPED"))
            .skip(1)
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ");
        writeln!(
            stderr(),
            "left out: the proof of exercise {}: {reason}",
            exercise.number
        )?;
        return Ok(());
    }
    let rejected = |(passed, told): (bool, String), what: &str, declared: &str| -> Result<()> {
        ensure!(
            !passed && told.contains("NOT YET"),
            "{what} is not rejected:\n{told}"
        );
        ensure!(
            says(&told, declared),
            "{what} is not told {declared:?}:\n{told}"
        );
        ensure!(
            !told.contains("does not compile"),
            "{what} does not compile:\n{told}"
        );
        Ok(())
    };
    rejected(first, "the starter", &here.info.starter)?;
    for (name, declared) in &here.info.wrong {
        fs::write(here.file(), filled(&starter, &here.wrong(name)?)?)?;
        rejected(check(&tree, &here)?, name, declared)?;
    }
    fs::write(here.file(), filled(&starter, &here.solution()?)?)?;
    let (passed, told) = check(&tree, &here)?;
    ensure!(passed, "the solution does not pass:\n{told}");
    Ok(())
}

fn whole(exercise: &Exercise) -> Result<()> {
    let info = &exercise.info;
    ensure!(exercise.folder.join("README.md").exists(), "no README.md");
    ensure!(info.wrong.len() >= 2, "fewer than two wrong solutions");
    ensure!(
        (2..=3).contains(&info.hints.len()),
        "two or three hints, not {}",
        info.hints.len()
    );
    let (answer, choice) = info.prediction.answer();
    ensure!(
        !choice.is_empty(),
        "the answer {answer} is not one of the choices"
    );
    let declared: BTreeSet<_> = info.wrong.keys().cloned().collect();
    let there: BTreeSet<_> = fs::read_dir(exercise.folder.join("wrong"))?
        .flatten()
        .filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    ensure!(
        declared == there,
        "declared {declared:?}, and there are {there:?}"
    );
    let starter = exercise.starter()?;
    for line in exercise
        .solution()?
        .lines()
        .map(str::trim)
        .filter(|line| line.len() > 12 && !starter.contains(*line))
    {
        if let Some(hint) = info.hints.iter().find(|hint| hint.contains(line)) {
            bail!("a hint has a line of the solution: {hint}");
        }
    }
    Ok(())
}
