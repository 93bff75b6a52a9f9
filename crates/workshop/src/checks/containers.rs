//! Exercise 11: the challenge in containers, on four instances.

use std::{collections::BTreeSet, pin::pin, time::Duration};

use anyhow::{Result, bail};
use serde_json::Value;
use testkit::{Compose, Demo};
use tokio::time::timeout;

use crate::checker::{Checker, Finding, Skipped, list_counts, miscount};

/// The time limit of this check. The first time it builds the images.
pub(super) const LIMIT: Duration = Duration::from_secs(600);

/// The number of instances of a demo for which HAProxy has room in containers.
const ROOM: u64 = 8;

pub(super) async fn check(checker: &Checker) -> Result<()> {
    if let Err(reason) = Compose::available().await {
        bail!(Skipped(format!("{reason:#}")));
    }
    let compose = Compose::over(&checker.env, &checker.work)?;
    let planned = match compose.planned().await? {
        Ok(planned) => planned,
        Err(error) => {
            let meaning = if error.contains("yaml:") {
                "this is not valid YAML. The spaces at the beginning of a line show what belongs to what, and tabs are not allowed there"
            } else {
                "Compose cannot combine the two files. Services and settings must have the names that docker-compose.yml uses"
            };
            let expected = "two files that Compose accepts";
            bail!(Finding::new(expected, error, meaning));
        }
    };
    let (demo, instances) = read_plan(&planned)?;
    let building = "building the images; the first time this takes some minutes ...";
    announce_if_slow(building, compose.build()).await?;
    announce_if_slow("starting the containers ...", compose.start(Demo::File)).await?;
    let name = demo.name();
    checker.log(&format!("containers are up; plain localhost serves {name}"));
    compose.serving(demo, instances).await?;

    let seen = checker.visitor(&compose.entry()).visits(8).await?;
    let served: BTreeSet<_> = seen.iter().flat_map(|seen| &seen.instance).collect();
    let finding = miscount(&seen, &[0, 1, 2, 3, 4, 5, 6, 7]);
    let meaning = match (demo, served.len(), finding) {
        (Demo::Redis, 4, None) => return Ok(()),
        (Demo::Redis, _, Some(finding)) => bail!(finding),
        (Demo::Redis, ..4, None) => {
            "the count is right, because Redis is shared, but fewer than four instances serve it. A service sets their number under deploy"
        }
        (Demo::Redis, _, None) => {
            "the count is right, because Redis is shared, but more than four instances serve it"
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

/// Returns the demo that plain localhost should serve, and its number of instances.
fn read_plan(planned: &Value) -> Result<(Demo, usize)> {
    let services = &planned["services"];
    let named = services["haproxy"]["environment"]["DEMO"].as_str();
    let named = named.unwrap_or("nothing");
    let Ok(demo) = named.parse::<Demo>() else {
        let observed = format!("DEMO: {named}");
        let meaning = "the demos that count visits are memory, file, redis and cookie";
        bail!(Finding::new("DEMO: redis", observed, meaning));
    };
    let expected = "4 instances of demo-redis";
    let replicas = |service: &str| services[service]["deploy"]["replicas"].as_u64();
    if let Some(servers @ 2..) = replicas("redis") {
        let observed = format!("{servers} instances of redis");
        let meaning = "the service redis is Redis itself, and several of them share no sessions. The service of the demo is demo-redis";
        bail!(Finding::new(expected, observed, meaning));
    }
    let instances = |demo: Demo| replicas(demo.service()).unwrap_or(1);
    for demo in Demo::STORES {
        let count = instances(demo);
        if !(1..=ROOM).contains(&count) {
            let observed = format!("{count} instances of {}", demo.service());
            let meaning = format!(
                "HAProxy has room for 1 to {ROOM} instances of each demo (haproxy/compose.cfg)"
            );
            bail!(Finding::new(expected, observed, meaning));
        }
    }
    Ok((demo, usize::try_from(instances(demo))?))
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
