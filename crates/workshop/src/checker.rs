//! The tools of a check: the attendee's work, the programs around it, and a record of every step.

mod counts;
mod logs;
mod observe;
mod process;
mod start;
mod visitor;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use testkit::{Balancer, Demo, Instance, Redis, TestEnv};

pub(crate) use self::{
    counts::{expect_counts, list_counts, miscount, summary},
    logs::listening_line,
    observe::RESPONSE_LIMIT,
    visitor::Visitor,
};
use crate::wrap::WIDTH;

pub(crate) use crate::finding::{Finding, Skipped};

/// Runs the attendee's work in a [`TestEnv`] and records what visitors do and see there.
pub(crate) struct Checker {
    pub(crate) env: TestEnv,
    /// The attendee's work, which is a program or a configuration file.
    pub(crate) work: PathBuf,
    /// The running programs of the attendee: the process ID of each instance.
    apps: RefCell<BTreeMap<String, u32>>,
    steps: RefCell<Vec<String>>,
}

impl Checker {
    /// Creates a checker for `work`, which is a program or a configuration file.
    pub(crate) fn new(env: TestEnv, work: &Path) -> Self {
        Self {
            env,
            work: work.to_owned(),
            apps: RefCell::default(),
            steps: RefCell::default(),
        }
    }

    /// Returns the steps so far, a line each.
    pub(crate) fn steps(&self) -> Vec<String> {
        self.steps.borrow().clone()
    }

    /// Records a step, in several lines if it is too wide for one.
    pub(crate) fn log(&self, step: &str) {
        let options = textwrap::Options::new(WIDTH - 2).subsequent_indent("  ");
        let lines = textwrap::wrap(step, options);
        let mut steps = self.steps.borrow_mut();
        steps.extend(lines.iter().map(ToString::to_string));
    }

    /// Starts HAProxy with the workshop's configuration in front of `instances`.
    pub(crate) async fn balancer(&self, instances: &[Instance]) -> Result<Balancer> {
        let servers = [(Demo::File, addresses(instances))];
        Balancer::start(&self.env, &servers, &[]).await
    }

    /// Starts HAProxy with the attendee's configuration in front of `instances`.
    pub(crate) async fn balancer_from_work(&self, instances: &[Instance]) -> Result<Balancer> {
        if let Some(complaint) = Balancer::config_error(&self.work, instances.len())? {
            let expected = "a configuration that HAProxy accepts";
            let meaning = "HAProxy rejects the whole file and would not start, because it doesn't understand a line of it";
            bail!(Finding::new(expected, complaint, meaning));
        }
        Balancer::with_config(&self.env, &self.work, &addresses(instances), &[]).await
    }

    /// Starts a private Redis with the attendee's configuration, which `arguments` override.
    pub(crate) async fn redis_from_work(&self, arguments: &[&str]) -> Result<Redis> {
        let mut redis = Redis::with_config(&self.env, &self.work, arguments)?;
        if let Err(error) = redis.resume().await {
            let Some(complaint) = redis.config_error() else {
                return Err(error);
            };
            let expected = "a configuration that Redis accepts";
            let meaning = "Redis refuses to start, because it doesn't accept a directive. Without Redis no visitor has a session";
            bail!(Finding::new(expected, complaint, meaning));
        }
        Ok(redis)
    }
}

fn addresses(instances: &[Instance]) -> Vec<SocketAddr> {
    instances.iter().map(Instance::address).collect()
}
