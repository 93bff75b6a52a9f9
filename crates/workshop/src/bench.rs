//! What a check works with: the attendee's work on a stage, and visitors whose every step is noted.

use std::{
    cell::RefCell,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use testkit::{
    Balancer, Demo, Endpoint, Events, Instance, Redis, Response, TestEnv, Visitor, wait_until,
};
use tokio::{net::TcpStream, time::timeout};

use crate::{finding::Finding, tell::WIDTH};

/// Longest that a program may take to listen.
const START: Duration = Duration::from_secs(5);

/// Longest that an answer may take.
const ANSWER: Duration = Duration::from_secs(3);

/// A stage, the work to be checked on it, and what visitors saw there.
pub struct Bench {
    env: TestEnv,
    work: PathBuf,
    apps: RefCell<Vec<App>>,
    steps: RefCell<Vec<String>>,
}

/// A program of the attendee's, while it runs.
#[derive(Clone)]
struct App {
    name: String,
    pid: u32,
}

impl Bench {
    /// `stage` for `work`: a program, or a file that is not a program.
    #[must_use]
    pub fn new(env: TestEnv, work: &Path) -> Self {
        Self {
            env,
            work: work.to_owned(),
            apps: RefCell::default(),
            steps: RefCell::default(),
        }
    }

    /// The stage.
    #[must_use]
    pub fn env(&self) -> &TestEnv {
        &self.env
    }

    /// The work: a program, or a file that is not a program.
    #[must_use]
    pub fn work(&self) -> &Path {
        &self.work
    }

    /// What was done and seen so far, a line each.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        self.steps.borrow().clone()
    }

    /// Notes something that was done and is no visit.
    pub fn did(&self, what: &str) {
        self.steps.borrow_mut().push(what.to_owned());
    }

    /// Starts the attendee's program as an instance called `name`.
    ///
    /// # Errors
    /// A [`Finding`], if it ends at its start or doesn't listen.
    pub async fn app(&self, name: &str, settings: &[(&str, &str)]) -> Result<Instance> {
        let mut instance = Instance::of(&self.env, &self.work, name, settings)?;
        self.start(&mut instance).await?;
        Ok(instance)
    }

    /// Starts the attendee's program twice, as `app-1` and `app-2`.
    ///
    /// # Errors
    /// As [`app`](Self::app).
    pub async fn two_apps(&self, settings: &[(&str, &str)]) -> Result<[Instance; 2]> {
        Ok([
            self.app("app-1", settings).await?,
            self.app("app-2", settings).await?,
        ])
    }

    /// Starts an instance of the attendee's program that was prepared or has ended.
    ///
    /// # Errors
    /// As [`app`](Self::app).
    pub async fn start(&self, instance: &mut Instance) -> Result<()> {
        self.start_somewhere(instance).await?;
        if TcpStream::connect(instance.address()).await.is_ok() {
            return Ok(());
        }
        let expected = format!(
            "a server that listens on port {}, as APP_PORT told it",
            instance.address().port()
        );
        bail!(
            Finding::new(
                expected,
                listening(&instance.log()),
                "nobody listens on the port it was given"
            )
            .at(Some(instance.name()))
        )
    }

    /// As [`start`](Self::start), wherever it then listens.
    ///
    /// # Errors
    /// A [`Finding`], if it ends at its start or doesn't listen at all.
    pub async fn start_somewhere(&self, instance: &mut Instance) -> Result<()> {
        let said = instance.log().len();
        let started = timeout(START, instance.start()).await;
        let name = instance.name().to_owned();
        self.apps.borrow_mut().retain(|app| app.name != name);
        if let Some(pid) = instance.pid() {
            self.apps.borrow_mut().push(App {
                name: name.clone(),
                pid,
            });
        }
        let log = instance.log();
        let log = log.get(said..).unwrap_or_default();
        match started {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => match panicked(log) {
                Some(panic) => bail!(
                    Finding::new(
                        "a server that listens",
                        panic,
                        "the program panicked at its start"
                    )
                    .at(Some(&name))
                ),
                None if instance.pid().is_none() => {
                    let last = log
                        .lines()
                        .rfind(|line| !line.trim().is_empty())
                        .unwrap_or("nothing in its log");
                    bail!(
                        Finding::new(
                            "a server that listens",
                            last,
                            "the program ended at its start"
                        )
                        .at(Some(&name))
                    )
                }
                None => Err(error),
            },
            Err(_) => {
                let observed = format!("no word of listening within {} s", START.as_secs());
                bail!(
                    Finding::new(
                        "a server that listens",
                        observed,
                        self.stuck(&name, Duration::ZERO)
                    )
                    .at(Some(&name))
                )
            }
        }
    }

    /// HAProxy in front of `instances`, in turn.
    ///
    /// # Errors
    /// It doesn't start.
    pub async fn balanced(&self, instances: &[Instance]) -> Result<Balancer> {
        let servers: Vec<SocketAddr> = instances.iter().map(Instance::address).collect();
        Balancer::start(&self.env, Demo::File, &[(Demo::File, servers)], None).await
    }

    /// Starts the demo of memory twice, as `app-1` and `app-2`.
    ///
    /// # Errors
    /// One doesn't start.
    pub async fn two_demos(&self) -> Result<[Instance; 2]> {
        let mut demos = [
            Instance::new(&self.env, Demo::Memory, "app-1", &[])?,
            Instance::new(&self.env, Demo::Memory, "app-2", &[])?,
        ];
        for demo in &mut demos {
            demo.start().await?;
        }
        Ok(demos)
    }

    /// HAProxy in front of `instances`, with the attendee's configuration.
    ///
    /// # Errors
    /// A [`Finding`], if HAProxy doesn't accept it.
    pub async fn configured(&self, instances: &[Instance]) -> Result<Balancer> {
        if let Some(complaint) = Balancer::config_error(&self.work, instances.len())? {
            let meaning = "HAProxy refuses the whole file, and would not start: a line is not what it expects there";
            bail!(Finding::new(
                "a configuration that HAProxy accepts",
                complaint,
                meaning
            ));
        }
        let servers: Vec<SocketAddr> = instances.iter().map(Instance::address).collect();
        Balancer::with_config(&self.env, &self.work, &servers).await
    }

    /// A private Redis.
    ///
    /// # Errors
    /// It doesn't start.
    pub async fn redis(&self) -> Result<Redis> {
        Redis::start(&self.env, testkit::Persistence::None).await
    }

    /// A private Redis with the attendee's configuration.
    ///
    /// # Errors
    /// A [`Finding`], if Redis doesn't accept it.
    pub async fn configured_redis(&self) -> Result<Redis> {
        let mut redis = Redis::with_config(&self.env, &self.work)?;
        if let Err(error) = redis.resume().await {
            let Some(complaint) = redis.config_error() else {
                return Err(error);
            };
            let meaning = "Redis refuses to start with a directive that it doesn't accept, so nobody has a session";
            bail!(Finding::new(
                "a configuration that Redis accepts",
                complaint,
                meaning
            ));
        }
        Ok(redis)
    }

    /// Has `visitor` ask for `path`.
    ///
    /// # Errors
    /// A [`Finding`], if there is no answer in time.
    pub async fn visit(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
    ) -> Result<Response> {
        let request = visitor.get(endpoint, path);
        self.observe(&format!("GET {path}"), request).await
    }

    /// Has `visitor` send `value` in the form of the page.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub async fn put(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        value: &str,
    ) -> Result<Response> {
        self.post(visitor, endpoint, "/session/", &format!("value={value}"))
            .await
    }

    /// Has `visitor` send a form to `path`.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub async fn post(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
        form: &str,
    ) -> Result<Response> {
        self.observe(&format!("POST {path}"), visitor.post(endpoint, path, form))
            .await
    }

    /// Has `visitor` ask for `/` so many times.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub async fn visits(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        times: usize,
    ) -> Result<Vec<Response>> {
        let mut seen = Vec::new();
        for _ in 0..times {
            seen.push(self.visit(visitor, endpoint, "/").await?);
        }
        Ok(seen)
    }

    /// Has `visitor` send `json` to `path`.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub async fn post_json(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
        json: &str,
    ) -> Result<Response> {
        self.observe(
            &format!("POST {path}"),
            visitor.post_json(endpoint, path, json),
        )
        .await
    }

    /// Has `visitor` listen to the events at `path`.
    ///
    /// # Errors
    /// A [`Finding`], if there is no answer in time, or none to listen to.
    pub async fn listen(
        &self,
        visitor: &Visitor,
        endpoint: &Endpoint,
        path: &str,
    ) -> Result<Events> {
        let observed = match timeout(ANSWER, visitor.listen(endpoint, path)).await {
            Ok(Ok(events)) => return Ok(events),
            Ok(Err(error)) => self.panic().unwrap_or_else(|| format!("{error:#}")),
            Err(_) => format!("no answer within {} s", ANSWER.as_secs()),
        };
        bail!(Finding::new(
            format!("a stream of events at {path}"),
            observed,
            "nobody can listen"
        ))
    }

    /// The next event that a listener hears.
    ///
    /// # Errors
    /// A [`Finding`], if none comes in time.
    pub async fn next(&self, events: &mut Events) -> Result<String> {
        let observed = match timeout(ANSWER, events.next()).await {
            Ok(Ok(Some(data))) => return Ok(data),
            Ok(Ok(None)) => "the stream has ended".to_owned(),
            Ok(Err(error)) => self.panic().unwrap_or_else(|| format!("{error:#}")),
            Err(_) => format!("nothing within {} s", ANSWER.as_secs()),
        };
        bail!(Finding::new(
            "an event for who listens",
            observed,
            "what came on the channel was not handed out"
        ))
    }

    /// Has `visitor` send a text to `path`, which comes when `go` is over, while the request has begun already.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub async fn post_slowly(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
        text: &str,
        go: impl Future<Output = ()> + 'static,
    ) -> Result<Response> {
        let request = visitor.post_slowly(endpoint, path, text, go);
        self.observe_within(&format!("POST {path}, slowly"), 3 * ANSWER, request)
            .await
    }

    async fn observe(
        &self,
        what: &str,
        request: impl Future<Output = Result<Response>>,
    ) -> Result<Response> {
        self.observe_within(what, ANSWER, request).await
    }

    async fn observe_within(
        &self,
        what: &str,
        limit: Duration,
        request: impl Future<Output = Result<Response>>,
    ) -> Result<Response> {
        let busy: Vec<_> = self
            .apps
            .borrow()
            .iter()
            .map(|app| cpu_time(app.pid))
            .collect();
        let seen = match timeout(limit, request).await {
            Ok(Ok(seen)) => seen,
            Ok(Err(error)) => {
                let (observed, meaning) = if let Some(panic) = self.panic() {
                    (panic, "the program panicked".to_owned())
                } else if let Some(name) = self.ended().await {
                    (
                        format!("the end of {name}"),
                        "the program ended in the middle of a request".to_owned(),
                    )
                } else {
                    (
                        format!("{error:#}"),
                        "the connection ended without an answer".to_owned(),
                    )
                };
                bail!(Finding::new(
                    format!("an answer to {what}"),
                    observed,
                    meaning
                ))
            }
            Err(_) => {
                let before = busy.into_iter().max().unwrap_or_default();
                let meaning = self
                    .apps
                    .borrow()
                    .first()
                    .map_or_else(String::new, |app| self.stuck(&app.name, before));
                let observed = format!("no answer within {} s", limit.as_secs());
                bail!(Finding::new(
                    format!("an answer to {what}"),
                    observed,
                    meaning
                ))
            }
        };
        let line = seen.body.lines().next().unwrap_or_default();
        let answer: String = if seen.status == 200 {
            line.chars().take(26).collect()
        } else {
            seen.status.to_string()
        };
        let by = seen.instance.clone().unwrap_or_default();
        let session = seen.session.clone().unwrap_or_default();
        self.did(format!("{what:<24} {answer:<26} {by:<8} {session}").trim_end());
        if seen.status >= 500 {
            if let Some(panic) = self.panic() {
                bail!(
                    Finding::new(
                        format!("an answer to {what}"),
                        panic,
                        "the program panicked"
                    )
                    .at(seen.instance.as_deref())
                )
            }
            // Who failed without a name may be any of them.
            let log = seen
                .instance
                .as_deref()
                .map_or_else(|| self.logs(), |name| self.log(name));
            // Once is enough, if it fails for the same reason each time.
            for line in logged_error(&log) {
                if !self.steps.borrow().contains(&line) {
                    self.did(&line);
                }
            }
        }
        Ok(seen)
    }

    /// The first panic in a log on this stage.
    fn panic(&self) -> Option<String> {
        let apps = self.apps.borrow();
        apps.iter().find_map(|app| panicked(&self.log(&app.name)))
    }

    /// What all instances of the attendee's program have logged.
    fn logs(&self) -> String {
        self.apps
            .borrow()
            .iter()
            .map(|app| self.log(&app.name))
            .collect()
    }

    /// What the instance called `name` has logged, if there is one.
    fn log(&self, name: &str) -> String {
        let log = std::fs::read(self.env.path().join("logs").join(format!("{name}.log")));
        log.map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }

    /// The first program that has ended by itself; one that lets go of its connections may take a moment for the rest.
    async fn ended(&self) -> Option<String> {
        let apps = self.apps.borrow().clone();
        let gone = || {
            apps.iter()
                .find(|app| !runs(app.pid))
                .map(|app| app.name.clone())
        };
        wait_until(
            "the end of a program",
            Duration::from_millis(300),
            async || Ok(gone()),
        )
        .await
        .ok()
    }

    /// Why a program that runs says nothing, told by whether it computes: `before` is what it had computed already.
    fn stuck(&self, name: &str, before: Duration) -> String {
        let apps = self.apps.borrow();
        let busy = apps
            .iter()
            .find(|app| app.name == name)
            .map_or(Duration::ZERO, |app| cpu_time(app.pid))
            .saturating_sub(before);
        if busy >= Duration::from_secs(1) {
            "it computes all the time: an endless loop?".to_owned()
        } else {
            "it waits and does nothing: for a lock that it holds already, or for something that never comes?".to_owned()
        }
    }
}

