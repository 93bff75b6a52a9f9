//! The program as people start it: its options, its output, and how it ends.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use nix::{
    pty::openpty,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};
use testkit::{Endpoint, Port, Visitor, wait_until};

const PATIENCE: Duration = Duration::from_secs(30);

/// Returns the program with `arguments`, which have no spaces in them.
fn story(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_story"));
    command
        .args(arguments.split(' '))
        .env_remove("DEMO")
        .env_remove("HTTP_PORT")
        // Errors stay short.
        .env("RUST_BACKTRACE", "1");
    command
}

fn output(arguments: &str) -> Result<(Output, String)> {
    let output = story(arguments).output()?;
    let text = [&output.stdout[..], &output.stderr].concat();
    Ok((output, String::from_utf8(text)?))
}

#[test]
fn json_reports_what_each_step_expected_and_observed() -> Result<()> {
    let (output, _) = output("--json --scene memory-restart")?;
    assert!(output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let scene = &report["scenes"][0];
    assert_eq!(scene["passed"], true);
    let steps = scene["steps"].as_array().context("no steps")?;
    let visits = steps.iter().filter(|step| step["step"] == "GET /");
    let as_expected =
        |step: &&Value| step["expected"] == step["observed"] && step["millis"].is_u64();
    assert_eq!(visits.filter(as_expected).count(), 4, "{report}");
    let of_kind = |kind| steps.iter().filter(move |step| step["kind"] == kind);
    let counts = of_kind("request").map(|step| step["count"].as_u64());
    assert!(counts.eq([0, 1, 2, 0].map(Some)), "{report}");
    for step in of_kind("request") {
        assert_eq!(
            (&step["status"], &step["visitor"]),
            (&200.into(), &1.into())
        );
        assert!(step["value"].is_null());
    }
    let incidents: Vec<_> = of_kind("incident").map(|step| &step["step"]).collect();
    assert_eq!(incidents, ["restart memory-1"]);
    assert_eq!(scene["act"], 1);
    assert!(report["matrix"].is_null());
    Ok(())
}

#[test]
fn an_unknown_scene_is_an_error_that_lists_the_scenes() -> Result<()> {
    let (output, text) = output("--scene scale")?;
    assert_eq!(output.status.code(), Some(1));
    let message =
        r#"error: there is no scene "scale" without --compose; the scenes are memory-restart, "#;
    assert!(text.starts_with(message), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    Ok(())
}

#[test]
fn a_closed_output_ends_the_story_quietly() -> Result<()> {
    for arguments in ["--list", "--once --scene memory-restart"] {
        let (_, closed) = io::pipe()?;
        let output = story(arguments).stdout(closed).output()?;
        let errors = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(0), "{errors}");
        assert!(!errors.contains("error"), "{errors}");
    }
    Ok(())
}

#[test]
fn a_port_in_use_is_an_error_before_the_story_starts() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let (output, text) = output(&format!("--port {port}"))?;
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains(&format!("port {port} is in use")), "{text}");
    assert!(
        text.ends_with("; choose another, as in --port 5050\n"),
        "{text}"
    );
    assert!(!text.contains("GET /"), "{text}");
    Ok(())
}

/// AirPlay on macOS may listen on port 5000 although another server can use it too.
#[test]
fn a_port_that_answers_as_airplay_is_named() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let response = b"HTTP/1.1 403 Forbidden\r\nServer: AirTunes/1\x1b.2\r\n\r\n";
    let answers = thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        // Unread data would reset the connection.
        let _ = stream.read(&mut [0; 1024])?;
        stream.write_all(response)
    });
    let (output, text) = output(&format!("--port {port}"))?;
    assert_eq!(output.status.code(), Some(1));
    for part in [
        r"which answers as AirTunes/1\u{1b}.2; this is AirPlay",
        "; choose another, as in --port 5050\n",
    ] {
        assert!(text.contains(part), "{text}");
    }
    Ok(answers.join().expect("no panic")?)
}

