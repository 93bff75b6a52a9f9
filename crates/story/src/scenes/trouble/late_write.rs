//! A write that reaches Redis two seconds late, as after a network problem.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::{FaultProxy, Persistence, Redis, wait_until};

use super::two_instances::{LAST_WRITE_WINS, two_instances};
use crate::{
    crowd::{Crowd, Load},
    expect::Expect,
    narrator::Narrator,
    scenes::target::PATIENCE,
    visitor::Visitor,
};

/// How late the write is.
const DELAY: Duration = Duration::from_secs(2);

pub(crate) async fn late(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "The network holds a write of the first instance back. The visitor gets an error, and \
         clicks on at the second instance. Then the write arrives. The first store writes with \
         SET … XX, which checks only that the session exists.",
    )?;
    let undone = clicks_after(narrator, LAST_WRITE_WINS, "set").await?.lost;
    narrator.say(&format!(
        "The late write has set the count back by {undone}."
    ))?;
    ensure!(undone > 0, "the late write undid nothing");

    narrator.say("The same with demo-redis, whose writes name the version that they have read.")?;
    let load = clicks_after(narrator, "demo-redis", "evalsha").await?;
    narrator.none_lost(&load)
}

/// Lets a write of `program`, sent with `command`, arrive late. Returns what the visitor sees from then on.
async fn clicks_after(narrator: &mut Narrator<'_>, program: &str, command: &str) -> Result<Load> {
    let redis = Redis::start(&narrator.env, Persistence::AppendOnly).await?;
    let proxy = FaultProxy::start(&redis)?;
    let urls = [&*proxy.url(), &*redis.url()];
    let [first, second] = &two_instances(narrator, program, urls, &[]).await?;
    let mut visitor = Visitor::new(&second.endpoint());
    narrator.get(&mut visitor, "/", Expect::count(0)).await?;
    let write = proxy.hold("visitCount");
    let visitor_at_first = visitor.at(&first.endpoint());
    narrator
        .get(visitor_at_first, "/", Expect::unavailable())
        .await?;
    ensure!(write.has_arrived(), "the write was not sent");
    visitor.at(&second.endpoint());
    let mut visitor = Crowd::of(vec![visitor], "/").await?;
    let waiting = async {
        tokio::time::sleep(DELAY).await;
        Ok(())
    };
    let what = "the visitor clicks at the second instance for 2 s";
    let ((), meanwhile) = narrator.act(what, visitor.during(waiting)).await?;
    // The visitor's first click at the second instance came before.
    let clicks = meanwhile.requests + 1;
    narrator.say(&format!("Redis has counted {clicks} more visits."))?;
    narrator.none_lost(&meanwhile)?;
    redis.reset_command_stats()?;
    write.release();
    let late = wait_until("the late write", PATIENCE, async || {
        let arrived = redis.command_stats()?.contains_key(command);
        Ok(arrived.then_some(()))
    });
    narrator.act("the write arrives", late).await?;
    let one_click = visitor.during(async { Ok(()) });
    let ((), load) = narrator
        .act("the visitor clicks once more", one_click)
        .await?;
    Ok(load)
}
