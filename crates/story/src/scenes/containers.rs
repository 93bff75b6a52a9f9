//! What only containers can show.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use testkit::{Compose, Demo, Endpoint, Response, Topology, Visitor, wait_until};

use crate::{Expect, Telling};

/// A bound on an answer that waits for nobody.
const PROMPT: Duration = Duration::from_secs(1);

/// Instances of each demo at the beginning of a scene.
const INSTANCES: usize = 2;

pub(super) async fn switch(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("What a visitor sees at plain localhost, first with files, then with Redis.")?;
    let compose = telling.containers()?;
    let endpoint = compose.entry();
    for (demo, shown) in [
        (Demo::File, [None, Some("hello")]),
        (Demo::Redis, [Some("hello"); 2]),
    ] {
        let doing = async {
            compose.serve(demo).await?;
            compose.serving(demo, INSTANCES).await
        };
        telling
            .act(&format!("DEMO={} docker compose up -d", demo.name()), doing)
            .await?;
        let mut visitor = Visitor::new();
        let set = telling
            .visit(
                &mut visitor,
                &endpoint,
                "/session/set/hello",
                Expect::text("value set: hello"),
            )
            .await?;
        let mut earlier = set.clone();
        for value in shown.into_iter().cycle().take(4) {
            let expect = Expect::default()
                .value(value)
                .same_session(&set)
                .another_instance(&earlier);
            earlier = telling.visit(&mut visitor, &endpoint, "/", expect).await?;
        }
    }
    telling
        .act("docker compose up -d", compose.serve(Demo::File))
        .await
}

pub(super) async fn restart(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("In memory, each instance counts for itself. One of the two is restarted.")?;
    let compose = telling.containers()?;
    forgotten(telling, &["restart"]).await?;

    telling.say("With Redis, a visitor keeps asking all the time.")?;
    let (mut visitor, endpoint, seen) = arrive(telling).await?;
    let name = instance(&seen)?;
    let doing = again(compose, Demo::Redis, &name, &["restart"]);
    telling
        .meanwhile(
            &format!("docker restart {name}"),
            &mut visitor,
            &endpoint,
            0,
            doing,
        )
        .await?;
    Ok(())
}

pub(super) async fn kill(telling: &mut Telling<'_>) -> Result<()> {
    telling.say(
        "In memory, the dead instance takes its sessions with it (SIGKILL). It is started again.",
    )?;
    let compose = telling.containers()?;
    forgotten(telling, &["kill", "start"]).await?;

    // Between two requests: what is in flight on a server that is killed can only be told as failed (502), since HAProxy
    // sends nothing twice that may have been done.
    telling.say("With Redis, an instance is killed between two requests, and the next ones come before HAProxy has noticed.")?;
    let (mut visitor, endpoint, seen) = arrive(telling).await?;
    let name = instance(&seen)?;
    telling
        .act(
            &format!("docker kill {name}"),
            compose.container("kill", &name),
        )
        .await?;
    for count in 1..=4 {
        telling
            .visit(
                &mut visitor,
                &endpoint,
                "/",
                Expect::count(count)
                    .same_session(&seen)
                    .another_instance(&seen),
            )
            .await?;
    }
    let doing = again(compose, Demo::Redis, &name, &["start"]);
    telling
        .meanwhile(
            &format!("docker start {name}"),
            &mut visitor,
            &endpoint,
            4,
            doing,
        )
        .await?;
    Ok(())
}

