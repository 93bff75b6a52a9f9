//! Runs a page with byexample, in a shell of its own with Redis and a tree of exercises.

use std::{
    env, fs,
    io::{Write, stderr},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use regex_lite::Regex;
use testkit::{Compose, Persistence, Redis, TestEnv, binary, root, tool};
use workshop::{scratch_tree, settings};

use crate::{
    page::{needs_docker, prepare},
    substitutes::Substitutes,
};

/// Runs every command of the page `name` and compares its output with `text`.
///
/// The error names the line of a different output, and shows both.
pub(crate) async fn type_out(name: &str, text: &str) -> Result<()> {
    let typist = root().join("target/documents-venv/bin/byexample");
    ensure!(
        typist.is_file(),
        "byexample is missing; `scripts/setup.sh byexample` installs it"
    );
    ensure!(text.contains("\n$ "), "{name} has no commands");
    let mut docker = text.lines().any(needs_docker);
    if docker && let Err(reason) = Compose::available().await {
        docker = false;
        // Writes past the test harness, which hides what passing tests print.
        let message = format!("left out: the blocks of {name} that need Docker: {reason:#}");
        writeln!(stderr(), "{message}")?;
    }
    // The seconds that a command may take on a slow machine. With Docker, it may build images.
    let patience = if docker { "600" } else { "60" };

    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let redis_port = redis.address().parse::<SocketAddr>()?.port();
    let folder = format!("{}/", env.folder("tmp")?.display());
    let substitutes = Substitutes::new(redis_port, folder)?;
    let copy = env.folder("documents")?.join(name);
    fs::write(&copy, substitutes.apply(&prepare(text, docker)))?;

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
    };
    let mut command = shell.command(&typist)?;
    command
        .args(["--language", "shell", "--no-progress-bar"])
        .args(["--pretty", "none", "--timeout", patience])
        .arg(&copy);
    let output = env.run(&mut command.into()).await?;
    if !output.status.success() {
        let report =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        // Write a place as editors understand it.
        let place = Regex::new("File \"[^\"]*\", line ")?;
        let report = substitutes.revert(&report);
        let report = place.replace_all(&report, format!("{name}:"));
        let logs = substitutes.revert(&env.tails());
        bail!("the output of {name}'s commands differs from the page:\n{report}\n{logs}");
    }
    let mut ctrl_c = shell.command(&shim("ctrl-c"))?.into();
    let output = env.run(&mut ctrl_c).await?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{name}: {stdout}");
    Ok(())
}

/// The surroundings of the page's shell.
struct Shell<'a> {
    env: &'a TestEnv,
    /// The Compose project, if there is Docker.
    project: Option<String>,
    substitutes: &'a Substitutes,
}

impl Shell<'_> {
    /// Returns a command that starts `program` in these surroundings.
    fn command(&self, program: &Path) -> Result<Command> {
        let programs = binary("story")?.parent().context("a folder of binaries")?;
        let port = self.substitutes.port(5000).to_string();
        let redis_port = self.substitutes.port(6379).to_string();
        let home = self.env.folder("home")?;
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = [shim("")].into_iter().chain(env::split_paths(&path));
        let mut command = Command::new(program);
        command.current_dir(root());
        for name in settings::names(root(), programs)? {
            command.env_remove(name);
        }
        for name in ["BASH_ENV", "ENV", "RUST_LOG"] {
            command.env_remove(name);
        }
        for name in testkit::variables_of_cargo() {
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
            .env("PATH", env::join_paths(folders)?)
            .env("APP_PORT", &port)
            .env("HTTP_PORT", port)
            .env("REDIS_URL", format!("redis://127.0.0.1:{redis_port}"))
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
            .env("SHIM_REDIS_PORT", redis_port)
            .env("SHIM_SERVE_REDIS", self.substitutes.port(6380).to_string())
            .env("SHIM_RUNNING", self.env.folder("running")?)
            .env("SHIM_LOGS", self.env.folder("logs")?);
        Ok(command)
    }
}

fn shim(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/documents/shims")
        .join(name)
}
