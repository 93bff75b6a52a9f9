//! The incidents that can happen to a session.
//!
//! Each function starts new servers, lets one incident happen to them, and computes the word in the matrix from the
//! responses that a visitor got.

use std::fs;

use anyhow::{Result, anyhow, bail, ensure};
use testkit::{Response, TestEnv, wait_until};

use super::{
    servers::{Servers, session_files},
    two_clicks::two_clicks,
};
use crate::{
    matrix::{Incident, Place},
    scenes::target::PATIENCE,
    visitor::Visitor,
};

/// Lets `incident` happen to a visitor whose session is in `place`. Returns the word for the outcome. The error has the
/// logs.
pub(super) async fn measure(place: Place, incident: Incident) -> Result<&'static str> {
    let env = &TestEnv::new()?;
    let word = match incident {
        Incident::Restart => restart(env, place).await,
        Incident::SecondInstance => second_instance(env, place).await,
        Incident::InstanceDies => instance_dies(env, place).await,
        Incident::RollingDeploy => rolling_deploy(env, place).await,
        Incident::Logout => logout(env, place).await,
        Incident::TwoClicks => two_clicks(env, place).await,
        Incident::Over4Kb => over_4_kb(env, place).await,
        Incident::StoreGone => store_gone(env, place).await,
    };
    word.map_err(|error| anyhow!("{}: {error:#}\n{}", place.name(), env.tails()))
}

/// Restarts the instance that has counted two visits. Does the count go on?
async fn restart(env: &TestEnv, place: Place) -> Result<&'static str> {
    let mut servers = Servers::one(env, place).await?;
    let mut visitor = servers.visitor();
    let first = visitor.get("/").await?;
    let second = visitor.get("/").await?;
    servers.answered(&second)?.restart().await?;
    let third = visitor.get("/").await?;
    Ok(kept(&[follows(&[first, second, third])]))
}

/// Visits six times. Is there one count, and do both instances know it?
async fn second_instance(env: &TestEnv, place: Place) -> Result<&'static str> {
    let servers = Servers::two(env, place).await?;
    let mut visitor = servers.visitor();
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(visitor.get("/").await?);
    }
    let answered_by_both = seen.iter().any(|it| it.instance != seen[0].instance);
    Ok(match (follows(&seen), answered_by_both) {
        (true, true) => "shared",
        (true, false) => "pinned",
        (false, _) => "split",
    })
}

/// Kills the instance that got the visitor's value. Does the other one have it?
async fn instance_dies(env: &TestEnv, place: Place) -> Result<&'static str> {
    let mut servers = Servers::two(env, place).await?;
    let mut visitor = servers.visitor();
    let set = visitor.get("/session/set/mine").await?;
    servers.answered(&set)?.kill().await?;
    servers.serving(1).await?;
    Ok(kept(&has_value(&mut visitor, "mine").await?))
}

/// Replaces both instances, one after the other. Do the new ones have the value that both old ones got?
async fn rolling_deploy(env: &TestEnv, place: Place) -> Result<&'static str> {
    let mut servers = Servers::two(env, place).await?;
    let mut visitor = servers.visitor();
    set_on_both(&mut visitor, "mine").await?;
    servers.replace_all().await?;
    Ok(kept(&has_value(&mut visitor, "mine").await?))
}

/// Logs out on one instance. Where does a copy of the cookie still work?
async fn logout(env: &TestEnv, place: Place) -> Result<&'static str> {
    let servers = Servers::two(env, place).await?;
    let mut visitor = servers.visitor();
    set_on_both(&mut visitor, "mine").await?;
    let mut copy = visitor.copied()?;
    let mut works = async || {
        let mut works = 0;
        for instance in &servers.deployment.instances {
            let seen = copy.at(&instance.endpoint()).get("/session/").await?;
            works += usize::from(seen.body == "mine\n");
        }
        anyhow::Ok(works)
    };
    let before = works().await?;
    ensure!(before > 0, "the copy works nowhere before the logout");
    let seen = visitor.post("/logout", "").await?;
    ensure!(seen.status == 303, "{seen:?}");
    Ok(match works().await? {
        0 => "all",
        after if after < before => "one",
        _ => "none",
    })
}

/// Sets a value that needs 6 KB in the session's JSON, because each of its control characters takes six bytes there.
async fn over_4_kb(env: &TestEnv, place: Place) -> Result<&'static str> {
    let servers = Servers::two(env, place).await?;
    let mut visitor = servers.visitor();
    let path = format!("/session/set/{}", "%01".repeat(1024));
    let seen = [visitor.get(&path).await?, visitor.get(&path).await?];
    Ok(match seen.each_ref().map(|it| it.status) {
        [200, 200] => kept(&has_value(&mut visitor, &r"\u{1}".repeat(1024)).await?),
        [413, 413] => "refused",
        _ => bail!("the large value: {seen:?}"),
    })
}

/// Kills Redis, or takes the folder of the session files away. Brings it back when the visitor has seen what happens.
async fn store_gone(env: &TestEnv, place: Place) -> Result<&'static str> {
    if matches!(place, Place::Memory | Place::Sticky | Place::Cookie) {
        return Ok("n/a");
    }
    let mut servers = Servers::two(env, place).await?;
    let mut visitor = servers.visitor();
    set_on_both(&mut visitor, "mine").await?;
    let (folder, away) = (session_files(env), env.path().join("away"));
    match place {
        Place::Redis => servers.deployment.redis()?.kill().await?,
        _ => fs::rename(&folder, &away)?,
    }
    let during = visitor.get("/").await?;
    match place {
        Place::Redis => servers.deployment.redis()?.resume().await?,
        _ => fs::rename(&away, &folder)?,
    }
    wait_until("the store to answer", PATIENCE, async || {
        Ok((visitor.get("/session/").await?.status == 200).then_some(()))
    })
    .await?;
    let after = kept(&has_value(&mut visitor, "mine").await?);
    Ok(match during.status {
        503 if after == "kept" => "503",
        200 | 503 => after,
        _ => bail!("without the store: {during:?}"),
    })
}

/// Sets the value by two requests, which reach both instances unless the visitor is pinned to one.
async fn set_on_both(visitor: &mut Visitor, value: &str) -> Result<()> {
    for _ in 0..2 {
        let seen = visitor.get(&format!("/session/set/{value}")).await?;
        ensure!(seen.status == 200, "{seen:?}");
    }
    Ok(())
}

/// Returns whether each of four responses has the value.
async fn has_value(visitor: &mut Visitor, value: &str) -> Result<[bool; 4]> {
    let mut has = [false; 4];
    for has in &mut has {
        let seen = visitor.get("/session/").await?;
        ensure!(seen.status == 200, "{seen:?}");
        *has = seen.body.trim_end() == value;
    }
    Ok(has)
}

/// Returns whether each count follows the one before.
fn follows(seen: &[Response]) -> bool {
    let pairs = seen.windows(2);
    let mut pairs = pairs.map(|pair| (pair[0].count(), pair[1].count()));
    pairs.all(|(one, next)| one.is_some() && one.map(|it| it + 1) == next)
}

fn kept(has: &[bool]) -> &'static str {
    match has.iter().filter(|has| **has).count() {
        0 => "lost",
        some if some < has.len() => "half",
        _ => "kept",
    }
}
