//! Runs a page with byexample, in a shell of its own with Redis and a tree of exercises.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{Write, stderr},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use testkit::{Compose, Persistence, Redis, TestEnv, binary, root, tool};
use workshop::{scratch_tree, settings};

use crate::{page::Page, substitutes::Substitutes};

/// The seconds that a command may take on a slow machine, unless the page gives another number.
const PATIENCE: &str = "60";

/// Runs every command of the page `name` and compares its output with `text`.
///
/// The error names the line of a different output, and shows both as the page would.
pub(crate) async fn type_out(name: &str, text: &str) -> Result<()> {
    let typist = root().join("target/documents-venv/bin/byexample");
    ensure!(
        typist.is_file(),
        "byexample is missing; `scripts/setup.sh byexample` installs it"
    );
    let docker = Page::needs_docker(text) && has_docker(name).await;
    let page = Page::new(text, docker);
    ensure!(page.commands > 0, "{name} has no commands");

    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let redis_port = redis.address().parse::<SocketAddr>()?.port();
    let folder = format!("{}/", env.folder("tmp")?.display());
    let substitutes = Substitutes::new(redis_port, folder)?;
    let copy = env.folder("documents")?.join(name);
    fs::write(&copy, substitutes.apply(&page.text))?;

    let project = docker.then(|| format!("session-documents-{}", substitutes.port(5000)));
    let running = env.folder("running")?;
    let _end = env.on_exit(format!(
        "'{}' '{}' {}",
        shim("the-end").display(),
        running.display(),
        project.as_deref().unwrap_or_default()
    ));
    let shell = Shell {
        env: &env,
        project,
        substitutes: &substitutes,
        redis: &redis,
    };
    let mut command = shell.command(&typist)?;
    command
        .args(["--language", "shell", "--no-progress-bar"])
        .args(["--pretty", "none", "--timeout", PATIENCE])
        .arg(&copy);
    let output = env.run(&mut command.into()).await?;
    if !output.status.success() {
        let report =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let report: String = substitutes
            .revert(&report)
            .lines()
            .map(|line| with_line_number(&page.original(line), &copy, name) + "\n")
            .collect();
        let logs = substitutes.revert(&env.tails());
        bail!("the output of {name}'s commands differs from the page:\n{report}\n{logs}");
    }
    let mut ctrl_c = shell.command(&shim("ctrl-c"))?.into();
    let output = env.run(&mut ctrl_c).await?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{name}: {stdout}");
    Ok(())
}

/// Returns whether there is Docker. If there isn't, reports that blocks of the page `name` are left
/// out. Writes past the test harness, which hides what passing tests print.
async fn has_docker(name: &str) -> bool {
    let available = Compose::available().await;
    if let Err(reason) = &available {
        let message = format!("left out: the blocks of {name} that need Docker: {reason:#}");
        let _ = writeln!(stderr(), "{message}");
    }
    available.is_ok()
}

/// Writes a place in `copy` as editors understand it: `name:line`.
fn with_line_number(line: &str, copy: &Path, name: &str) -> String {
    let line = line.replace(&copy.display().to_string(), name);
    match line.strip_prefix(&format!("File \"{name}\", line ")) {
        Some(number) => format!("{name}:{number}"),
        None => line,
    }
}

/// The surroundings of the page's shell.
struct Shell<'a> {
    env: &'a TestEnv,
    /// The Compose project, if there is Docker.
    project: Option<String>,
    substitutes: &'a Substitutes,
    redis: &'a Redis,
}

impl Shell<'_> {
    /// Returns a command that starts `program` in these surroundings.
    fn command(&self, program: &Path) -> Result<Command> {
        let programs = binary("story")?.parent().context("a folder of binaries")?;
        let port = self.substitutes.port(5000).to_string();
        let home = self.env.folder("home")?;
        let mut command = Command::new(program);
        command.current_dir(root());
        for name in settings::names(root(), programs)? {
            command.env_remove(name);
        }
        for name in ["BASH_ENV", "ENV", "RUST_LOG"] {
            command.env_remove(name);
        }
        for (name, folder) in [
            ("CARGO_HOME", ".cargo"),
            ("RUSTUP_HOME", ".rustup"),
            ("DOCKER_CONFIG", ".docker"),
        ] {
            // These stay in the user's home, which has the compiler.
            let user = || env::home_dir().unwrap_or_default().join(folder).into();
            command.env(name, env::var_os(name).unwrap_or_else(user));
        }
        command
            .env("HOME", &home)
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("TMPDIR", self.env.folder("tmp")?)
            .env("PATH", path()?)
            .env("APP_PORT", &port)
            .env("HTTP_PORT", port)
            .env("REDIS_URL", self.redis.url())
            // The shell would write its history while the folder is deleted.
            .env("HISTFILE", "")
            .env("PYTHONUTF8", "1")
            // workshop.md promises that nothing needs the network after the build.
            .env("CARGO_NET_OFFLINE", "true")
            .env("NO_COLOR", "1")
            .env("CARGO_TERM_COLOR", "never")
            .env("COMPOSE_PROGRESS", "plain")
            .env("COMPOSE_ANSI", "never");
        if let Some(project) = &self.project {
            command.env("COMPOSE_PROJECT_NAME", project);
        }
        let tree = self.env.path().join("tree");
        if !tree.exists() {
            scratch_tree::create(root(), &self.env.folder("tree")?)?;
        }
        let cargo = env::var_os("CARGO").map_or_else(|| tool("cargo"), |cargo| Ok(cargo.into()))?;
        let target = programs.parent().context("a target folder")?;
        command
            .env("WORKSHOP_ROOT", tree)
            .env("CARGO_TARGET_DIR", target)
            .env("SHIM_PROGRAMS", programs)
            .env("SHIM_CARGO", cargo)
            .env("SHIM_REDIS_PORT", self.substitutes.port(6379).to_string())
            .env("SHIM_RUNNING", self.env.folder("running")?)
            .env("SHIM_LOGS", self.env.folder("logs")?);
        Ok(command)
    }
}

/// Returns the user's PATH with the shims in front.
fn path() -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [shim("")].into_iter().chain(env::split_paths(&path));
    Ok(env::join_paths(folders)?)
}

fn shim(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/documents/shims")
        .join(name)
}
