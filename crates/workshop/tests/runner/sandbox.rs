//! A tree and a temporary folder for one test, with programs for its shell.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use testkit::{root, wait_until};
use tokio::sync::Mutex;
use workshop::{exercise::Exercise, scratch_tree};

/// The longest that a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Tests that compile take turns, because their programs have one name in one target folder.
pub(crate) static COMPILER: Mutex<()> = Mutex::const_new(());

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
        let demo = testkit::binary("demo-memory")?;
        sandbox.script(
            "workshop",
            &format!("exec '{runner}' \"$@\" --root '{tree}'"),
        )?;
        sandbox.script("passing-cargo", &cargo_with(demo))?;
        Ok(sandbox)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.path("tree")
    }

    pub(crate) fn exercise(&self) -> Result<Exercise> {
        Ok(Exercise::find(&Exercise::all(&self.tree())?, "count")?.clone())
    }

    /// Writes `lines` between the marks of exercise 1.
    pub(crate) fn fill(&self, lines: &str) -> Result<()> {
        self.command("fill", &[lines])?.status()?;
        Ok(())
    }

    /// Creates a shell script that the shell finds as `name`.
    pub(crate) fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path("bin").join(name);
        fs::create_dir_all(self.path("bin"))?;
        // Another process writes the file. If ours did, a program that another test starts meanwhile could inherit the
        // open file, and the script would be "busy" until that program has begun.
        let written = Command::new("sh")
            .args([
                "-c",
                r#"printf '#!/bin/sh\n%s\n' "$1" >"$0" && chmod 755 "$0""#,
            ])
            .arg(&path)
            .arg(text)
            .status()?;
        ensure!(written.success(), "cannot write {}", path.display());
        Ok(path)
    }

    /// Replaces the runner's cargo by a script that "builds" `program` for the first exercises.
    pub(crate) fn build(&self, program: &Path) -> Result<()> {
        self.script("cargo", &cargo_with(program)).map(drop)
    }

    /// Returns a command for `program`, which may be a script, in this sandbox.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Result<Command> {
        let target = Path::new(env!("CARGO_BIN_EXE_workshop")).ancestors().nth(2);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let shims = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runner/shims");
        let folders = [self.path("bin"), shims];
        let folders = folders.into_iter().chain(std::env::split_paths(&path));
        let mut command = Command::new(program);
        for name in testkit::variables_of_cargo() {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.tree())
            .env("PATH", std::env::join_paths(folders)?)
            .env("TMPDIR", self.path("tmp"))
            // Errors stay short.
            .env("RUST_BACKTRACE", "1")
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
        let environment = if cfg!(target_os = "macos") { "E" } else { "e" };
        let options = format!("ax{environment}ww");
        let output = Command::new("ps")
            .args([&options, "-o", "pid=,command="])
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
