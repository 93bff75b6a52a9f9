//! Many requests of one visitor at the same time, each adding 1 to a count.

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use testkit::{Persistence, Redis, Response};

use super::two_instances::{LAST_WRITE_WINS, two_instances};
use crate::{narrator::Narrator, scenes::target::PATIENT, visitor::Visitor};

/// Requests of one visitor at the same time.
const TABS: u64 = 20;

pub(crate) async fn at_once(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(&format!(
        "A browser restores {TABS} tabs: one visitor sends {TABS} requests at once. Each adds 1 to \
         the count. At first each request reads the session, adds 1, and writes it."
    ))?;
    let redis = Redis::start(&narrator.env, Persistence::AppendOnly).await?;
    let url = redis.url();
    for (program, words) in [
        (LAST_WRITE_WINS, "The last write wins"),
        (
            "demo-redis",
            "demo-redis checks versions, and so keeps changes of other entries. But each request \
             still writes the number that it has computed",
        ),
    ] {
        let counted = counted(narrator, program, &url, visit).await?;
        let lost = TABS - counted;
        narrator.say(&format!(
            "{words}: {counted} of {TABS} were counted, and {lost} are lost."
        ))?;
        ensure!(lost > 0, "plain read and write lost nothing");
    }

    narrator.say(
        "The first cure: demo-login's session layer computes the number again from the newer \
         session if another request was faster (update).",
    )?;
    let by_update = async |visitor: &mut Visitor| visitor.get("/api/counter").await;
    let by_update = counted(narrator, "demo-login", &url, by_update).await?;
    narrator.observe("counted", TABS, by_update)?;

    narrator.say("The second cure: Redis itself counts, in a key beside the session (INCR).")?;
    let by_incr = async |visitor: &mut Visitor| visitor.post("/incr", "").await;
    let by_incr = counted(narrator, LAST_WRITE_WINS, &url, by_incr).await?;
    narrator.observe("counted", TABS, by_incr)
}

async fn visit(visitor: &mut Visitor) -> Result<Response> {
    visitor.get("/").await
}

/// Sends `request` from all tabs at once to two instances of `program`. Returns how many of them were counted.
async fn counted(
    narrator: &mut Narrator<'_>,
    program: &str,
    url: &str,
    request: impl AsyncFn(&mut Visitor) -> Result<Response>,
) -> Result<u64> {
    let instances = two_instances(narrator, program, [url; 2], &[PATIENT]).await?;
    let mut visitor = Visitor::new(&instances[0].endpoint());
    let visit = async |visitor: &mut Visitor| {
        let seen = request(visitor).await?;
        seen.count().with_context(|| format!("no count: {seen:?}"))
    };
    let before = visit(&mut visitor).await?;
    let tabs = (0..TABS).map(|tab| {
        let mut copy = visitor.copied()?;
        copy.at(&instances[usize::from(tab % 2 == 0)].endpoint());
        Ok(copy)
    });
    let mut tabs = tabs.collect::<Result<Vec<_>>>()?;
    let at_once = try_join_all(tabs.iter_mut().map(visit));
    narrator
        .act(&format!("{TABS} requests at once"), at_once)
        .await?;
    let after = visit(&mut visitor).await?;
    // The visit that shows the count has added 1 too.
    Ok(after - before - 1)
}
