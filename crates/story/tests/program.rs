//! The program as people start it: its options, its output, its end.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;
use testkit::{Endpoint, Port, Visitor, wait_until};

const PATIENCE: Duration = Duration::from_secs(30);

fn story(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_story"));
    command
        .args(arguments)
        .env_remove("DEMO")
        .env_remove("HTTP_PORT");
    command
}

fn output(arguments: &[&str]) -> Result<(Output, String)> {
    let output = story(arguments).output()?;
    let text = [&output.stdout[..], &output.stderr].concat();
    Ok((output, String::from_utf8(text)?))
}

#[test]
fn the_report_in_json_has_each_step_with_what_was_expected_and_observed() -> Result<()> {
    let (output, _) = output(&["--json", "--scene", "memory-restart"])?;
    assert!(output.status.success());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let scene = &report["scenes"][0];
    assert_eq!(scene["passed"], true);
    let visits: Vec<_> = scene["steps"]
        .as_array()
        .context("steps")?
        .iter()
        .filter(|step| step["step"] == "GET /")
        .collect();
    assert_eq!(visits.len(), 4);
    assert!(
        visits
            .iter()
            .all(|step| step["expected"] == step["observed"] && step["millis"].is_u64()),
        "{report}"
    );
    assert_eq!(report["matrix"]["memory"]["restart"], "lost");
    assert!(report["matrix"]["redis"]["restart"].is_null());
    Ok(())
}

#[test]
fn a_scene_that_does_not_exist_is_refused_with_those_that_do() -> Result<()> {
    let (output, text) = output(&["--scene", "nope"])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("nope") && text.contains("memory-restart"),
        "{text}"
    );
    Ok(())
}

#[test]
fn a_scene_is_left_out_with_the_reason_when_its_tools_are_missing() {
    let scene = story::scenes::Scene {
        needs: &["no-such-server"],
        ..copy_of_the_first_scene()
    };
    let missing = story::missing(&scene, &story::Place::Here).map(|missing| missing.reason);
    assert_eq!(
        missing.as_deref(),
        Some("no-such-server is not installed; scripts/setup.sh installs it")
    );
}

fn copy_of_the_first_scene() -> story::scenes::Scene {
    let story::scenes::Scene {
        name,
        title,
        proves,
        needs,
        play,
    } = story::scenes::SCENES[0];
    story::scenes::Scene {
        name,
        title,
        proves,
        needs,
        play,
    }
}

#[test]
fn a_port_in_use_is_told_before_the_story_starts() -> Result<()> {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = taken.local_addr()?.port().to_string();
    let (output, text) = output(&["--port", &port])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains(&format!("port {port} is in use")) && text.contains("--port"),
        "{text}"
    );
    assert!(!text.contains("GET /"), "{text}");
    Ok(())
}

#[test]
fn the_story_reads_without_colour_in_80_columns() -> Result<()> {
    let (output, text) = output(&["--once", "--scene", "file-two"])?;
    assert!(output.status.success());
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    Ok(())
}

#[test]
fn a_page_with_another_matrix_fails() -> Result<()> {
    let page = tempfile::NamedTempFile::new()?;
    fs::write(page.path(), "memory  kept")?;
    let (output, text) = output(&[
        "--once",
        "--scene",
        "memory-restart",
        "--check-matrix",
        &page.path().display().to_string(),
    ])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("shows another matrix"), "{text}");
    Ok(())
}

/// A story that has been told and stays up.
struct Standing {
    story: Child,
    port: Port,
    temporary: TempDir,
}

