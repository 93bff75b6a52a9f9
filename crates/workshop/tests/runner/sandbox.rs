//! A tree and a temporary folder for one test, with programs for its shell.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use testkit::{root, wait_until};
use tokio::sync::Mutex;
use workshop::{
    exercise::{Exercise, filled},
    scratch_tree,
};

/// The longest that a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Tests that compile take turns, because their programs have one name in one target folder.
pub(crate) static COMPILER: Mutex<()> = Mutex::const_new(());

/// Writes the starter with its first argument between the marks.
const FILL: &str = r#"
starter=exercises/01-count/starter/main.rs
{ sed '/YOUR TURN/q' $starter; echo "$1"; sed -n '/UNTIL HERE/,$p' $starter; } >exercises/01-count/main.rs"#;

/// Writes the starter with its first argument in place of the line that binds the server.
const REPLACE_BIND: &str = r#"
starter=exercises/01-count/starter/main.rs
{ sed '/server.bind/,$d' $starter; echo "$1"; sed '1,/server.bind/d' $starter; } >exercises/01-count/main.rs"#;

/// Compiles exercise 1 as a check does, whose time then doesn't include that.
const COMPILE: &str = r#"
touch exercises/01-count/main.rs
"${CARGO:-cargo}" build --quiet --bin count --manifest-path Cargo.toml >/dev/null 2>&1 || true"#;

pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("sandbox-").tempdir()?;
        let sandbox = Self { folder };
        fs::create_dir(sandbox.path("tree"))?;
        fs::create_dir(sandbox.path("tmp"))?;
        scratch_tree::create(root(), &sandbox.tree())?;
        let runner = env!("CARGO_BIN_EXE_workshop");
        let tree = sandbox.tree().display().to_string();
        sandbox.script(
            "workshop",
            &format!("exec '{runner}' \"$@\" --root '{tree}'"),
        )?;
        sandbox.script("fill", FILL)?;
        sandbox.script("replace_bind", REPLACE_BIND)?;
        sandbox.script("compile", COMPILE)?;
        sandbox.script(
            "passing-cargo",
            &cargo_with(testkit::binary("demo-memory")?),
        )?;
        sandbox.script("failing-cargo", &cargo_with_error("error: wrong"))?;
        sandbox.script("linker-cargo", &cargo_with_error("linker `cc` not found"))?;
        Ok(sandbox)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.path("tree")
    }

    /// Returns exercise 1.
    pub(crate) fn exercise(&self) -> Result<Exercise> {
        Ok(Exercise::find(&Exercise::all(&self.tree())?, "count")?.clone())
    }

    /// Writes `lines` between the marks of exercise 1.
    pub(crate) fn fill(&self, lines: &str) -> Result<()> {
        let exercise = self.exercise()?;
        let text = filled(&exercise.starter()?, lines)?;
        Ok(fs::write(exercise.file(), text)?)
    }

    /// Creates a shell script that the shell finds as `name`.
    pub(crate) fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path("bin").join(name);
        fs::create_dir_all(self.path("bin"))?;
        fs::write(&path, format!("#!/bin/sh\n{text}\n"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }

    /// Replaces the runner's cargo by a script that "builds" `program` for the first exercises.
    pub(crate) fn build(&self, program: &Path) -> Result<()> {
        self.script("cargo", &cargo_with(program)).map(drop)
    }

    /// Returns a command for `program`, which may be a script, in this sandbox.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Result<Command> {
        let target = Path::new(env!("CARGO_BIN_EXE_workshop")).ancestors().nth(2);
        let path = std::env::var("PATH").unwrap_or_default();
        let script = self.path("bin").join(program);
        let mut command = Command::new(if script.exists() {
            script
        } else {
            program.into()
        });
        command
            .args(arguments)
            .current_dir(self.tree())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("TMPDIR", self.path("tmp"))
            // The exercises' dependencies are built there already.
            .env("CARGO_TARGET_DIR", target.context("no target folder")?);
        let cargo = self.path("bin/cargo");
        if cargo.exists() {
            command.env("CARGO", cargo);
        }
        Ok(command)
    }

    /// Returns the processes that have this sandbox in their command or environment.
    pub(crate) fn processes(&self) -> Result<Vec<String>> {
        // Both options show the environment after the command.
        let options = if cfg!(target_os = "macos") {
            "axEww"
        } else {
            "axeww"
        };
        let output = Command::new("ps")
            .args([options, "-o", "pid=,command="])
            .output()
            .context("cannot start ps")?;
        let folder = self.folder.path().display().to_string();
        Ok(String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter(|line| line.contains(&folder))
            .map(|line| line.chars().take(100).collect())
            .collect())
    }

    /// Waits until no process and no temporary file of this sandbox is left.
    pub(crate) async fn left_nothing(&self) -> Result<()> {
        let mut left = Vec::new();
        let gone = wait_until("everything to end", Duration::from_secs(10), async || {
            let files = fs::read_dir(self.path("tmp"))?.flatten();
            left = self.processes()?;
            left.extend(files.map(|entry| entry.path().display().to_string()));
            Ok(left.is_empty().then_some(()))
        });
        let gone = gone.await;
        gone.with_context(|| format!("left: {left:#?}"))
    }
}

/// Returns a script for cargo's place that "builds" `program` for the first exercises.
fn cargo_with(program: &Path) -> String {
    let program = program.display();
    let built =
        |name| format!(r#"echo '{{"target":{{"name":"{name}"}},"executable":"{program}"}}'"#);
    ["count", "memory-store", "one-line"].map(built).join("\n")
}

/// Returns a script for cargo's place that reports the error `text`.
fn cargo_with_error(text: &str) -> String {
    let message = format!(r#""level":"error","code":null,"message":"{text}","rendered":"{text}""#);
    format!("echo '{{\"message\":{{{message}}}}}'\nexit 1")
}
