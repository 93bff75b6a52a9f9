//! Sessions in Redis.

use anyhow::Result;
use testkit::{Demo, Persistence, Response, Topology};

use super::steps::{alternate, count, through_a_restart, visits};
use crate::{
    expect::Expect,
    matrix::{Incident, kept},
    narrator::Narrator,
    visitor::Visitor,
};

pub(super) async fn restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The server keeps nothing itself. It asks Redis at every request.")?;
    through_a_restart(narrator, Demo::Redis, 1, 2).await
}

pub(super) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "HAProxy alternates between the instances, as it did with memory and files. \
         Then the visitor sets a value.",
    )?;
    let deployment = narrator.deploy(Topology::balanced(Demo::Redis)).await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    alternate(narrator, Demo::Redis, &mut visitor, &[0, 1, 2, 3, 4, 5]).await?;
    let expect = Expect::text("value set: hello");
    let mut earlier = narrator
        .get(&mut visitor, "/session/set/hello", expect)
        .await?;
    for count in 6..10 {
        let expect = Expect::count(count)
            .value(Some("hello"))
            .same_session(&earlier)
            .other_instance(&earlier);
        earlier = narrator.get(&mut visitor, "/", expect).await?;
    }
    Ok(())
}

pub(super) async fn kill(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Between two requests, one of the two instances is killed (SIGKILL), without \
         a chance to say goodbye.",
    )?;
    let mut deployment = narrator.deploy(Topology::balanced(Demo::Redis)).await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    let before = alternate(narrator, Demo::Redis, &mut visitor, &[0, 1, 2]).await?;
    // The next request is meant for the instance that did not answer last.
    let next = usize::from(before.instance.as_deref() == Some(deployment.instances[0].name()));
    let instance = &mut deployment.instances[next];
    let what = format!("kill {}", instance.name());
    narrator.act(&what, instance.kill()).await?;
    for visit in 3..7 {
        let expect = Expect::count(visit).same_session(&before);
        let after = narrator.get(&mut visitor, "/", expect).await?;
        if visit == 3 {
            let saw = kept(count(&before)?, count(&after)?);
            narrator.record(Demo::Redis, Incident::InstanceDies, saw);
        }
    }
    Ok(())
}

pub(super) async fn persistence(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator
        .say("First with persistence (--appendonly yes): Redis writes each change to a file.")?;
    restart_redis(narrator, Persistence::AppendOnly, 2, Expect::same_session).await?;
    narrator.say(
        "Then without (--save ''). After the restart Redis does not know the session \
         ID, so the visitor gets a new one.",
    )?;
    restart_redis(narrator, Persistence::None, 0, Expect::new_session).await
}

async fn restart_redis(
    narrator: &mut Narrator<'_>,
    persistence: Persistence,
    next: u64,
    session: fn(Expect, &Response) -> Expect,
) -> Result<()> {
    let topology = Topology {
        persistence,
        ..Topology::one(Demo::Redis)
    };
    let mut deployment = narrator.deploy(topology).await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    let before = visits(narrator, &mut visitor, 0..=1).await?;
    let redis = deployment.redis()?;
    narrator.act("restart Redis", redis.restart()).await?;
    let expect = session(Expect::count(next), &before);
    narrator.get(&mut visitor, "/", expect).await?;
    Ok(())
}