/// Visits both instances of the memory demo, has Docker do `verbs` to one, and expects that one to have forgotten, and
/// the other to go on.
async fn forgotten(telling: &mut Telling<'_>, verbs: &[&str]) -> Result<()> {
    let compose = telling.containers()?;
    let endpoint = telling
        .deployment(Topology::balanced(Demo::Memory))
        .await?
        .endpoint;
    let mut visitor = Visitor::new();
    let mut next: HashMap<Option<String>, u64> = HashMap::new();
    let mut last = None;
    for count in [0, 0, 1, 1] {
        let seen = telling
            .visit(&mut visitor, &endpoint, "/", Expect::count(count))
            .await?;
        next.insert(seen.instance.clone(), count + 1);
        last = Some(seen);
    }
    let name = instance(last.as_ref().context("nobody came")?)?;
    let what = verbs
        .iter()
        .map(|verb| format!("docker {verb} {name}"))
        .collect::<Vec<_>>()
        .join(", ");
    telling
        .act(&what, again(compose, Demo::Memory, &name, verbs))
        .await?;
    next.insert(Some(name), 0);
    for _ in 0..INSTANCES {
        let expect =
            |seen: &Response| Expect::count(next.remove(&seen.instance).unwrap_or_default());
        telling
            .visit_expecting(&mut visitor, &endpoint, "/", expect)
            .await?;
    }
    Ok(())
}

/// Has Docker do `verbs` to the instance `name`, one after the other, and waits until all instances serve again.
async fn again(compose: &Compose, demo: Demo, name: &str, verbs: &[&str]) -> Result<()> {
    for (left, verb) in verbs.iter().rev().enumerate().rev() {
        compose.container(verb, name).await?;
        compose
            .serving(demo, if left == 0 { INSTANCES } else { INSTANCES - 1 })
            .await?;
    }
    Ok(())
}

pub(super) async fn scale(telling: &mut Telling<'_>) -> Result<()> {
    telling.say(
        "HAProxy learns from Docker's DNS which instances there are. A visitor keeps asking.",
    )?;
    let compose = telling.containers()?;
    let (mut visitor, endpoint, _) = arrive(telling).await?;
    let mut count = 0;
    for instances in [4, 1, INSTANCES] {
        let doing = compose.scale(Demo::Redis, instances);
        let steady = telling
            .meanwhile(
                &format!("docker compose up -d --scale demo-redis={instances}"),
                &mut visitor,
                &endpoint,
                count,
                doing,
            )
            .await?;
        count = steady.count;
        count = everybody_answers(telling, &mut visitor, &endpoint, count, instances).await?;
    }
    Ok(())
}

/// Has `visitor` ask as often as there are `instances`, and expects an answer from each. Returns the last count.
async fn everybody_answers(
    telling: &mut Telling<'_>,
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    mut count: u64,
    instances: usize,
) -> Result<u64> {
    let mut names = BTreeSet::new();
    for _ in 0..instances {
        count += 1;
        names.insert(instance(
            &telling
                .visit(visitor, endpoint, "/", Expect::count(count))
                .await?,
        )?);
    }
    ensure!(
        names.len() == instances,
        "expected answers of {instances} instances; observed {names:?}"
    );
    Ok(count)
}

pub(super) async fn down_and_up(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("Every container is removed and made anew; the volume stays.")?;
    let compose = telling.containers()?;
    let (mut visitor, endpoint, seen) = arrive(telling).await?;
    let doing = async {
        compose.down_and_up().await?;
        compose.serving(Demo::Redis, INSTANCES).await
    };
    telling
        .act("docker compose down, docker compose up -d", doing)
        .await?;
    telling
        .visit(
            &mut visitor,
            &endpoint,
            "/",
            Expect::count(1).same_session(&seen),
        )
        .await?;
    Ok(())
}

pub(super) async fn viewer(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("A visitor sets a value. The page at sessions.localhost shows it, and ends the session at the press of a button.")?;
    let viewer = telling.containers()?.entry().named("sessions.localhost");
    let endpoint = telling
        .deployment(Topology::balanced(Demo::Redis))
        .await?
        .endpoint;
    let mut visitor = Visitor::new();
    let set = telling
        .visit(
            &mut visitor,
            &endpoint,
            "/session/set/hello",
            Expect::text("value set: hello"),
        )
        .await?;
    let session = set.session.context("no session")?;
    telling
        .act(
            &format!("End {session} at sessions.localhost"),
            end(&viewer, &session),
        )
        .await?;
    for _ in 0..INSTANCES {
        telling
            .visit(
                &mut visitor,
                &endpoint,
                "/session/",
                Expect::text("no value set"),
            )
            .await?;
    }
    Ok(())
}

