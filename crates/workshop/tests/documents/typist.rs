//! Types a page: a stage, a shell on it, and byexample at the keyboard.

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

use workshop::scratch_tree;

use crate::{page::Page, places::Places};

/// Seconds that a command may take on a slow machine, unless it says otherwise.
const PATIENCE: &str = "60";

/// Beginnings of the variables that must not leak from the user's shell into the page's.
const SETTINGS: [&str; 15] = [
    "ABSOLUTE_TIMEOUT",
    "APP_",
    "BASH_ENV",
    "COMPOSE_",
    "COOKIE_DOMAIN",
    "DEMO",
    "ENV",
    "HTTP_PORT",
    "IDLE_TIMEOUT",
    "INSTANCE",
    "REDIS_",
    "RUST_LOG",
    "SECURE_COOKIE",
    "SESSION_",
    "WORKERS",
];

/// Runs every command of the page `name`, which has `text`, and compares the answers.
///
/// # Errors
/// Another answer came than the page's, or none; the message names the line, and shows both as the page would.
pub(crate) async fn type_out(name: &str, text: &str) -> Result<()> {
    let typist = root().join("target/documents-venv/bin/byexample");
    ensure!(
        typist.is_file(),
        "byexample is missing; `scripts/setup.sh byexample` installs it"
    );
    let docker = Page::needs_docker(text) && docker(name).await;
    let page = Page::new(text, docker);
    ensure!(page.commands > 0, "{name} has no commands");

    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let redis_port = redis.address().parse::<SocketAddr>()?.port();
    let places = Places::new(redis_port, format!("{}/", env.folder("tmp")?.display()))?;
    let copy = env.folder("documents")?.join(name);
    fs::write(&copy, places.there(&page.text))?;

    let shell = Shell {
        env: &env,
        project: docker.then(|| format!("session-documents-{}", places.port(5000))),
    };
    let running = env.folder("running")?;
    let end = format!(
        "'{}' '{}' {}",
        shim("the-end").display(),
        running.display(),
        shell.project.as_deref().unwrap_or_default()
    );
    let _end = env.on_exit(end);
    let mut command = shell.command(&typist, &places, &redis)?;
    command
        .args([
            "--language",
            "shell",
            "--no-progress-bar",
            "--pretty",
            "none",
            "--timeout",
            PATIENCE,
        ])
        .arg(&copy);
    let output = env.run(&mut command.into()).await?;
    let report = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let report: String = places
            .back(&report)
            .lines()
            .map(|line| place(&page.original(line), &copy, name) + "\n")
            .collect();
        bail!(
            "{name} says one thing, and its commands another:\n{report}\n{}",
            places.back(&env.tails())
        );
    }
    let output = env
        .run(&mut shell.command(&shim("ctrl-c"), &places, &redis)?.into())
        .await?;
    ensure!(
        output.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&output.stdout)
    );
    Ok(())
}

/// Whether there is Docker. If there isn't, what is left out of the page `name` is told, past the test harness, which
/// keeps what passing tests print to itself.
async fn docker(name: &str) -> bool {
    let available = Compose::available().await;
    if let Err(reason) = &available {
        let _ = writeln!(
            stderr(),
            "left out: the blocks of {name} that need Docker: {reason:#}"
        );
    }
    available.is_ok()
}

/// A line of the report, with a place in `copy` as editors know it: `name:line`.
fn place(line: &str, copy: &Path, name: &str) -> String {
    let line = line.replace(&copy.display().to_string(), name);
    match line.strip_prefix(&format!("File \"{name}\", line ")) {
        Some(number) => format!("{name}:{number}"),
        None => line,
    }
}

/// What is there for the page's shell alone.
struct Shell<'a> {
    env: &'a TestEnv,
    /// The Compose project, if there is Docker.
    project: Option<String>,
}

impl Shell<'_> {
    /// `program` in the surroundings of the shell.
    fn command(&self, program: &Path, places: &Places, redis: &Redis) -> Result<Command> {
        let mut command = Command::new(program);
        command.current_dir(root());
        for (name, _) in env::vars_os() {
            if SETTINGS
                .iter()
                .any(|setting| name.to_string_lossy().starts_with(setting))
            {
                command.env_remove(name);
            }
        }
        for (name, folder) in [
            ("CARGO_HOME", ".cargo"),
            ("RUSTUP_HOME", ".rustup"),
            ("DOCKER_CONFIG", ".docker"),
        ] {
            // These stay the user's own: another home would have no compiler.
            command.env(
                name,
                env::var_os(name).unwrap_or_else(|| home().join(folder).into()),
            );
        }
        let private = self.env.folder("home")?;
        command
            .env("HOME", &private)
            .env("XDG_CACHE_HOME", private.join(".cache"))
            .env("TMPDIR", self.env.folder("tmp")?)
            .env("PATH", path()?)
            .env("APP_PORT", places.port(5000).to_string())
            .env("HTTP_PORT", places.port(5000).to_string())
            .env("REDIS_URL", redis.url())
            // None: it would be written while the folder goes.
            .env("HISTFILE", "")
            .env("PYTHONUTF8", "1")
            // The workshop says that it needs no network once it is built.
            .env("CARGO_NET_OFFLINE", "true")
            .envs([
                ("NO_COLOR", "1"),
                ("CARGO_TERM_COLOR", "never"),
                ("COMPOSE_PROGRESS", "plain"),
                ("COMPOSE_ANSI", "never"),
            ]);
        if let Some(project) = &self.project {
            command.env("COMPOSE_PROJECT_NAME", project);
        }
        // For the shims.
        let programs = binary("story")?.parent().context("a folder of binaries")?;
        let tree = self.env.path().join("tree");
        if !tree.exists() {
            scratch_tree::create(root(), &self.env.folder("tree")?)?;
        }
        let cargo = env::var_os("CARGO").map_or_else(|| tool("cargo"), |cargo| Ok(cargo.into()))?;
        command
            .env("WORKSHOP_ROOT", tree)
            .env(
                "CARGO_TARGET_DIR",
                programs.parent().context("a target folder")?,
            )
            .env("SHIM_PROGRAMS", programs)
            .env("SHIM_CARGO", cargo)
            .env("SHIM_REDIS_PORT", places.port(6379).to_string())
            .env("SHIM_RUNNING", self.env.folder("running")?)
            .env("SHIM_LOGS", self.env.folder("logs")?);
        Ok(command)
    }
}

fn home() -> PathBuf {
    env::home_dir().unwrap_or_default()
}

/// The user's PATH behind the shims.
fn path() -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(
        [shim("")].into_iter().chain(env::split_paths(&path)),
    )?)
}

fn shim(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/documents/shims")
        .join(name)
}
