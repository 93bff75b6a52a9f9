//! The attendee's plan: the steps in which all instances are restarted with other secrets.

use std::{fmt, time::Duration};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::checker::{Checker, Finding};

/// The most steps that a plan may have, so that a check ends in time.
const MAX_STEPS: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    step: Vec<PlannedStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedStep {
    sign: Secret,
    accept: Vec<Secret>,
    wait: String,
}

/// A secret, as the plan calls it.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Secret {
    Old,
    New,
}

impl Secret {
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::Old => "the old secret of this check has at least 32 bytes",
            Self::New => "the new secret of this check has at least 32 bytes",
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Old => "old",
            Self::New => "new",
        })
    }
}

/// The secrets that an instance runs with.
#[derive(Clone)]
pub(super) struct Secrets {
    pub(super) sign: Secret,
    pub(super) accept: Vec<Secret>,
}

impl Secrets {
    /// Returns the value of `ACCEPTED_SESSION_KEYS`.
    pub(super) fn accepted(&self) -> String {
        let values: Vec<_> = self.accept.iter().map(|secret| secret.value()).collect();
        values.join(",")
    }
}

/// Shows the secrets, as in `sign old, accept new`.
impl fmt::Display for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sign {}", self.sign)?;
        match &self.accept[..] {
            [] => f.write_str(", accept no other"),
            accept => {
                let names: Vec<_> = accept.iter().map(Secret::to_string).collect();
                write!(f, ", accept {}", names.join(" "))
            }
        }
    }
}

/// A step of the plan.
pub(super) struct Step {
    pub(super) secrets: Secrets,
    /// The time between this step and the next one.
    pub(super) wait: Duration,
}

/// Reads the attendee's plan. Fails with a finding if it is not a plan.
pub(super) fn read(checker: &Checker) -> Result<Vec<Step>> {
    let file = std::fs::read_to_string(&checker.work).context("cannot read the plan")?;
    let plan: Plan = match toml::from_str(&file) {
        Ok(plan) => plan,
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let line = file[..start].lines().count().max(1);
            let observed = format!("line {line}: {}", error.message().trim_end());
            let expected = "steps as in the starter, each with sign, accept and wait";
            let meaning = "the file is not a plan that a program can read";
            bail!(Finding::new(expected, observed, meaning));
        }
    };
    let count = plan.step.len();
    if count > MAX_STEPS {
        let expected = format!("at most {MAX_STEPS} steps");
        let meaning = "each step restarts all servers. A plan with fewer steps does it, too";
        bail!(Finding::new(expected, format!("{count} steps"), meaning));
    }
    let steps = plan.step.into_iter().map(|step| {
        let PlannedStep { sign, accept, wait } = step;
        let Ok(time) = humantime::parse_duration(&wait) else {
            let expected = "a time such as wait = \"10m\"";
            let meaning = "a time is a number with a unit: s, m or h";
            bail!(Finding::new(expected, format!("wait = {wait:?}"), meaning));
        };
        Ok(Step {
            secrets: Secrets { sign, accept },
            wait: time,
        })
    });
    steps.collect()
}
