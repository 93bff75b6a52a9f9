//! Narrates, checks and records the steps of a scene.

use std::{fmt::Display, io::Write, time::Instant};

use anstyle::Style;
use anyhow::{Result, bail, ensure};
use testkit::{Compose, Demo, Deployment, Response, TestEnv, Topology};

use crate::{
    Matrix, Runtime,
    expect::{Expect, status_in_words},
    pace::Pace,
    step::{Kind, Step},
    visitor::Visitor,
};

const QUIET: Style = Style::new().dimmed();

/// Columns of a paragraph.
const WIDTH: usize = 78;

/// Columns of a request and its response, before the instance.
const EXCHANGE: usize = 54;

/// Narrates and records a scene while it runs.
pub(crate) struct Narrator<'a> {
    pub(crate) env: TestEnv,
    /// Where the servers of this scene run.
    pub(crate) runtime: &'a Runtime,
    pace: &'a Pace,
    out: &'a mut dyn Write,
    /// The steps of the scene so far.
    pub(crate) steps: Vec<Step>,
    /// The number of visitors whose requests it has narrated.
    visitors: usize,
    /// The matrix, if this scene measures it.
    pub(crate) matrix: Option<Matrix>,
}

impl<'a> Narrator<'a> {
    /// Creates a narrator that starts servers in `env` and writes to `out`.
    pub(crate) fn new(
        env: TestEnv,
        runtime: &'a Runtime,
        pace: &'a Pace,
        out: &'a mut dyn Write,
    ) -> Self {
        Self {
            env,
            runtime,
            pace,
            out,
            steps: Vec::new(),
            visitors: 0,
            matrix: None,
        }
    }

    /// Prints and records `text` as a paragraph.
    pub(crate) fn say(&mut self, text: &str) -> Result<()> {
        self.steps.push(Step::new(Kind::Narration, text, "", ""));
        let options = textwrap::Options::new(WIDTH)
            .initial_indent("    ")
            .subsequent_indent("    ");
        Ok(writeln!(self.out, "{}", textwrap::fill(text, options))?)
    }

    /// Starts the servers of `topology` with `settings`: environment variables. The servers stop when the deployment is
    /// dropped. In containers, the settings stay until [`reset`](Self::reset).
    pub(crate) async fn deploy(
        &mut self,
        topology: Topology,
        settings: &[(&str, &str)],
    ) -> Result<Deployment> {
        let env = self.env.clone();
        let shape = match topology {
            Topology { instances: 1, .. } => "one instance",
            Topology { sticky: true, .. } => "two instances behind HAProxy, sticky sessions",
            Topology { balanced: true, .. } => "two instances behind HAProxy",
            _ => "two instances",
        };
        let what = format!("demo-{}: {shape}", topology.demo.name());
        match self.runtime {
            Runtime::Native => {
                let start = Deployment::start_with(&env, topology, settings);
                self.act(&format!("start {what}"), start).await
            }
            Runtime::Compose(compose) => {
                let ready = async {
                    if !settings.is_empty() {
                        compose.set(topology.demo, settings).await?;
                    }
                    Deployment::in_containers(compose, topology).await
                };
                self.act(&format!("in containers, {what}"), ready).await
            }
        }
    }

    /// Restores the settings of `demo`, because other scenes use the same containers.
    pub(crate) async fn reset(&mut self, demo: Demo) -> Result<()> {
        match self.runtime {
            Runtime::Native => Ok(()),
            Runtime::Compose(compose) => compose.set(demo, &[]).await,
        }
    }

