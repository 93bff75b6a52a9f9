//! What a scene does to be narrated and asserted at once.

use std::{
    cell::Cell,
    collections::BTreeSet,
    io::Write,
    time::{Duration, Instant},
};

use anstyle::Style;
use anyhow::{Result, bail, ensure};
use serde::Serialize;
use testkit::{Compose, Demo, Deployment, Endpoint, Response, TestEnv, Topology, Visitor};
use tokio::time::interval;

use crate::{Event, Expect, Matrix, expect::failure_in_words};

const QUIET: Style = Style::new().dimmed();

/// How often a visitor asks who asks all the time.
const PACE: Duration = Duration::from_millis(20);

/// Columns that texts may fill, with the indent of a scene's body.
const WIDTH: usize = 78;

/// Something that a scene did, and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What was done, as in `GET /`.
    pub step: String,
    /// What should come of it.
    pub expected: String,
    /// What came of it; equal to `expected` if all is well.
    pub observed: String,
    /// The instance that answered, where a visitor asked.
    pub instance: Option<String>,
    /// The first 8 characters of the visitor's session id, where a visitor asked.
    pub session: Option<String>,
    /// How long it took.
    pub millis: u128,
}

/// Where the worlds of a scene come from.
#[derive(Debug)]
pub enum Place {
    /// Processes on this machine, new ones for each scene.
    Here,
    /// Containers, the same for all scenes.
    Containers(Compose),
}

impl Place {
    /// Settings with which a server of one's own takes the cookies of the servers here.
    #[must_use]
    pub fn secret(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            // The stage's, which every instance on one has.
            Self::Here => &[],
            Self::Containers(_) => &[("SESSION_KEY", Compose::SECRET)],
        }
    }

    /// Everything that the instances of `world`, which runs `demo`, have logged.
    ///
    /// # Errors
    /// Docker says no.
    pub async fn log(&self, deployment: &Deployment, demo: Demo) -> Result<String> {
        match self {
            Self::Here => Ok(deployment
                .instances
                .iter()
                .map(testkit::Instance::log)
                .collect()),
            Self::Containers(compose) => compose.log(demo).await,
        }
    }
}

/// What a visitor saw who kept asking while something went on.
#[derive(Debug)]
pub struct Steady {
    /// The last count.
    pub count: u64,
    /// The names of the instances that answered.
    pub instances: BTreeSet<String>,
    /// How long the slowest answer took.
    pub slowest: Duration,
}

/// A scene while it is played.
pub struct Telling<'a> {
    env: TestEnv,
    place: &'a Place,
    out: &'a mut dyn Write,
    steps: Vec<Step>,
    matrix: Matrix,
}

impl<'a> Telling<'a> {
    /// An empty stage, narrated to `out`.
    pub(crate) fn new(env: TestEnv, place: &'a Place, out: &'a mut dyn Write) -> Self {
        Self {
            env,
            place,
            out,
            steps: Vec::new(),
            matrix: Matrix::default(),
        }
    }

    /// What was done, and what was measured.
    pub(crate) fn into_parts(self) -> (Vec<Step>, Matrix) {
        (self.steps, self.matrix)
    }

    /// Says `text` in a paragraph of its own.
    ///
    /// # Errors
    /// Nobody can be told.
    pub fn say(&mut self, text: &str) -> Result<()> {
        let options = textwrap::Options::new(WIDTH)
            .initial_indent("    ")
            .subsequent_indent("    ");
        Ok(writeln!(self.out, "{}", textwrap::fill(text, options))?)
    }

    /// Starts the world of `plan` on this scene's stage.
    ///
    /// # Errors
    /// It doesn't start.
    pub async fn deployment(&mut self, plan: Topology) -> Result<Deployment> {
        self.world_with(plan, &[]).await
    }

    /// As [`world`](Self::world), each instance with further `settings`: environment variables. In containers they stay
    /// until [`unset`](Self::unset).
    ///
    /// # Errors
    /// As there.
    pub async fn world_with(
        &mut self,
        plan: Topology,
        settings: &[(&str, &str)],
    ) -> Result<Deployment> {
        let env = self.env.clone();
        let instances = if plan.instances == 1 {
            "one instance"
        } else {
            "two instances"
        };
        let balanced = if plan.balanced { " behind HAProxy" } else { "" };
        let what = format!("demo-{}: {instances}{balanced}", plan.demo.name());
        match self.place {
            Place::Here => {
                self.act(
                    &format!("start {what}"),
                    Deployment::start_with(&env, plan, settings),
                )
                .await
            }
            Place::Containers(compose) => {
                let ready = async {
                    if !settings.is_empty() {
                        compose.set(plan.demo, settings).await?;
                    }
                    Deployment::in_containers(compose, plan).await
                };
                self.act(&format!("in containers {what}"), ready).await
            }
        }
    }

    /// Gives the instances of `demo` their own settings again, where other scenes meet them.
    ///
    /// # Errors
    /// Docker says no.
    pub async fn unset(&mut self, demo: Demo) -> Result<()> {
        match self.place {
            Place::Here => Ok(()),
            Place::Containers(compose) => compose.set(demo, &[]).await,
        }
    }