/// The line of `log` that says where its program listens.
pub(crate) fn listening(log: &str) -> String {
    log.lines()
        .rfind(|line| line.starts_with("listening on"))
        .unwrap_or_default()
        .to_owned()
}

/// Where and why a program panicked, if its log says so.
fn panicked(log: &str) -> Option<String> {
    let mut lines = log.lines();
    let place = lines
        .find_map(|line| line.split_once("panicked at "))?
        .1
        .trim_end_matches(':');
    Some(format!(
        "a panic at {place}: {}",
        lines.next().unwrap_or_default()
    ))
}

/// The last error that `log` tells, without its time and place, in lines that can be steps.
fn logged_error(log: &str) -> Vec<String> {
    let last = log
        .lines()
        .rev()
        .find_map(|line| line.split_once(" ERROR ")?.1.split_once("] "));
    let text = last.map_or("", |(_, text)| {
        text.split(" sessionID=").next().unwrap_or_default()
    });
    textwrap::wrap(
        text,
        textwrap::Options::new(WIDTH - 2)
            .initial_indent("  ")
            .subsequent_indent("  "),
    )
    .into_iter()
    .take(3)
    .map(|line| line.trim_end().to_owned())
    .filter(|line| !line.is_empty())
    .collect()
}

/// What `ps` tells of process `pid`.
fn ps(pid: u32, field: &str) -> Result<String> {
    let output = Command::new("ps")
        .args(["-o", field, "-p", &pid.to_string()])
        .output()
        .context("cannot start ps")?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Whether process `pid`, a child of ours, has not ended; Z is one that has, and was not waited for.
fn runs(pid: u32) -> bool {
    ps(pid, "stat=").is_ok_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

/// What process `pid` has computed so far, as `ps` tells it: `[days-][hours:]minutes:seconds`.
fn cpu_time(pid: u32) -> Duration {
    let told = || -> Result<Duration> {
        let text = ps(pid, "time=")?;
        let parts = text
            .split([':', '-'])
            .map(str::parse::<f64>)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Duration::from_secs_f64(
            parts.into_iter().fold(0.0, |sum, part| sum * 60.0 + part),
        ))
    };
    told().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place_and_reason() {
        let log = "listening\nthread 'main' (7) panicked at exercises/01-count/main.rs:23:5:\nindex out of bounds\nnote: run with";
        assert_eq!(
            panicked(log).unwrap(),
            "a panic at exercises/01-count/main.rs:23:5: index out of bounds"
        );
        assert_eq!(panicked("nothing of the kind"), None);
    }

    #[test]
    fn the_last_error_of_a_log_is_told_in_lines_that_fit() {
        let log = "[2026-01-01T10:00:00Z ERROR server::store] session save failed: ERR syntax error sessionID=none\n[… INFO x] ok";
        assert_eq!(
            logged_error(log),
            ["  session save failed: ERR syntax error"]
        );
        assert!(
            logged_error(&log.replace("syntax", &"long ".repeat(30)))
                .iter()
                .all(|line| line.len() <= WIDTH - 2)
        );
        assert!(logged_error("listening").is_empty());
    }

    #[test]
    fn what_this_process_computes_is_seen() {
        let before = cpu_time(std::process::id());
        let started = std::time::Instant::now();
        while cpu_time(std::process::id()) == before {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "no computing was seen"
            );
            // Asking ps is waiting; this is not.
            let asked = std::time::Instant::now();
            while asked.elapsed() < Duration::from_millis(200) {}
        }
    }
}