/// Presses the button of `session` on the viewer's page.
async fn end(viewer: &Endpoint, session: &str) -> Result<()> {
    let page = Visitor::new().get(viewer, "/").await?.body;
    let button = |row: &str| {
        Some(
            row.split_once("name=\"session\" value=\"")?
                .1
                .split_once('"')?
                .0
                .to_owned(),
        )
    };
    let (_, row) = page
        .split_once(&format!("<code>{session}…"))
        .with_context(|| format!("no {session} in {page}"))?;
    ensure!(
        row.split_once("</tr>")
            .is_some_and(|(row, _)| row.contains("hello")),
        "no value in {row}"
    );
    let sealed = button(row)
        .context("no button")?
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let ended = Visitor::new()
        .post(viewer, "/end", &format!("session={sealed}"))
        .await?;
    ensure!(ended.status == 303, "{ended:?}");
    Ok(())
}

pub(super) async fn pause(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("A frozen Redis keeps its connections and answers nothing. The servers wait for it 500 ms, and say so.")?;
    let compose = telling.containers()?;
    let (mut visitor, endpoint, seen) = arrive(telling).await?;
    telling
        .act("docker compose pause redis", compose.redis("pause"))
        .await?;
    telling
        .visit(&mut visitor, &endpoint, "/", Expect::unavailable())
        .await?;
    telling
        .visit(
            &mut visitor,
            &endpoint,
            "/healthz",
            Expect::text("ok").within(PROMPT),
        )
        .await?;
    telling
        .visit(&mut visitor, &endpoint, "/", Expect::unavailable())
        .await?;
    let doing = async {
        compose.redis("unpause").await?;
        recovered(&endpoint).await
    };
    telling.act("docker compose unpause redis", doing).await?;
    telling
        .visit(
            &mut visitor,
            &endpoint,
            "/",
            Expect::count(1).same_session(&seen),
        )
        .await?;
    Ok(())
}

pub(super) async fn restart_redis(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("The store itself is restarted, with its sessions in an append-only file.")?;
    let compose = telling.containers()?;
    let (mut visitor, endpoint, seen) = arrive(telling).await?;
    let doing = async {
        compose.redis("restart").await?;
        recovered(&endpoint).await
    };
    telling.act("docker compose restart redis", doing).await?;
    telling
        .visit(
            &mut visitor,
            &endpoint,
            "/",
            Expect::count(1).same_session(&seen),
        )
        .await?;
    Ok(())
}

/// A new visitor who has come to the Redis demo once.
async fn arrive(telling: &mut Telling<'_>) -> Result<(Visitor, Endpoint, Response)> {
    let endpoint = telling
        .deployment(Topology::balanced(Demo::Redis))
        .await?
        .endpoint;
    let mut visitor = Visitor::new();
    let seen = telling
        .visit(&mut visitor, &endpoint, "/", Expect::count(0))
        .await?;
    Ok((visitor, endpoint, seen))
}

/// Waits until as many visitors in a row as there are instances and workers have been served.
async fn recovered(endpoint: &Endpoint) -> Result<()> {
    let mut served = 0;
    wait_until(
        "the servers to find Redis again",
        Duration::from_secs(10),
        async || {
            let seen = Visitor::new().get(endpoint, "/").await?;
            served = if seen.status == 200 { served + 1 } else { 0 };
            Ok((served >= 12).then_some(()))
        },
    )
    .await
}

fn instance(seen: &Response) -> Result<String> {
    seen.instance
        .clone()
        .context("the answer doesn't say who gave it")
}
