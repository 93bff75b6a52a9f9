//! A place to work at: a tree and a temporary folder of one's own, and the runner there.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use testkit::{root, wait_until};
use workshop::{
    exercise::{Exercise, filled},
    scratch,
};

/// Longest that anything here is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Desk {
    folder: TempDir,
}

/// What the runner said, and how it ended.
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Told {
    /// Whether these words were said, however they are wrapped.
    pub(crate) fn says(&self, words: &str) -> bool {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        one_line(&self.out).contains(&one_line(words))
            || one_line(&self.err).contains(&one_line(words))
    }

    /// All of it, for a failed assertion.
    pub(crate) fn all(&self) -> String {
        format!("{}{}(status {:?})", self.out, self.err, self.code)
    }
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

/// Where the runner was built: what exercises depend on is built there already.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_workshop"))
        .ancestors()
        .nth(2)
        .expect("a program of cargo's lies in target/debug")
}

impl Desk {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("desk-").tempdir()?;
        for name in ["tree", "tmp"] {
            fs::create_dir(folder.path().join(name))?;
        }
        scratch::lay(root(), &folder.path().join("tree"))?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.path("tree")
    }

    /// The exercise that the tests are about.
    pub(crate) fn exercise(&self) -> Result<Exercise> {
        Ok(Exercise::find(&Exercise::all(&self.tree())?, "count")?.clone())
    }

    /// Writes `lines` between the marks of the starter.
    pub(crate) fn write(&self, lines: &str) -> Result<()> {
        let exercise = self.exercise()?;
        Ok(fs::write(
            exercise.file(),
            filled(&exercise.starter()?, lines)?,
        )?)
    }

    /// Writes `new` where the file has `old`.
    pub(crate) fn replace(&self, old: &str, new: &str) -> Result<()> {
        let file = self.exercise()?.file();
        let text = fs::read_to_string(&file)?;
        assert!(text.contains(old), "{text}");
        Ok(fs::write(file, text.replace(old, new))?)
    }

    /// Puts a cargo in place that finds `error` in everything.
    pub(crate) fn failing_cargo(&self, error: &str) -> Result<()> {
        self.fake_cargo(&format!(
            r#"echo '{{"message":{{"level":"error","code":null,"rendered":"{error}"}}}}'; exit 1"#
        ))
    }

    /// Puts a cargo in place that builds a program which does what exercise 1 asks for: a demo.
    pub(crate) fn passing_cargo(&self) -> Result<()> {
        self.building_cargo(testkit::binary("demo-memory")?)
    }

    /// Puts a cargo in place that builds `program` for every exercise.
    pub(crate) fn building_cargo(&self, program: &Path) -> Result<()> {
        let built = |name| {
            format!(
                r#"echo '{{"target":{{"name":"{name}"}},"executable":"{}"}}'"#,
                program.display()
            )
        };
        self.fake_cargo(&["count", "one-line"].map(built).join("\n"))
    }

    /// Puts the shell script `script` in cargo's place.
    pub(crate) fn fake_cargo(&self, script: &str) -> Result<()> {
        self.executable("cargo", script).map(drop)
    }

    /// The shell script `script` as the executable `name`.
    pub(crate) fn executable(&self, name: &str, script: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(path.parent().context("no folder")?)?;
        fs::write(&path, format!("#!/bin/sh\n{script}"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }

    /// The runner, to be started with `arguments`.
    pub(crate) fn workshop(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
        command
            .args(arguments)
            .arg("--root")
            .arg(self.tree())
            .env("TMPDIR", self.path("tmp"))
            .stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", target());
        if self.path("cargo").exists() {
            command.env("CARGO", self.path("cargo"));
        }
        command
    }

    /// What the runner says to `arguments`.
    pub(crate) fn told(&self, arguments: &[&str]) -> Result<Told> {
        Ok(self.workshop(arguments).output()?.into())
    }

    /// The processes that have this desk in their command or environment.
    pub(crate) fn processes(&self) -> Result<Vec<String>> {
        // Both show the environment behind the command.
        let options = if cfg!(target_os = "macos") {
            "axEww"
        } else {
            "axeww"
        };
        let output = Command::new("ps")
            .args([options, "-o", "pid=,command="])
            .output()
            .context("cannot start ps")?;
        let desk = self.folder.path().display().to_string();
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(lines
            .lines()
            .filter(|line| line.contains(&desk))
            .map(|line| line.chars().take(100).collect())
            .collect())
    }

    /// Waits until no process and no temporary file of this desk is left.
    pub(crate) async fn left_nothing(&self) -> Result<()> {
        let mut left = Vec::new();
        let gone = wait_until("everything to end", Duration::from_secs(10), async || {
            left = self.processes()?;
            left.extend(
                fs::read_dir(self.path("tmp"))?
                    .flatten()
                    .map(|entry| entry.path().display().to_string()),
            );
            Ok(left.is_empty().then_some(()))
        });
        let gone = gone.await;
        gone.with_context(|| format!("left: {left:#?}"))
    }
}
