//! The session in the visitor's cookie: the server keeps nothing.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use testkit::{Demo, Deployment, Topology, serving};

use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

pub(crate) async fn cookie(narrator: &mut Narrator<'_>) -> Result<()> {
    survives(narrator).await?;
    let cookie = narrator.deploy(Topology::one(Demo::Cookie), &[]).await?;
    let redis = narrator.deploy(Topology::one(Demo::Redis), &[]).await?;
    log_out(narrator, &cookie, &redis).await?;
    fill(narrator, &cookie, &redis).await?;
    read(narrator).await
}

async fn survives(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "The whole session is in the visitor's cookie, and the server signs it. So any \
         instance with the same secret can go on with the session.",
    )?;
    let (mut deployment, mut visitor) = narrator.balanced(Demo::Cookie, &[]).await?;
    let counts = (0..2).map(Expect::count);
    narrator.alternate(&mut visitor, None, counts).await?;
    let [one, two] = &mut deployment.instances[..] else {
        bail!("there should be two instances")
    };
    let what = format!("restart {}", one.name());
    let restart = async {
        one.restart().await?;
        serving(&deployment.endpoint, Demo::Cookie, 2).await
    };
    narrator.incident(&what, restart).await?;
    narrator.visits(&mut visitor, 2..=3).await?;
    let what = format!("kill {}", two.name());
    let kill = async {
        two.kill().await?;
        serving(&deployment.endpoint, Demo::Cookie, 1).await
    };
    narrator.incident(&what, kill).await?;
    narrator.visits(&mut visitor, 4..=5).await.map(drop)
}

/// Shows that a copy of the cookie outlives the logout.
async fn log_out(
    narrator: &mut Narrator<'_>,
    cookie: &Deployment,
    redis: &Deployment,
) -> Result<()> {
    for (deployment, place, outcome, after) in [
        (
            cookie,
            "In the cookie",
            "The browser has deleted the cookie, but the thief's copy goes on:",
            2,
        ),
        (
            redis,
            "In Redis",
            "The thief's copy holds an ID without a session, and starts again:",
            0,
        ),
    ] {
        narrator.say(&format!(
            "{place}: a thief copies the cookie, and then the visitor logs out."
        ))?;
        let mut visitor = Visitor::new(&deployment.endpoint);
        narrator.visits(&mut visitor, 0..=1).await?;
        let mut thief = visitor.copied()?;
        let logged_out = Expect::status("303 to /");
        narrator
            .post(&mut visitor, "/logout", "", logged_out)
            .await?;
        narrator.get(&mut visitor, "/", Expect::count(0)).await?;
        narrator.say(outcome)?;
        narrator.get(&mut thief, "/", Expect::count(after)).await?;
    }
    Ok(())
}

/// Shows how much fits into a session, and what each request carries.
async fn fill(narrator: &mut Narrator<'_>, cookie: &Deployment, redis: &Deployment) -> Result<()> {
    narrator.say(
        "A browser keeps no cookie of more than 4 KB. The visitor submits a value of 6 KB: \
         1024 control characters, which take six bytes each in JSON.",
    )?;
    let hello = "value=hello";
    let large = format!("value={}", "%01".repeat(1024));
    let mut visitor = Visitor::new(&cookie.endpoint);
    let saved = || Expect::status("303 to /");
    narrator
        .submit(&mut visitor, "/session", hello, saved())
        .await?;
    let refused = Expect::status("413");
    let refused = narrator
        .submit(&mut visitor, "/session", &large, refused)
        .await?;
    narrator.say(&format!(
        "The visitor sees: \"{}\". The old value is still there:",
        refused.body.trim()
    ))?;
    let expect = Expect::count(0).value(Some("hello"));
    narrator.get(&mut visitor, "/", expect).await?;
    let mut at_redis = Visitor::new(&redis.endpoint);
    narrator.say("Redis takes the large value:")?;
    narrator
        .submit(&mut at_redis, "/session", &large, saved())
        .await?;

    let letters = format!("value={}", "x".repeat(1000));
    for visitor in [&mut visitor, &mut at_redis] {
        visitor.submit("/session", &letters).await?;
    }
    narrator.say(&format!(
        "With a value of 1000 letters, every request carries a cookie of {} bytes, and with \
         Redis one of {} bytes.",
        visitor.cookie()?.len(),
        at_redis.cookie()?.len()
    ))
}

/// Shows what the visitor can read in a signed cookie, and in an encrypted one.
async fn read(narrator: &mut Narrator<'_>) -> Result<()> {
    for (protection, how, expected) in [
        (
            "signed",
            "With --cookie signed, the visitor can decode the cookie",
            2,
        ),
        (
            "private",
            "With --cookie private, the server encrypts it",
            0,
        ),
    ] {
        let settings = [("SESSION_COOKIE", protection)];
        let topology = Topology::one(Demo::Cookie);
        let deployment = narrator.deploy(topology, &settings).await?;
        let mut visitor = Visitor::new(&deployment.endpoint);
        narrator.visits(&mut visitor, 0..=0).await?;
        narrator.set_hello(&mut visitor).await?;
        let found = visitor.readable_entries()?;
        let shown = found.as_ref().map_or_else(
            || "The visitor sees noise, even for the session ID.".to_owned(),
            |entries| format!("The visitor reads {entries}"),
        );
        narrator.say(&format!("{how}. {shown}"))?;
        let entries = found.as_ref().and_then(Value::as_object);
        let entries = entries.map_or(0, serde_json::Map::len);
        let what = format!("entries that the visitor can read, {protection}");
        narrator.observe(&what, expected, entries)?;
        let last = narrator.get(&mut visitor, "/", Expect::count(1)).await?;
        last.value().context("the value is lost")?;
    }
    Ok(())
}
