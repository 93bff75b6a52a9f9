//! What a scene does to be narrated and asserted at once.

use std::{io::Write, time::Instant};

use anstyle::Style;
use anyhow::{Result, bail};
use serde::Serialize;
use stage::{Demo, Front, Observation, Plan, Stage, Visitor, World};

use crate::{Event, Expect, Matrix};

const QUIET: Style = Style::new().dimmed();

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

/// A scene while it is played.
pub struct Telling<'a> {
    stage: Stage,
    out: &'a mut dyn Write,
    steps: Vec<Step>,
    matrix: Matrix,
}

impl<'a> Telling<'a> {
    /// An empty stage, narrated to `out`.
    pub(crate) fn new(stage: Stage, out: &'a mut dyn Write) -> Self {
        Self { stage, out, steps: Vec::new(), matrix: Matrix::default() }
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
        let options = textwrap::Options::new(WIDTH).initial_indent("    ").subsequent_indent("    ");
        Ok(writeln!(self.out, "{}", textwrap::fill(text, options))?)
    }

    /// Starts the world of `plan` on this scene's stage.
    ///
    /// # Errors
    /// It doesn't start.
    pub async fn world(&mut self, plan: Plan) -> Result<World> {
        let stage = self.stage.clone();
        let instances = if plan.instances == 1 { "one instance" } else { "two instances" };
        let balanced = if plan.balanced { " behind HAProxy" } else { "" };
        self.act(&format!("start demo-{}: {instances}{balanced}", plan.demo.name()), World::start(&stage, plan)).await
    }

    /// Does something that is no visit, as restarting a server.
    ///
    /// # Errors
    /// It fails.
    pub async fn act<T>(&mut self, what: &str, doing: impl Future<Output = Result<T>>) -> Result<T> {
        let started = Instant::now();
        write!(self.out, "    {QUIET}{what}{QUIET:#}")?;
        self.out.flush()?;
        let done = doing.await;
        writeln!(self.out)?;
        let observed = done.as_ref().map_or_else(|error| format!("{error:#}"), |_| "done".to_owned());
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
    pub async fn visit(&mut self, visitor: &mut Visitor, front: &Front, path: &str, expect: Expect) -> Result<Observation> {
        let step = format!("GET {path}");
        let seen = visitor.get(front, path).await?;
        let (expected, observed) = expect.compare(&seen);
        let instance = seen.instance.clone().unwrap_or_default();
        let answer = seen.body.lines().collect::<Vec<_>>().join(", ");
        let session = seen.session.clone().unwrap_or_default();
        writeln!(self.out, "    {step:<24} {answer:<29} {instance:<9} {QUIET}{session}{QUIET:#}")?;
        let failure = (expected != observed).then(|| format!("{step}: expected {expected}; observed {observed}; answered by {instance}"));
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

    /// Notes what a visitor saw in a cell of the matrix.
    pub fn cell(&mut self, place: Demo, event: Event, saw: &'static str) {
        self.matrix.note(place, event, saw);
    }
}
