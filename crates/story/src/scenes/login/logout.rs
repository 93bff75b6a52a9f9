//! Logging out: this browser, and the user's other browsers.

use std::{cell::Cell, time::Duration};

use anyhow::{Result, ensure};
use testkit::{Demo, Instance, Topology, wait_until};

use super::{to_login, welcome};
use crate::{Runtime, expect::Expect, narrator::Narrator, visitor::Visitor};

/// The longest wait on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a slow request takes. Docker's log must show its start before it ends.
const SLOW: &str = "2s";

pub(crate) async fn logout(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("Alice is logged in. A thief has a copy of her cookie.")?;
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &[]).await?;
    narrator.log_in(&mut alice, "alice").await?;
    let mut thief = alice.copied()?;
    narrator.dashboards(&mut thief, welcome).await?;
    narrator.say("She logs out, on one instance. The thief tries the copy on both:")?;
    narrator.post(&mut alice, "/logout", "", to_login()).await?;
    narrator.dashboards(&mut thief, to_login).await?;
    Ok(())
}

/// Shows that memory and files cannot log a visitor out everywhere.
pub(crate) async fn on_one_instance(narrator: &mut Narrator<'_>) -> Result<()> {
    for (demo, store) in [(Demo::Memory, "Memory"), (Demo::File, "Files")] {
        narrator.say(&format!(
            "{store}: a visitor sets a value on both instances, and logs out on one. \
             A thief tries a copy of the cookie on both."
        ))?;
        let deployment = narrator.deploy(Topology::two(demo), &[]).await?;
        let endpoints = deployment.instances.iter().map(Instance::endpoint);
        let endpoints: Vec<_> = endpoints.collect();
        let mut visitor = Visitor::new(&deployment.endpoint);
        for endpoint in &endpoints {
            let expect = Expect::text("value set: mine");
            let visitor = visitor.at(endpoint);
            narrator.get(visitor, "/session/set/mine", expect).await?;
        }
        let mut thief = visitor.copied()?;
        let expect = Expect::status("303 to /");
        let visitor = visitor.at(&endpoints[0]);
        narrator.post(visitor, "/logout", "", expect).await?;
        for (endpoint, shown) in endpoints.iter().zip(["no value set", "mine"]) {
            let thief = thief.at(endpoint);
            narrator
                .get(thief, "/session/", Expect::text(shown))
                .await?;
        }
    }
    Ok(())
}

pub(crate) async fn in_flight(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Alice logs out while a slow request of hers is in flight. When that request finishes, \
         it tries to write to her session (count), or to give it a new ID (rotate). \
         Then her tab and a thief with a copy of her cookie visit both instances.",
    )?;
    let settings = [("LAB", "true")];
    let (deployment, _) = narrator.balanced(Demo::Login, &settings).await?;
    let runtime = narrator.runtime;
    let started = async || {
        let log = match runtime {
            Runtime::Native => deployment.instances.iter().map(Instance::log).collect(),
            Runtime::Compose(compose) => compose.log(Demo::Login).await?,
        };
        anyhow::Ok(log.matches("slow: begun").count())
    };
    for (then, status) in [("count", 409), ("rotate", 204)] {
        let mut alice = Visitor::new(&deployment.endpoint);
        narrator.log_in(&mut alice, "alice").await?;
        let (mut tab, mut thief) = (alice.copied()?, alice.copied()?);
        let before = started().await?;
        let path = format!("/slow?for={SLOW}&then={then}");
        let is_over = Cell::new(false);
        let slow = async {
            let seen = tab.post(&path, "").await;
            is_over.set(true);
            seen
        };
        let logout = async {
            wait_until("the slow request to start", PATIENCE, async || {
                Ok((started().await? > before).then_some(()))
            })
            .await?;
            let seen = alice.post("/logout", "").await?;
            ensure!(!is_over.get(), "the logout came too late");
            Ok(seen)
        };
        let what = format!("POST {path}, and meanwhile POST /logout");
        let both = async {
            let (slow, logout) = tokio::try_join!(slow, logout)?;
            ensure!(slow.status == status && logout.status == 303, "{slow:?}");
            Ok(())
        };
        narrator.act(&what, both).await?;
        narrator.dashboards(&mut tab, to_login).await?;
        narrator.dashboards(&mut thief, to_login).await?;
    }
    narrator.reset(Demo::Login).await
}

pub(crate) async fn sessions(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Carol is logged in at home and on her phone. At home she revokes all her other sessions.",
    )?;
    let (deployment, mut home) = narrator.balanced(Demo::Login, &[]).await?;
    let mut phone = Visitor::new(&deployment.endpoint);
    // Not alice: she has sessions of other scenes, if the scenes share a Redis.
    narrator.log_in(&mut home, "carol").await?;
    narrator.log_in(&mut phone, "carol").await?;
    let welcome = || Expect::text("Welcome carol!");
    narrator.dashboards(&mut phone, welcome).await?;
    let ended = Expect::text(r#"{"ended":1}"#);
    narrator
        .post(&mut home, "/sessions/revoke-others", "", ended)
        .await?;
    narrator.say("The phone on both instances, then the browser at home:")?;
    narrator.dashboards(&mut phone, to_login).await?;
    narrator.dashboards(&mut home, welcome).await
}
