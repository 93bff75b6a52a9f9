//! An old and a new version of an application use the same sessions.

use std::time::Duration;

use anyhow::Result;
use testkit::{Demo, Persistence, Redis, Topology};

use crate::{
    crowd::Crowd, expect::Expect, narrator::Narrator, scenes::target::PATIENT, visitor::Visitor,
};

const VISITORS: usize = 50;

/// How long the visitors click.
const CLICKING: Duration = Duration::from_secs(1);

pub(crate) async fn side_by_side(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "During a deploy, an old and a new version use the same sessions. Here demo-redis is the \
         old version: it knows a count and a value. demo-login is the new one, and stores entries \
         that the old one does not know: a user, a greeting, another count.",
    )?;
    let redis = Redis::start(&narrator.env, Persistence::AppendOnly).await?;
    let settings = [("REDIS_URL", &*redis.url()), PATIENT];
    let old = narrator
        .deploy(Topology::one(Demo::Redis), &settings)
        .await?;
    let new = narrator
        .deploy(Topology::one(Demo::Login), &settings)
        .await?;
    let (old, new) = (&old.endpoint, &new.endpoint);
    let mut alice = Visitor::new(old);
    let alice_in = r#"{"userId":"alice"}"#;
    narrator.get(&mut alice, "/", Expect::count(0)).await?;
    let login = narrator.post(alice.at(new), "/login", alice_in, Expect::text(alice_in));
    login.await?;
    narrator.get(alice.at(old), "/", Expect::count(1)).await?;
    let welcome = Expect::text("Welcome alice!").second_line("Logged in as alice");
    narrator.get(alice.at(new), "/dashboard", welcome).await?;
    narrator.get(alice.at(old), "/", Expect::count(2)).await?;

    narrator.say(&format!(
        "Now {VISITORS} visitors click on both versions at the same time. Both versions write to \
         the same session, each a count of its own."
    ))?;
    let mut on_old = Crowd::arrive(old, "/", VISITORS).await?;
    let tabs = on_old.visitors().map(|visitor| {
        let mut tab = visitor.copied()?;
        tab.at(new);
        Ok(tab)
    });
    let mut on_new = Crowd::of(tabs.collect::<Result<_>>()?, "/api/counter").await?;
    let clicking = async {
        tokio::time::sleep(CLICKING).await;
        Ok(())
    };
    let both = on_old.during(on_new.during(clicking));
    let (((), seen_on_new), seen_on_old) = narrator.act("click on both versions", both).await?;
    for (load, version) in [(seen_on_old, "old"), (seen_on_new, "new")] {
        let count = load.requests;
        narrator.say(&format!("The {version} version got {count} requests."))?;
        narrator.observe("failed requests", 0, load.failed())?;
        narrator.none_lost(&load)?;
    }
    Ok(())
}