impl Standing {
    async fn start(demo: &str) -> Result<Self> {
        let port = Port::claim()?;
        let temporary = TempDir::new()?;
        let log = temporary.path().join("told");
        let story = story(&[
            "--scene",
            "memory-restart",
            "--demo",
            demo,
            "--port",
            &port.number().to_string(),
        ])
        .env("TMPDIR", temporary.path())
        .stdout(File::create(&log)?)
        .stderr(Stdio::null())
        .spawn()?;
        wait_until("the story to stay up", PATIENCE, async || {
            Ok(fs::read_to_string(&log)?
                .contains("Ctrl-C ends it")
                .then_some(()))
        })
        .await?;
        fs::remove_file(log)?;
        Ok(Self {
            story,
            port,
            temporary,
        })
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.address())
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port.number()).into()
    }

    /// Ends it with `signal`; then nothing of it may be left.
    async fn end(mut self, signal: Signal) -> Result<Option<i32>> {
        let children = processes_of(self.story.id())?;
        assert!(
            children.len() >= 13,
            "ten instances, Redis, the viewer and HAProxy: {children:?}"
        );
        kill(Pid::from_raw(i32::try_from(self.story.id())?), signal)?;
        let status = self.story.wait()?;
        wait_until("its processes to end", PATIENCE, async || {
            let left = children
                .iter()
                .filter(|pid| kill(Pid::from_raw(**pid), None).is_ok())
                .count();
            Ok((left == 0).then_some(()))
        })
        .await?;
        wait_until("its folder to go", PATIENCE, async || {
            Ok(is_empty(self.temporary.path()).then_some(()))
        })
        .await?;
        assert!(TcpStream::connect(self.address()).is_err());
        Ok(status.code())
    }
}

fn processes_of(parent: u32) -> Result<Vec<i32>> {
    let output = Command::new("pgrep")
        .args(["-P", &parent.to_string()])
        .output()
        .context("cannot start pgrep")?;
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(str::parse)
        .collect::<Result<_, _>>()?)
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[actix_rt::test]
async fn what_stays_up_serves_each_demo_by_name_and_one_by_default() -> Result<()> {
    let standing = Standing::start("redis").await?;
    let endpoint = standing.endpoint();
    for demo in ["memory", "file", "redis", "cookie"] {
        let seen = Visitor::new()
            .get(&endpoint.named(&format!("{demo}.localhost")), "/")
            .await?;
        assert!(
            seen.instance
                .as_deref()
                .is_some_and(|instance| instance.starts_with(demo)),
            "{demo}: {seen:?}"
        );
    }
    let seen = Visitor::new()
        .get(&endpoint.named("webserver.localhost"), "/login")
        .await?;
    assert_eq!(seen.status, 200);
    assert!(
        seen.instance
            .as_deref()
            .is_some_and(|instance| instance.starts_with("webserver")),
        "{seen:?}"
    );
    for name in ["localhost", "127.0.0.1", "elsewhere.example"] {
        let seen = Visitor::new().get(&endpoint.named(name), "/").await?;
        assert!(
            seen.instance
                .as_deref()
                .is_some_and(|instance| instance.starts_with("redis")),
            "{name}: {seen:?}"
        );
    }
    // The page of what those visits have left in Redis.
    let sessions = Visitor::new()
        .get(&endpoint.named("sessions.localhost"), "/")
        .await?;
    assert!(
        sessions.instance.as_deref() == Some("viewer") && sessions.body.contains("visitCount"),
        "{sessions:?}"
    );
    let statistics = Visitor::new()
        .get(&endpoint.named("stats.localhost"), "/")
        .await?;
    assert!(
        statistics.body.contains("Statistics Report for HAProxy")
            && statistics.body.contains("redis-2")
    );
    standing.end(Signal::SIGTERM).await?;
    Ok(())
}

#[actix_rt::test]
async fn ctrl_c_leaves_no_process_no_port_and_no_file() -> Result<()> {
    assert_eq!(
        Standing::start("file").await?.end(Signal::SIGINT).await?,
        Some(130)
    );
    Ok(())
}

#[actix_rt::test]
async fn even_sigkill_leaves_no_process_no_port_and_no_file() -> Result<()> {
    Standing::start("file").await?.end(Signal::SIGKILL).await?;
    Ok(())
}
