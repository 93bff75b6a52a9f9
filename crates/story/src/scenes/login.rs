//! A login: what it needs from its session.

use std::{cell::Cell, time::Duration};

use anyhow::{Context, Result, ensure};
use testkit::{Demo, Response, Topology, wait_until};

use crate::{expect::Expect, matrix::Incident, narrator::Narrator, visitor::Visitor};

/// The longest wait on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a slow request takes. Docker's log must show its start before it ends.
const SLOW: &str = "2s";

/// Logs `visitor` in as `user`.
async fn log_in(
    narrator: &mut Narrator<'_>,
    visitor: &mut Visitor,
    user: &str,
) -> Result<Response> {
    let json = format!(r#"{{"userId":"{user}"}}"#);
    let expect = Expect::text(&json);
    narrator.post(visitor, "/login", &json, expect).await
}

/// Visits the dashboard on both instances and expects the same of each.
async fn dashboards(
    narrator: &mut Narrator<'_>,
    visitor: &mut Visitor,
    expect: &Expect,
) -> Result<()> {
    let first = narrator.get(visitor, "/dashboard", expect.clone()).await?;
    let second = expect.clone().other_instance(&first);
    narrator.get(visitor, "/dashboard", second).await?;
    Ok(())
}

/// The dashboard of alice.
fn welcome() -> Expect {
    Expect::text("Welcome alice!")
}

/// The response to someone who is not logged in.
fn to_login() -> Expect {
    Expect::redirect("/login")
}

pub(super) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Two instances share one Redis. Until alice logs in, both send her to the login page.",
    )?;
    let deployment = narrator.deploy(Topology::balanced(Demo::Login)).await?;
    let mut alice = Visitor::new(&deployment.endpoint);
    dashboards(narrator, &mut alice, &to_login()).await?;
    log_in(narrator, &mut alice, "alice").await?;
    narrator.say(
        "The session holds a greeting. The next instance shows it, and the one after \
         that does not.",
    )?;
    let greeting = welcome().second_line("Logged in as alice");
    let first = narrator.get(&mut alice, "/dashboard", greeting).await?;
    let expect = welcome().second_line("").other_instance(&first);
    narrator.get(&mut alice, "/dashboard", expect).await?;
    Ok(())
}

pub(super) async fn fixation(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator
        .say("An attacker has made alice use a session ID that the attacker knows. She logs in.")?;
    let deployment = narrator.deploy(Topology::balanced(Demo::Login)).await?;
    let mut alice = Visitor::new(&deployment.endpoint);
    let before = narrator
        .get(&mut alice, "/api/counter", Expect::default())
        .await?;
    let mut attacker = alice.copied()?;
    let json = r#"{"userId":"alice"}"#;
    let expect = Expect::text(json).new_session(&before);
    narrator.post(&mut alice, "/login", json, expect).await?;
    narrator.say("Alice, on both instances:")?;
    dashboards(narrator, &mut alice, &welcome()).await?;
    narrator.say("The attacker with the old ID, on both instances:")?;
    dashboards(narrator, &mut attacker, &to_login()).await
}

/// Shows that memory and files cannot log a visitor out everywhere. The counter application has no
/// logout, so the visitor removes a value.
pub(super) async fn taken_back(narrator: &mut Narrator<'_>) -> Result<()> {
    for (demo, store) in [(Demo::Memory, "Memory"), (Demo::File, "Files")] {
        narrator.say(&format!(
            "{store}: a visitor sets a value on both instances and removes it on one."
        ))?;
        let deployment = narrator.deploy(Topology::two(demo)).await?;
        let (one, two) = (
            deployment.instances[0].endpoint(),
            deployment.instances[1].endpoint(),
        );
        let mut visitor = Visitor::new(&one);
        for (endpoint, path, text) in [
            (&one, "/session/set/mine", "value set: mine"),
            (&two, "/session/set/mine", "value set: mine"),
            (&one, "/session/unset/", "value unset"),
            (&one, "/session/", "no value set"),
            (&two, "/session/", "mine"),
        ] {
            let visitor = visitor.at(endpoint);
            narrator.get(visitor, path, Expect::text(text)).await?;
        }
        narrator.record(demo, Incident::LogoutAll, "one only");
    }
    Ok(())
}

pub(super) async fn logout(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("Alice is logged in. A thief has a copy of her cookie.")?;
    let deployment = narrator.deploy(Topology::balanced(Demo::Login)).await?;
    let mut alice = Visitor::new(&deployment.endpoint);
    log_in(narrator, &mut alice, "alice").await?;
    let mut thief = alice.copied()?;
    dashboards(narrator, &mut thief, &welcome()).await?;
    narrator.say("She logs out, on one instance. The thief tries the copy on both:")?;
    narrator.post(&mut alice, "/logout", "", to_login()).await?;
    dashboards(narrator, &mut thief, &to_login()).await?;
    narrator.record(Demo::Redis, Incident::LogoutAll, "all");
    Ok(())
}