// It also shows that the story runs without a terminal.
#[test]
fn a_part_of_the_story_has_no_matrix_to_check() -> Result<()> {
    let (output, text) = output("--scene memory-restart --once --check-matrix ../../README.md")?;
    assert_eq!(output.status.code(), Some(1));
    assert!(!text.contains("What became of the session"), "{text}");
    let hint = r#"The scene "matrix" measures the matrix."#;
    assert!(text.contains(hint), "{text}");
    assert!(text.contains("error: no matrix was measured"), "{text}");
    assert!(!text.contains('\u{1b}'), "colour: {text}");
    assert!(text.contains("memory-1 ──0───1───2──|─0✗─\n"), "{text}");
    let narration = text.lines().filter(|line| !line.starts_with("error:"));
    assert!(
        narration.clone().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    Ok(())
}

#[test]
fn an_act_has_its_scenes_and_others_can_be_added() -> Result<()> {
    let (_, acts) = output("--list --act 1 --act 3 --scene matrix")?;
    let scenes = |act: &str| {
        let lines = acts.lines().filter(|line| line.starts_with(act));
        lines.count()
    };
    assert!(scenes("Act I  ") > 5 && scenes("Act III  ") > 5, "{acts}");
    assert_eq!((scenes("Act II  "), scenes("Act IV  ")), (0, 1), "{acts}");
    let (_, error) = output("--list --act 5")?;
    assert!(error.contains("[possible values: 1, 2, 3, 4]"), "{error}");
    Ok(())
}

#[test]
fn report_is_one_page_with_a_picture_for_each_scene() -> Result<()> {
    let folder = TempDir::new()?;
    let file = folder.path().join("story.html");
    let scenes = "--scene memory-restart --scene file-two";
    let (output, text) = output(&format!("--json {scenes} --html {}", file.display()))?;
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains(&format!("the report is in {}", file.display())),
        "{text}"
    );
    let page = fs::read_to_string(file)?;
    for loaded in ["http:", "https:", "src=", "url(", "@import", "<script"] {
        assert!(!page.contains(loaded), "{loaded} in {page}");
    }
    let articles: Vec<_> = page.split("<article ").skip(1).collect();
    assert_eq!(articles.len(), 2);
    for (article, part) in articles.iter().zip([
        "memory-1: 0, 1, 2; restart memory-1; memory-1: 0 (the count did not go on)",
        "A visitor sets a value once, then looks six times.",
    ]) {
        assert_eq!(article.matches("<svg ").count(), 1, "{article}");
        assert!(article.contains(part), "{article}");
    }
    assert!(
        articles[1].contains("<span>Hello World #0, value: hello</span>"),
        "{page}"
    );
    Ok(())
}

#[test]
fn report_that_cannot_be_written_is_an_error_at_once() -> Result<()> {
    let folder = TempDir::new()?;
    let file = folder.path().join("missing/story.html");
    let (output, text) = output(&format!("--once --html {}", file.display()))?;
    assert_eq!(output.status.code(), Some(1));
    assert!(text.starts_with("error: cannot write "), "{text}");
    assert!(
        text.contains("choose another file for --html: No such file"),
        "{text}"
    );
    assert!(!text.contains("GET /"), "{text}");
    Ok(())
}

#[test]
fn slow_scenes_are_played_one_after_the_other() -> Result<()> {
    let folder = TempDir::new()?;
    let file = folder.path().join("story.html");
    let scenes = "--scene memory-restart --scene memory-two";
    let arguments = format!("--once --pace 100ms {scenes} --html {}", file.display());
    let (output, text) = output(&arguments)?;
    assert!(output.status.success(), "{text}");
    // The times of the scenes, in tenths of a second, and that of the story.
    let page = fs::read_to_string(file)?;
    let times = page
        .split(" s</p>")
        .filter_map(|part| part.rsplit(", ").next());
    let times = times.filter_map(|time| time.replace('.', "").parse::<u32>().ok());
    let times: Vec<_> = times.collect();
    let (_, total) = page.split_once(" failed, in ").context("no summary")?;
    let (total, _) = total.split_once(" s.").context("no time")?;
    let total: u32 = total.replace('.', "").parse()?;
    // Two starts, a restart and eight requests.
    assert!(times.len() == 2 && total >= 11, "{times:?}, {total}");
    assert!(times.iter().sum::<u32>() <= total, "{times:?}, {total}");
    Ok(())
}

#[test]
fn steps_wait_for_enter_only_at_a_terminal() -> Result<()> {
    let output = story("--once --step --scene memory-restart")
        .stdin(Stdio::null())
        .output()?;
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr)?;
    assert!(
        error.contains("error: --step waits for Enter, so it needs a terminal"),
        "{error}"
    );
    Ok(())
}

// At the end, Ctrl-D plays the rest in one story, and Ctrl-C ends the other.
#[actix_rt::test]
async fn each_enter_plays_one_step() -> Result<()> {
    for (ctrl_d, status) in [(true, 0), (false, 130)] {
        let terminal = openpty(None, None)?;
        let narration = NamedTempFile::new()?;
        let mut story = Running(
            story("--once --step --scene memory-restart")
                .stdin(terminal.slave)
                .stdout(narration.reopen()?)
                .stderr(Stdio::null())
                .spawn()?,
        );
        let mut keyboard = File::from(terminal.master);
        let shown = async |words: &str| {
            wait_until(words, PATIENCE, async || {
                let text = fs::read_to_string(&narration)?;
                Ok(text.contains(words).then_some(text))
            })
            .await
        };
        let text = shown("the server restarts").await?;
        assert!(!text.contains("start demo-memory"), "{text}");
        keyboard.write_all(b"\n")?;
        let text = shown("start demo-memory").await?;
        assert!(!text.contains("GET /"), "{text}");
        if ctrl_d {
            keyboard.write_all(b"\x04")?;
        } else {
            kill(Pid::from_raw(i32::try_from(story.0.id())?), Signal::SIGINT)?;
        }
        assert_eq!(story.0.wait()?.code(), Some(status));
    }
    Ok(())
}