    /// Where the worlds of this scene come from.
    #[must_use]
    pub fn place(&self) -> &'a Place {
        self.place
    }

    /// The containers that this scene is played in.
    ///
    /// # Errors
    /// There are none.
    pub fn containers(&self) -> Result<&'a Compose> {
        match self.place {
            Place::Here => bail!("this scene is for containers"),
            Place::Containers(compose) => Ok(compose),
        }
    }

    /// Does something that is no visit, as restarting a server.
    ///
    /// # Errors
    /// It fails.
    pub async fn act<T>(
        &mut self,
        what: &str,
        doing: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let started = Instant::now();
        write!(self.out, "    {QUIET}{what}{QUIET:#}")?;
        self.out.flush()?;
        let done = doing.await;
        writeln!(self.out)?;
        let observed = done
            .as_ref()
            .map_or_else(|error| format!("{error:#}"), |_| "done".to_owned());
        self.steps.push(Step {
            step: what.to_owned(),
            expected: "done".to_owned(),
            observed,
            instance: None,
            session: None,
            millis: started.elapsed().as_millis(),
        });
        done
    }

    /// Has `visitor` ask for `path`, and compares what it sees with what it should.
    ///
    /// # Errors
    /// It sees something else; the scene is over then.
    pub async fn visit(
        &mut self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
        expect: Expect,
    ) -> Result<Response> {
        self.visit_expecting(visitor, endpoint, path, |_| expect)
            .await
    }

    /// As [`visit`](Self::visit), where it depends on the instance that answers what is to be expected.
    ///
    /// # Errors
    /// As there.
    pub async fn visit_expecting(
        &mut self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
        expect: impl FnOnce(&Response) -> Expect,
    ) -> Result<Response> {
        let answer = visitor.get(endpoint, path).await;
        self.compare(&format!("GET {path}"), answer, expect)
    }

    /// Has `visitor` post `json` to `path`, and compares what it sees with what it should.
    ///
    /// # Errors
    /// It sees something else; the scene is over then.
    pub async fn post(
        &mut self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
        json: &str,
        expect: Expect,
    ) -> Result<Response> {
        let answer = visitor.post_json(endpoint, path, json).await;
        self.compare(&format!("POST {path}"), answer, |_| expect)
    }

    /// Tells `answer` to `step`, and whether it is what `expect` says.
    fn compare(
        &mut self,
        step: &str,
        answer: Result<Response>,
        expect: impl FnOnce(&Response) -> Expect,
    ) -> Result<Response> {
        let step = step.to_owned();
        let seen = match answer {
            Ok(seen) => seen,
            Err(error) => {
                let observed = format!("no answer: {error:#}");
                writeln!(self.out, "    {step:<24} {observed}")?;
                self.steps.push(Step {
                    step,
                    expected: "an answer".to_owned(),
                    observed,
                    instance: None,
                    session: None,
                    millis: 0,
                });
                return Err(error);
            }
        };
        let (expected, observed) = expect(&seen).compare(&seen);
        let instance = seen.instance.clone().unwrap_or_default();
        let lines = || seen.body.lines().collect::<Vec<_>>().join(", ");
        let answer = if seen.status == 200 {
            lines()
        } else {
            failure_in_words(&seen)
        };
        let session = seen.session.clone().unwrap_or_default();
        writeln!(
            self.out,
            "    {step:<24} {answer:<29} {instance:<9} {QUIET}{session}{QUIET:#}"
        )?;
        let failure = (expected != observed).then(|| {
            format!("{step}: expected {expected}; observed {observed}; answered by {instance}")
        });
        self.steps.push(Step {
            step,
            expected,
            observed,
            instance: seen.instance.clone(),
            session: seen.session.clone(),
            millis: seen.took.as_millis(),
        });
        match failure {
            None => Ok(seen),
            Some(failure) => bail!(failure),
        }
    }

    /// Does something that is no visit while `visitor`, who has seen `count` last, asks for `/` again and again. Every
    /// answer must be the next count.
    ///
    /// # Errors
    /// It fails, or a visit does.
    pub async fn meanwhile(
        &mut self,
        what: &str,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        count: u64,
        doing: impl Future<Output = Result<()>>,
    ) -> Result<Steady> {
        let over = Cell::new(false);
        let visiting = async {
            let mut steady = Steady {
                count,
                instances: BTreeSet::new(),
                slowest: Duration::ZERO,
            };
            let mut pace = interval(PACE);
            while !over.get() {
                pace.tick().await;
                let seen = visitor.get(endpoint, "/").await?;
                let (expected, observed) = Expect::count(steady.count + 1).compare(&seen);
                ensure!(
                    expected == observed,
                    "a visitor meanwhile: expected {expected}; observed {observed}; answered by {:?}",
                    seen.instance
                );
                steady.count += 1;
                steady.instances.extend(seen.instance);
                steady.slowest = steady.slowest.max(seen.took);
            }
            Ok(steady)
        };
        let doing = async {
            let done = doing.await;
            over.set(true);
            done
        };
        let ((), steady) = self
            .act(what, async { tokio::try_join!(doing, visiting) })
            .await?;
        let (visits, instances) = (steady.count - count, steady.instances.len());
        let slowest = steady.slowest.as_millis();
        self.say(&format!(
            "{visits} requests meanwhile, none failed, no count missed; answered by {instances}; the slowest took {slowest} ms"
        ))?;
        Ok(steady)
    }

    /// Notes what a visitor saw in a cell of the matrix.
    pub fn cell(&mut self, place: Demo, event: Event, saw: &'static str) {
        self.matrix.note(place, event, saw);
    }
}