    pub(crate) fn containers(&self) -> Result<&'a Compose> {
        match self.runtime {
            Runtime::Native => bail!("this scene is for containers"),
            Runtime::Compose(compose) => Ok(compose),
        }
    }

    /// Plays the rest of the scene without pauses, because a timeout is running.
    pub(crate) fn hurry(&mut self) {
        self.pace = &Pace::Nothing;
    }

    /// Does something other than a request, such as starting a deployment.
    pub(crate) fn act<T>(
        &mut self,
        what: &str,
        action: impl Future<Output = Result<T>>,
    ) -> impl Future<Output = Result<T>> {
        self.perform(Kind::Action, what, action)
    }

    /// Restarts, kills, freezes or changes a server or Redis. The picture of the scene marks it.
    pub(crate) fn incident<T>(
        &mut self,
        what: &str,
        action: impl Future<Output = Result<T>>,
    ) -> impl Future<Output = Result<T>> {
        self.perform(Kind::Incident, what, action)
    }

    async fn perform<T>(
        &mut self,
        kind: Kind,
        what: &str,
        action: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.pace.wait(self.out).await?;
        let started = Instant::now();
        write!(self.out, "    {QUIET}{what}{QUIET:#}")?;
        self.out.flush()?;
        let outcome = action.await;
        writeln!(self.out)?;
        let observed = match &outcome {
            Ok(_) => "done".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        self.steps.push(Step {
            millis: started.elapsed().as_millis(),
            ..Step::new(kind, what, "done", &observed)
        });
        outcome
    }

    /// Sends `GET path` and checks the response. An unexpected response ends the scene.
    pub(crate) async fn get(
        &mut self,
        visitor: &mut Visitor,
        path: &str,
        expect: Expect,
    ) -> Result<Response> {
        self.pace.wait(self.out).await?;
        let response = visitor.get(path).await;
        self.check(visitor, &format!("GET {path}"), response, &expect)
    }

    /// Sends `POST path` with `json` and checks the response, as [`get`](Self::get) does.
    pub(crate) async fn post(
        &mut self,
        visitor: &mut Visitor,
        path: &str,
        json: &str,
        expect: Expect,
    ) -> Result<Response> {
        self.pace.wait(self.out).await?;
        let response = visitor.post(path, json).await;
        self.check(visitor, &format!("POST {path}"), response, &expect)
    }

    /// Submits `form` to `path` and checks the response, as [`get`](Self::get) does. The form is URL-encoded.
    pub(crate) async fn submit(
        &mut self,
        visitor: &mut Visitor,
        path: &str,
        form: &str,
        expect: Expect,
    ) -> Result<Response> {
        self.pace.wait(self.out).await?;
        let response = visitor.submit(path, form).await;
        self.check(visitor, &format!("POST {path}"), response, &expect)
    }

    /// Prints and records the response to `step`, and returns an error unless it is as expected.
    fn check(
        &mut self,
        visitor: &mut Visitor,
        step: &str,
        response: Result<Response>,
        expect: &Expect,
    ) -> Result<Response> {
        let visitor = *visitor.number.get_or_insert_with(|| {
            self.visitors += 1;
            self.visitors
        });
        let recorded = |expected: &str, observed: &str| Step {
            visitor: Some(visitor),
            ..Step::new(Kind::Request, step, expected, observed)
        };
        let seen = match response {
            Ok(seen) => seen,
            Err(error) => {
                let observed = format!("no response: {error:#}");
                writeln!(self.out, "    {step:<24} {observed}")?;
                self.steps.push(recorded("a response", &observed));
                return Err(error);
            }
        };
        let shown = if seen.status == 200 {
            seen.body.lines().collect::<Vec<_>>().join(", ")
        } else {
            status_in_words(&seen)
        };
        // A long response starts further left, so that the instances stay in one column.
        let width = EXCHANGE.saturating_sub(shown.chars().count() + 1).min(24);
        let exchange = format!("{step:<width$} {shown}");
        let instance = seen.instance.as_deref().unwrap_or("-");
        let session = seen.session.as_deref().unwrap_or("-");
        writeln!(
            self.out,
            "    {exchange:<EXCHANGE$} {instance:<11} {QUIET}{session}{QUIET:#}"
        )?;
        let (expected, observed) = expect.compare(&seen);
        let recorded = recorded(&expected, &observed).with_response(&seen);
        self.steps.push(Step {
            response: Some(shown),
            ..recorded
        });
        ensure!(
            expected == observed,
            "{step}: expected {expected}; observed {observed}; answered by {instance}"
        );
        Ok(seen)
    }

    /// Prints and records a number or a word that was measured. Returns an error unless it is the `expected` one.
    pub(crate) fn observe<T: Display>(
        &mut self,
        what: &str,
        expected: T,
        observed: T,
    ) -> Result<()> {
        writeln!(self.out, "    {what}: {observed}")?;
        let (expected, observed) = (expected.to_string(), observed.to_string());
        self.steps
            .push(Step::new(Kind::Measurement, what, &expected, &observed));
        ensure!(
            expected == observed,
            "{what}: expected {expected}; observed {observed}"
        );
        Ok(())
    }

    /// Prints and records a row of a table with two columns that were measured. Returns an error unless they are as
    /// `expected`.
    pub(crate) fn row(
        &mut self,
        title: &str,
        cells: [&str; 2],
        expected: Option<[&str; 2]>,
    ) -> Result<()> {
        writeln!(self.out, "    {title:<22} {:<22} {}", cells[0], cells[1])?;
        let [expected, observed] = [expected.unwrap_or(cells), cells].map(|it| it.join(", "));
        self.steps
            .push(Step::new(Kind::Measurement, title, &expected, &observed));
        ensure!(
            expected == observed,
            "{title}: expected {expected}; observed {observed}"
        );
        Ok(())
    }
}
