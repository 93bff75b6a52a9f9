//! Exercise 11: the challenge in containers, on four instances.
//!
//! A right solution keeps these rules:
//! - plain localhost serves the demo redis on four instances, and a visitor's count goes on from one to the next
//! - the session is in Redis
//! - it starts beside the attendee's own containers, and uses nothing of theirs

mod plan;

use std::{collections::BTreeSet, pin::pin, time::Duration};

use anyhow::{Error, Result, bail};
use testkit::{Compose, Demo};
use tokio::time::timeout;

use crate::checker::{Checker, Finding, Skipped, list_counts, miscount};

/// The time limit of this check. The first time it builds the images.
pub(super) const LIMIT: Duration = Duration::from_secs(600);

pub(super) async fn check(checker: &Checker) -> Result<()> {
    if let Err(reason) = Compose::available().await {
        bail!(Skipped(format!("{reason:#}")));
    }
    let compose = Compose::over(&checker.env, &checker.work)?;
    let planned = match compose.planned().await? {
        Ok(planned) => planned,
        Err(error) => bail!(plan::rejected(error)),
    };
    plan::expect_own(&planned, &compose)?;
    let (demo, instances) = plan::served(&planned)?;
    let building = "building the images; the first time this takes some minutes ...";
    announce_if_slow(building, compose.build()).await?;
    let starting = announce_if_slow("starting the containers ...", compose.start(Demo::File));
    if let Err(error) = starting.await {
        return Err(not_started(error, compose.project()));
    }
    let name = demo.name();
    checker.log(&format!("containers are up; plain localhost serves {name}"));
    compose.serving(demo, instances).await?;

    let seen = checker.visitor(&compose.entry()).visits(8).await?;
    let keys = compose.redis_keys().await?;
    checker.log(&format!("redis-cli DBSIZE: {keys}"));
    let served: BTreeSet<_> = seen.iter().flat_map(|seen| &seen.instance).collect();
    let finding = miscount(&seen, &[0, 1, 2, 3, 4, 5, 6, 7]);
    let meaning = match (demo, served.len(), finding) {
        (Demo::Redis, 4, None) if keys > 0 => return Ok(()),
        (Demo::Redis, _, None) if keys == 0 => {
            "the count is right, but nothing is in Redis, so the session is kept somewhere else. Leave the program of demo-redis as it is"
        }
        (Demo::Redis, _, Some(finding)) => bail!(finding),
        (Demo::Redis, ..4, None) => {
            "the count is right, but fewer than four instances serve it. A service sets their number under deploy"
        }
        (Demo::Redis, _, None) => {
            "the count is right, but more than four instances serve it. The task asks for four"
        }
        (_, 4.., Some(_)) => {
            "more instances, but each still counts separately, because they share nothing. A visitor who reaches all of them starts at 0 four times"
        }
        _ => {
            "plain localhost doesn't serve the demo redis yet. The variable DEMO in the environment of HAProxy names the demo"
        }
    };
    let (counts, served) = (list_counts(&seen), served.len());
    let expected = "counts 0 1 2 3 4 5 6 7, by 4 instances of redis";
    let observed = format!("counts {counts}, by {served} instances of {name}");
    bail!(Finding::new(expected, observed, meaning))
}

/// Returns a finding if a container has started but is not healthy. Any other `error` is a fault of the installation.
fn not_started(error: Error, project: &str) -> Error {
    let text = format!("{error:#}").replace(&format!("{project}-"), "");
    let Some(line) = text.lines().find(|line| line.ends_with(" is unhealthy")) else {
        return error;
    };
    let expected = "containers that become healthy";
    let meaning = "this container has started, but it doesn't answer its health check. It needs the settings that docker-compose.yml gives it: your file adds to them, unless it says !override or !reset";
    Finding::new(expected, line, meaning).into()
}

/// Waits for `work`, and prints `message` if that takes more than two seconds.
async fn announce_if_slow(message: &str, work: impl Future<Output = Result<()>>) -> Result<()> {
    let mut work = pin!(work);
    if let Ok(done) = timeout(Duration::from_secs(2), &mut work).await {
        return done;
    }
    eprintln!("{message}");
    work.await
}