/// A story, which ends when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A story that has ended, and the servers that it keeps running.
struct Playground {
    story: Child,
    port: Port,
    temporary: TempDir,
}

impl Playground {
    async fn start(demo: &str) -> Result<Self> {
        let port = Port::claim()?;
        let temporary = TempDir::new()?;
        let narration = temporary.path().join("narration");
        let number = port.number();
        let arguments = format!("--scene memory-restart --demo {demo} --port {number}");
        let story = story(&arguments)
            .env("TMPDIR", temporary.path())
            .stdout(File::create(&narration)?)
            .stderr(Stdio::null())
            .spawn()?;
        wait_until("the story to end", PATIENCE, async || {
            let text = fs::read_to_string(&narration)?;
            Ok(text.contains("Ctrl-C ends it").then_some(()))
        })
        .await?;
        fs::remove_file(narration)?;
        Ok(Self {
            story,
            port,
            temporary,
        })
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port.number()).into()
    }

    /// Sends `signal` to the story. Expects that no process, no file and no open port remains. Returns the exit status.
    async fn end(mut self, signal: Signal) -> Result<Option<i32>> {
        let story = i32::try_from(self.story.id())?;
        let output = Command::new("pgrep")
            .args(["-P", &story.to_string()])
            .output()
            .context("cannot start pgrep")?;
        let children = String::from_utf8(output.stdout)?
            .lines()
            .map(str::parse)
            .collect::<Result<Vec<i32>, _>>()?;
        assert!(
            children.len() >= 13,
            "ten instances, Redis, the viewer and HAProxy: {children:?}"
        );
        kill(Pid::from_raw(story), signal)?;
        let status = self.story.wait()?;
        wait_until("its processes to end", PATIENCE, async || {
            let running = |pid: &i32| kill(Pid::from_raw(*pid), None).is_ok();
            Ok((!children.iter().any(running)).then_some(()))
        })
        .await?;
        wait_until("its folder to disappear", PATIENCE, async || {
            let mut entries = fs::read_dir(self.temporary.path())?;
            Ok(entries.next().is_none().then_some(()))
        })
        .await?;
        assert!(TcpStream::connect(self.address()).is_err());
        Ok(status.code())
    }
}

#[actix_rt::test]
async fn playground_serves_each_demo_by_name_and_one_by_default() -> Result<()> {
    let playground = Playground::start("redis").await?;
    let endpoint = Endpoint::new(playground.address());
    for (host, path, instance) in [
        ("memory.localhost", "/", "memory-"),
        ("file.localhost", "/", "file-"),
        ("redis.localhost", "/", "redis-"),
        ("cookie.localhost", "/", "cookie-"),
        ("webserver.localhost", "/login", "webserver-"),
        ("localhost", "/", "redis-"),
        ("127.0.0.1", "/", "redis-"),
        ("elsewhere.example", "/", "redis-"),
        ("sessions.localhost", "/", "viewer"),
    ] {
        let seen = Visitor::new().get(&endpoint.named(host), path).await?;
        assert_eq!(seen.status, 200, "{host}: {seen:?}");
        let name = seen.instance.as_deref().unwrap_or_default();
        assert!(name.starts_with(instance), "{host}: {seen:?}");
        if host == "sessions.localhost" {
            // The viewer lists the sessions that the requests above have left in Redis.
            assert!(seen.body.contains("visitCount"), "{seen:?}");
        }
    }
    let statistics = endpoint.named("stats.localhost");
    let statistics = Visitor::new().get(&statistics, "/haproxy").await?.body;
    assert!(statistics.contains("Statistics Report for HAProxy"));
    assert!(statistics.contains("redis-2"));
    playground.end(Signal::SIGTERM).await.map(drop)
}

#[actix_rt::test]
async fn ctrl_c_leaves_no_process_no_port_and_no_file() -> Result<()> {
    let playground = Playground::start("file").await?;
    assert_eq!(playground.end(Signal::SIGINT).await?, Some(130));
    Ok(())
}

#[actix_rt::test]
async fn sigkill_leaves_no_process_no_port_and_no_file() -> Result<()> {
    let playground = Playground::start("file").await?;
    playground.end(Signal::SIGKILL).await.map(drop)
}
