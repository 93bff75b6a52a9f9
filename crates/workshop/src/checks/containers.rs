//! Exercise 12: the challenge in containers, on four instances.

use std::{collections::BTreeSet, pin::pin, time::Duration};

use anyhow::{Result, bail};
use testkit::{Compose, Demo, Planned, Visitor};
use tokio::time::timeout;

use crate::{
    bench::Bench,
    finding::{Finding, Skipped, expect_counts},
};

/// Longest that this check may take: the first time it builds the images.
pub(super) const LIMIT: Duration = Duration::from_secs(600);

/// Instances of a demo that HAProxy has room for in containers.
const ROOM: u64 = 8;

pub(super) async fn check(bench: &Bench) -> Result<()> {
    if let Err(reason) = Compose::available().await {
        bail!(Skipped(format!("{reason:#}")));
    }
    let compose = Compose::over(bench.env(), bench.work())?;
    let planned = match compose.planned().await? {
        Ok(planned) => planned,
        Err(words) => {
            let meaning = if words.contains("yaml:") {
                "that is no YAML: spaces at the beginning of a line say what belongs to what, and tabs are not allowed there"
            } else {
                "Compose reads the two files as one project, and can't make sense of that: services and settings have the names \
                 that docker-compose.yml has"
            };
            bail!(Finding::new(
                "two files that Compose accepts",
                words,
                meaning
            ));
        }
    };
    let (demo, instances) = plan(&planned)?;
    slowly(
        "building the images; the first time this takes some minutes ...",
        compose.build(),
    )
    .await?;
    slowly("starting the containers ...", compose.start()).await?;
    bench.did(&format!(
        "containers are up; plain localhost serves {}",
        demo.name()
    ));
    compose.serving(demo, instances).await?;

    let seen = bench
        .visits(&mut Visitor::new(), &compose.entry(), 8)
        .await?;
    let served: BTreeSet<_> = seen
        .iter()
        .filter_map(|seen| seen.instance.as_deref())
        .collect();
    let counted = expect_counts(&seen, &[0, 1, 2, 3, 4, 5, 6, 7]);
    let meaning = match (demo, served.len()) {
        (Demo::Redis, 4) => return counted,
        (Demo::Redis, 0..4) if counted.is_ok() => {
            "the count is right, because Redis is shared, and fewer instances than four serve \
                                                   it: a service says under deploy how many it has"
        }
        (Demo::Redis, _) if counted.is_ok() => {
            "the count is right, because Redis is shared, and more instances than four serve it"
        }
        (Demo::Redis, _) => return counted,
        (_, 4..) => {
            "more instances, and each still counts for itself: what is not shared is only spread further. One who comes to all of \
             them begins at 0 four times"
        }
        _ => {
            "plain localhost is not served by redis yet: HAProxy goes where its own environment says, by DEMO"
        }
    };
    let counts: Vec<_> = seen
        .iter()
        .map(|seen| {
            seen.count()
                .map_or_else(|| "?".to_owned(), |count| count.to_string())
        })
        .collect();
    let observed = format!(
        "counts {}, by {} instances of {}",
        counts.join(" "),
        served.len(),
        demo.name()
    );
    bail!(Finding::new(
        "counts 0 1 2 3 4 5 6 7, by 4 instances of redis",
        observed,
        meaning
    ))
}

/// What plain localhost is to serve, and by how many instances.
fn plan(planned: &Planned) -> Result<(Demo, usize)> {
    let named = planned.demo().unwrap_or("nothing");
    let Ok(demo) = named.parse::<Demo>() else {
        let meaning = "the demos that count visits are memory, file, redis and cookie";
        bail!(Finding::new(
            "DEMO: redis",
            format!("DEMO: {named}"),
            meaning
        ));
    };
    if let Some(servers @ 2..) = planned.instances("redis") {
        let meaning = "the service redis is Redis itself, and several of them share no session; the demo's service is demo-redis";
        bail!(Finding::new(
            "4 instances of demo-redis",
            format!("{servers} instances of redis"),
            meaning
        ));
    }
    for demo in Demo::STORES {
        let instances = planned.instances(demo.service()).unwrap_or(1);
        if !(1..=ROOM).contains(&instances) {
            let meaning = format!(
                "HAProxy has room for 1 to {ROOM} instances of each demo, as haproxy/compose.cfg says"
            );
            bail!(Finding::new(
                "4 instances of demo-redis",
                format!("{instances} instances of {}", demo.service()),
                meaning
            ));
        }
    }
    let instances = planned.instances(demo.service()).unwrap_or(1);
    Ok((demo, usize::try_from(instances)?))
}

/// Waits for `doing`, and says so if that takes a while.
async fn slowly(what: &str, doing: impl Future<Output = Result<()>>) -> Result<()> {
    let mut doing = pin!(doing);
    if let Ok(done) = timeout(Duration::from_secs(2), &mut doing).await {
        return done;
    }
    eprintln!("{what}");
    doing.await
}
