//! What only containers can show.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result};
use stage::{Compose, Demo, Front, Observation, Plan, Visitor, until};

use crate::{Expect, Telling};

/// Instances of each demo at the beginning of a scene.
const INSTANCES: usize = 2;

pub(super) async fn switch(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("What a browser sees at plain localhost, first with files, then with Redis, then with files again.")?;
    let compose = telling.containers()?;
    let front = compose.entry();
    for (demo, shown) in [(Demo::File, [None, Some("hello")]), (Demo::Redis, [Some("hello"); 2])] {
        let doing = async {
            compose.serve(demo).await?;
            compose.serving(demo, INSTANCES).await
        };
        telling.act(&format!("DEMO={} docker compose up -d", demo.name()), doing).await?;
        let mut visitor = Visitor::new();
        let set = telling.visit(&mut visitor, &front, "/session/set/hello", Expect::text("value set: hello")).await?;
        let mut earlier = set.clone();
        for value in shown.into_iter().cycle().take(4) {
            let expect = Expect::default().value(value).same_session(&set).another_instance(&earlier);
            earlier = telling.visit(&mut visitor, &front, "/", expect).await?;
        }
    }
    telling.act("docker compose up -d", compose.serve(Demo::File)).await
}

pub(super) async fn restart(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("In memory, each instance counts for itself. One of the two is restarted.")?;
    let compose = telling.containers()?;
    let front = telling.world(Plan::balanced(Demo::Memory)).await?.front;
    let mut visitor = Visitor::new();
    let mut next: HashMap<Option<String>, u64> = HashMap::new();
    let mut last = None;
    for count in [0, 0, 1, 1] {
        let seen = telling.visit(&mut visitor, &front, "/", Expect::count(count)).await?;
        next.insert(seen.instance.clone(), count + 1);
        last = Some(seen);
    }
    let restarted = instance(last.as_ref().context("nobody came")?)?;
    restart_instance(telling, compose, Demo::Memory, &restarted).await?;
    next.insert(Some(restarted), 0);
    for _ in 0..INSTANCES {
        let expect = |seen: &Observation| Expect::count(next.remove(&seen.instance).unwrap_or_default());
        telling.visit_expecting(&mut visitor, &front, "/", expect).await?;
    }

    telling.say("With Redis, a visitor keeps asking all the time.")?;
    let (mut visitor, front, seen) = arrive(telling).await?;
    let name = instance(&seen)?;
    let doing = async {
        compose.container("restart", &name).await?;
        compose.serving(Demo::Redis, INSTANCES).await
    };
    telling.meanwhile(&format!("docker restart {name}"), &mut visitor, &front, 0, doing).await?;
    Ok(())
}

async fn restart_instance(telling: &mut Telling<'_>, compose: &Compose, demo: Demo, name: &str) -> Result<()> {
    let doing = async {
        compose.container("restart", name).await?;
        compose.serving(demo, INSTANCES).await
    };
    telling.act(&format!("docker restart {name}"), doing).await
}

pub(super) async fn kill(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("One of the two instances is killed (SIGKILL) and started again, while a visitor keeps asking.")?;
    let compose = telling.containers()?;
    let (mut visitor, front, seen) = arrive(telling).await?;
    let name = instance(&seen)?;
    let doing = async {
        compose.container("kill", &name).await?;
        compose.serving(Demo::Redis, INSTANCES - 1).await
    };
    let steady = telling.meanwhile(&format!("docker kill {name}"), &mut visitor, &front, 0, doing).await?;
    let doing = async {
        compose.container("start", &name).await?;
        compose.serving(Demo::Redis, INSTANCES).await
    };
    telling.meanwhile(&format!("docker start {name}"), &mut visitor, &front, steady.count, doing).await?;
    Ok(())
}