pub(super) async fn in_flight(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Alice logs out while a slow request of hers is in flight. When that request finishes, \
         it tries to write to her session (count), or also to give it a new ID (renew, rotate). \
         Then her tab and a thief with a copy of her cookie visit both instances.",
    )?;
    let deployment = narrator
        .deploy_with(Topology::balanced(Demo::Login), &[("LAB", "true")])
        .await?;
    let runtime = narrator.runtime();
    let started = async || {
        let log = runtime.log(&deployment, Demo::Login).await?;
        anyhow::Ok(log.matches("slow: begun").count())
    };
    for then in ["count", "renew", "rotate"] {
        let mut alice = Visitor::new(&deployment.endpoint);
        log_in(narrator, &mut alice, "alice").await?;
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
            ensure!(slow.status == 200 && logout.status == 303, "{slow:?}");
            Ok(())
        };
        narrator.act(&what, both).await?;
        dashboards(narrator, &mut tab, &to_login()).await?;
        dashboards(narrator, &mut thief, &to_login()).await?;
    }
    narrator.reset(Demo::Login).await
}

pub(super) async fn sessions(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Carol is logged in at home and on her phone. At home she revokes all her other sessions.",
    )?;
    let deployment = narrator.deploy(Topology::balanced(Demo::Login)).await?;
    let mut home = Visitor::new(&deployment.endpoint);
    let mut phone = Visitor::new(&deployment.endpoint);
    // Not alice: she has sessions of other scenes, if the scenes share a Redis.
    log_in(narrator, &mut home, "carol").await?;
    log_in(narrator, &mut phone, "carol").await?;
    let welcome = Expect::text("Welcome carol!");
    dashboards(narrator, &mut phone, &welcome).await?;
    let ended = Expect::text(r#"{"ended":1}"#);
    narrator
        .post(&mut home, "/sessions/revoke-others", "", ended)
        .await?;
    narrator.say("The phone on both instances, then the browser at home:")?;
    dashboards(narrator, &mut phone, &to_login()).await?;
    dashboards(narrator, &mut home, &welcome).await
}

pub(super) async fn message(narrator: &mut Narrator<'_>) -> Result<()> {
    const MESSAGE: &str = r#"{"message":"hello"}"#;
    const RECEIVED: &str = r#"{"from":"alice","message":"hello"}"#;
    narrator.say(
        "Someone who is not logged in cannot send a message. A message from alice \
         reaches bob on both instances.",
    )?;
    let deployment = narrator.deploy(Topology::balanced(Demo::Login)).await?;
    let mut stranger = Visitor::new(&deployment.endpoint);
    narrator
        .post(&mut stranger, "/message", MESSAGE, Expect::status(403))
        .await?;
    let mut alice = Visitor::new(&deployment.endpoint);
    let mut bob = Visitor::new(&deployment.endpoint);
    log_in(narrator, &mut alice, "alice").await?;
    log_in(narrator, &mut bob, "bob").await?;
    // HAProxy alternates, so each instance gets one of the two streams.
    let open = async { tokio::try_join!(bob.listen("/messages"), bob.listen("/messages")) };
    let streams = narrator
        .act("bob opens two streams, one on each instance", open)
        .await?;
    narrator
        .post(&mut alice, "/message", MESSAGE, Expect::status(202))
        .await?;
    for mut stream in [streams.0, streams.1] {
        let read = async {
            let data = stream.next().await?.context("the stream has ended")?;
            ensure!(data == RECEIVED, "bob reads {data}");
            Ok(())
        };
        narrator.act(&format!("bob reads {RECEIVED}"), read).await?;
    }
    Ok(())
}

pub(super) async fn timeouts(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The idle timeout, here 1 second, counts from the last request.")?;
    let settings = [("IDLE_TIMEOUT", "1s")];
    let deployment = narrator
        .deploy_with(Topology::balanced(Demo::Login), &settings)
        .await?;
    let mut alice = Visitor::new(&deployment.endpoint);
    log_in(narrator, &mut alice, "alice").await?;
    narrator.get(&mut alice, "/dashboard", welcome()).await?;
    let mut pause = Duration::from_secs(1);
    let away = wait_until("the idle timeout", PATIENCE, async || {
        // Each request renews the timeout, so alice must stay away long enough between two.
        tokio::time::sleep(pause).await;
        pause += pause / 2;
        Ok((alice.get("/dashboard").await?.status == 303).then_some(()))
    });
    narrator.act("alice stays away", away).await?;
    narrator.get(&mut alice, "/dashboard", to_login()).await?;

    narrator.say(
        "The absolute timeout, here 1 second, counts from the start of the session, \
         however busy alice is.",
    )?;
    let settings = [("ABSOLUTE_TIMEOUT", "1s")];
    let deployment = narrator
        .deploy_with(Topology::balanced(Demo::Login), &settings)
        .await?;
    let mut alice = Visitor::new(&deployment.endpoint);
    log_in(narrator, &mut alice, "alice").await?;
    let busy = wait_until("the absolute timeout", PATIENCE, async || {
        Ok((alice.get("/dashboard").await?.status == 303).then_some(()))
    });
    narrator
        .act("alice sends one request after the other", busy)
        .await?;
    narrator.get(&mut alice, "/dashboard", to_login()).await?;
    narrator.reset(Demo::Login).await
}
