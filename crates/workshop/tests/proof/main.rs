//! Each exercise teaches: its starter fails for the declared reason, its solution and the other right ones pass, and
//! the check explains each wrong solution. No hint contains a line of the solution.
//!
//! Each text is checked like an attendee's work.

mod attempt;

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::{Write, stderr},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Trial};
use serde_json::json;
use testkit::{TestEnv, root};
use workshop::{exercise::Exercise, scratch_tree};

use attempt::Attempt;

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let exercises = Exercise::all(root())?;
    let filter = arguments.filter.clone().unwrap_or_default();
    let is_chosen = |exercise: &&Exercise| {
        let mut attempts = Attempt::all(exercise).into_iter().flatten();
        exercise.is_rust() && attempts.any(|it| it.program(exercise).contains(&filter))
    };
    let rust: Arc<Vec<_>> = Arc::new(exercises.iter().filter(is_chosen).cloned().collect());
    let trial = |name: String, test: Box<dyn FnOnce() -> Result<()> + Send>| {
        Trial::test(name, || test().map_err(|error| format!("{error:#}").into()))
    };
    let (mut in_rust, mut others, mut complete) = (Vec::new(), Vec::new(), Vec::new());
    for exercise in exercises {
        let name = exercise.name.clone();
        let attempts = Attempt::all(&exercise)?;
        let of_trial = exercise.clone();
        complete.push(trial(
            format!("{name}_is_complete"),
            Box::new(move || is_complete(&of_trial)),
        ));
        if exercise.is_rust() {
            for attempt in attempts {
                let (exercise, rust) = (exercise.clone(), Arc::clone(&rust));
                let name = attempt.program(&exercise);
                let test = move || {
                    let program = program(&rust, &exercise, &attempt)?;
                    prove(&exercise, &[attempt], Some(&program))
                };
                in_rust.push(trial(name, Box::new(test)));
            }
        } else if name == "containers" {
            // One after the other, because containers need the whole machine.
            let test = move || prove(&exercise, &attempts, None);
            others.push(trial(format!("{name}_teaches"), Box::new(test)));
        } else {
            for attempt in attempts {
                let exercise = exercise.clone();
                let name = attempt.program(&exercise);
                let test = move || prove(&exercise, &[attempt], None);
                others.push(trial(name, Box::new(test)));
            }
        }
    }
    // The first builds all programs. Meanwhile the trials that need none run.
    in_rust.splice(1..1, others);
    // Together these take minutes; scripts/verify.sh --exercises runs them.
    let proof = in_rust.into_iter().map(|it| it.with_ignored_flag(true));
    libtest_mimic::run(&arguments, proof.chain(complete).collect()).exit();
}

fn target_folder() -> Result<&'static Path> {
    let runner = Path::new(env!("CARGO_BIN_EXE_workshop"));
    runner.ancestors().nth(2).context("no target folder")
}

/// Returns the program of `attempt`. The first call builds those of all `exercises`.
fn program(exercises: &[Exercise], exercise: &Exercise, attempt: &Attempt) -> Result<PathBuf> {
    static BUILT: OnceLock<Result<HashMap<String, PathBuf>, String>> = OnceLock::new();
    let built =
        BUILT.get_or_init(|| attempt::build(exercises).map_err(|error| format!("{error:#}")));
    let built = built.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
    let name = attempt.program(exercise);
    let program = built.get(&name);
    Ok(program
        .with_context(|| format!("no program {name}"))?
        .clone())
}

/// Writes what cargo would report about the demos and about the `program` of `exercise`.
fn write_built(file: &Path, exercise: &Exercise, program: Option<&PathBuf>) -> Result<()> {
    let demos = testkit::build()?.iter();
    let programs = demos.chain(program.map(|program| (&exercise.name, program)));
    let lines = programs.map(|(name, path)| json!({"target": {"name": name}, "executable": path}));
    let lines: Vec<_> = lines.map(|line| line.to_string()).collect();
    Ok(fs::write(file, lines.join("\n"))?)
}

/// Checks `exercise` in the tree at `root`. Its programs are in the file `built`. Returns whether it passed, and the
/// runner's output.
fn check(root: &Path, exercise: &Exercise, built: &Path) -> Result<(bool, String)> {
    let shim = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proof/shims/cargo");
    let output = Command::new(env!("CARGO_BIN_EXE_workshop"))
        .args(["check", &exercise.name, "--root"])
        .arg(root)
        .env("CARGO", shim)
        .env("PROOF_BUILT", built)
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

/// Checks each of the `attempts`. Those in Rust have a `program`.
fn prove(exercise: &Exercise, attempts: &[Attempt], program: Option<&PathBuf>) -> Result<()> {
    let number = exercise.number;
    ensure!(
        exercise.is_untouched()?,
        "{} differs from its starter; `workshop reset {number}` restores it",
        exercise.shown_file()
    );
    let env = TestEnv::new()?;
    let tree = scratch_tree::create(root(), &env.folder("tree")?)?;
    let exercise = Exercise::find(&Exercise::all(&tree)?, &exercise.name)?.clone();
    let built = env.path().join("built");
    write_built(&built, &exercise, program)?;
    for attempt in attempts {
        fs::write(exercise.file(), &attempt.text)?;
        let result = check(&tree, &exercise, &built)?;
        if let Some((_, reason)) = result.1.split_once("SKIPPED") {
            let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
            // The test harness would hide what a passing test prints.
            writeln!(stderr(), "left out: the proof of exercise {number}{reason}")?;
            return Ok(());
        }
        match &attempt.declared {
            Some(declared) => ensure_rejected(result, &attempt.name, declared)?,
            None => ensure!(result.0, "{} does not pass:\n{}", attempt.name, result.1),
        }
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