pub(super) async fn scale(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("HAProxy learns from Docker's DNS which instances there are. A visitor keeps asking.")?;
    let compose = telling.containers()?;
    let (mut visitor, front, _) = arrive(telling).await?;
    let mut count = 0;
    for instances in [4, 1, INSTANCES] {
        let doing = compose.scale(Demo::Redis, instances);
        let steady =
            telling.meanwhile(&format!("docker compose up -d --scale redis={instances}"), &mut visitor, &front, count, doing).await?;
        count = steady.count;
        let seen = everybody_answers(telling, &mut visitor, &front, count, instances).await?;
        count = seen;
    }
    Ok(())
}

/// Has `visitor` ask until it has seen all `instances` in turn.
async fn everybody_answers(
    telling: &mut Telling<'_>,
    visitor: &mut Visitor,
    front: &Front,
    mut count: u64,
    instances: usize,
) -> Result<u64> {
    let mut earlier: Option<Observation> = None;
    for _ in 0..instances {
        count += 1;
        let expect = match &earlier {
            Some(earlier) if instances > 1 => Expect::count(count).another_instance(earlier),
            _ => Expect::count(count),
        };
        earlier = Some(telling.visit(visitor, front, "/", expect).await?);
    }
    Ok(count)
}

pub(super) async fn down_and_up(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("Every container is removed and made anew; the volume stays.")?;
    let compose = telling.containers()?;
    let (mut visitor, front, seen) = arrive(telling).await?;
    let doing = async {
        compose.down_and_up().await?;
        compose.serving(Demo::Redis, INSTANCES).await
    };
    telling.act("docker compose down, docker compose up -d", doing).await?;
    telling.visit(&mut visitor, &front, "/", Expect::count(1).same_session(&seen)).await?;
    Ok(())
}

pub(super) async fn pause(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("A frozen Redis keeps its connections and answers nothing. The servers wait for it 500 ms, and say so.")?;
    let compose = telling.containers()?;
    let (mut visitor, front, seen) = arrive(telling).await?;
    telling.act("docker compose pause sessions", compose.redis("pause")).await?;
    telling.visit(&mut visitor, &front, "/", Expect::unavailable()).await?;
    telling.visit(&mut visitor, &front, "/healthz", Expect::text("ok")).await?;
    telling.visit(&mut visitor, &front, "/", Expect::unavailable()).await?;
    let doing = async {
        compose.redis("unpause").await?;
        recovered(&front).await
    };
    telling.act("docker compose unpause sessions", doing).await?;
    telling.visit(&mut visitor, &front, "/", Expect::count(1).same_session(&seen)).await?;
    Ok(())
}

pub(super) async fn restart_redis(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("The store itself is restarted, with its sessions in an append-only file.")?;
    let compose = telling.containers()?;
    let (mut visitor, front, seen) = arrive(telling).await?;
    let doing = async {
        compose.redis("restart").await?;
        recovered(&front).await
    };
    telling.act("docker compose restart sessions", doing).await?;
    telling.visit(&mut visitor, &front, "/", Expect::count(1).same_session(&seen)).await?;
    Ok(())
}

/// A new visitor who has come to the Redis demo once.
async fn arrive(telling: &mut Telling<'_>) -> Result<(Visitor, Front, Observation)> {
    let front = telling.world(Plan::balanced(Demo::Redis)).await?.front;
    let mut visitor = Visitor::new();
    let seen = telling.visit(&mut visitor, &front, "/", Expect::count(0)).await?;
    Ok((visitor, front, seen))
}

/// Waits until as many visitors in a row as there are instances and workers have been served.
async fn recovered(front: &Front) -> Result<()> {
    let mut served = 0;
    until("the servers to find Redis again", Duration::from_secs(10), async || {
        let seen = Visitor::new().get(front, "/").await?;
        served = if seen.status == 200 { served + 1 } else { 0 };
        Ok((served >= 12).then_some(()))
    })
    .await
}

fn instance(seen: &Observation) -> Result<String> {
    seen.instance.clone().context("the answer doesn't say who gave it")
}
