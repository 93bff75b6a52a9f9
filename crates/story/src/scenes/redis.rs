//! Sessions in Redis.

use anyhow::Result;
use testkit::{Demo, Persistence, Topology, Visitor};

use super::{count, in_turn, through_a_restart};
use crate::{Event, Expect, Telling, matrix::kept};

pub(super) async fn restart(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("The server keeps nothing: it asks Redis at every request.")?;
    through_a_restart(telling, Demo::Redis, 1, 2).await
}

pub(super) async fn two(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("HAProxy sends a visitor to both servers in turn, as it did with memory and files. Then a value is set.")?;
    let deployment = telling.deployment(Topology::balanced(Demo::Redis)).await?;
    let endpoint = deployment.endpoint.clone();
    let mut visitor = Visitor::new();
    in_turn(
        telling,
        Demo::Redis,
        &mut visitor,
        &endpoint,
        &[0, 1, 2, 3, 4, 5],
    )
    .await?;
    let mut earlier = telling
        .visit(
            &mut visitor,
            &endpoint,
            "/session/set/hello",
            Expect::text("value set: hello"),
        )
        .await?;
    for count in 6..10 {
        let expect = Expect::count(count)
            .value(Some("hello"))
            .same_session(&earlier)
            .another_instance(&earlier);
        earlier = telling.visit(&mut visitor, &endpoint, "/", expect).await?;
    }
    Ok(())
}

pub(super) async fn kill(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("Between two requests one of two servers is killed (SIGKILL), without a chance to say goodbye.")?;
    let mut deployment = telling.deployment(Topology::balanced(Demo::Redis)).await?;
    let endpoint = deployment.endpoint.clone();
    let mut visitor = Visitor::new();
    let mut before = telling
        .visit(&mut visitor, &endpoint, "/", Expect::count(0))
        .await?;
    for count in 1..3 {
        before = telling
            .visit(
                &mut visitor,
                &endpoint,
                "/",
                Expect::count(count)
                    .same_session(&before)
                    .another_instance(&before),
            )
            .await?;
    }
    // Not the one that has just answered, so that the next request is meant for it.
    let next = usize::from(before.instance.as_deref() == Some(deployment.instances[0].name()));
    let name = deployment.instances[next].name().to_owned();
    telling
        .act(&format!("kill {name}"), deployment.instances[next].kill())
        .await?;
    let after = telling
        .visit(
            &mut visitor,
            &endpoint,
            "/",
            Expect::count(3).same_session(&before),
        )
        .await?;
    for count in 4..7 {
        telling
            .visit(
                &mut visitor,
                &endpoint,
                "/",
                Expect::count(count).same_session(&before),
            )
            .await?;
    }
    telling.cell(
        Demo::Redis,
        Event::InstanceDies,
        kept(count(&before)?, count(&after)?),
    );
    Ok(())
}

pub(super) async fn persistence(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("First with persistence (--appendonly yes): Redis writes down every change.")?;
    restart_redis(telling, Persistence::AppendOnly, 2, Expect::same_session).await?;
    telling.say("Then without any (--save ''). The id means nothing to anybody now, so the visitor gets a new one.")?;
    restart_redis(telling, Persistence::None, 0, Expect::another_session).await
}

async fn restart_redis(
    telling: &mut Telling<'_>,
    persistence: Persistence,
    next: u64,
    session: fn(Expect, &testkit::Response) -> Expect,
) -> Result<()> {
    let mut deployment = telling
        .deployment(Topology {
            persistence,
            ..Topology::one(Demo::Redis)
        })
        .await?;
    let endpoint = deployment.endpoint.clone();
    let mut visitor = Visitor::new();
    telling
        .visit(&mut visitor, &endpoint, "/", Expect::count(0))
        .await?;
    let before = telling
        .visit(&mut visitor, &endpoint, "/", Expect::count(1))
        .await?;
    telling
        .act("restart Redis", deployment.redis()?.restart())
        .await?;
    telling
        .visit(
            &mut visitor,
            &endpoint,
            "/",
            session(Expect::count(next), &before),
        )
        .await?;
    Ok(())
}
