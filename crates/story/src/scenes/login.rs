//! A login: what it needs from its session.

use std::{cell::Cell, time::Duration};

use anyhow::{Context, Result, ensure};
use testkit::{Demo, Instance, Response, wait_until};

use crate::{Runtime, expect::Expect, matrix::Incident, narrator::Narrator, visitor::Visitor};

/// The longest wait on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a slow request takes. Docker's log must show its start before it ends.
const SLOW: &str = "2s";

impl Narrator<'_> {
    /// Logs `visitor` in as `user`.
    async fn log_in(&mut self, visitor: &mut Visitor, user: &str) -> Result<Response> {
        let json = format!(r#"{{"userId":"{user}"}}"#);
        let expect = Expect::text(&json);
        self.post(visitor, "/login", &json, expect).await
    }

    /// Visits the dashboard on both instances and expects the same of each.
    async fn dashboards(&mut self, visitor: &mut Visitor, expect: fn() -> Expect) -> Result<()> {
        let first = self.get(visitor, "/dashboard", expect()).await?;
        let expect = expect().other_instance(&first);
        self.get(visitor, "/dashboard", expect).await.map(drop)
    }
}

/// The dashboard of alice.
fn welcome() -> Expect {
    Expect::text("Welcome alice!")
}

/// The response to someone who is not logged in.
fn to_login() -> Expect {
    Expect::status("303 to /login")
}

pub(super) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Two instances share one Redis. Until alice logs in, both send her to the login page.",
    )?;
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &[]).await?;
    narrator.dashboards(&mut alice, to_login).await?;
    narrator.log_in(&mut alice, "alice").await?;
    narrator.say(
        "The session holds a greeting. The next instance shows it, and the one after \
         that does not.",
    )?;
    let greeting = welcome().second_line("Logged in as alice");
    let first = narrator.get(&mut alice, "/dashboard", greeting).await?;
    let expect = welcome().second_line("").other_instance(&first);
    narrator
        .get(&mut alice, "/dashboard", expect)
        .await
        .map(drop)
}

pub(super) async fn fixation(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator
        .say("An attacker has made alice use a session ID that the attacker knows. She logs in.")?;
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &[]).await?;
    let before = narrator
        .get(&mut alice, "/api/counter", Expect::default())
        .await?;
    let mut attacker = alice.copied()?;
    let json = r#"{"userId":"alice"}"#;
    let expect = Expect::text(json).new_session(&before);
    narrator.post(&mut alice, "/login", json, expect).await?;
    narrator.say("Alice, on both instances:")?;
    narrator.dashboards(&mut alice, welcome).await?;
    narrator.say("The attacker with the old ID, on both instances:")?;
    narrator.dashboards(&mut attacker, to_login).await
}

pub(super) async fn logout(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("Alice is logged in. A thief has a copy of her cookie.")?;
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &[]).await?;
    narrator.log_in(&mut alice, "alice").await?;
    let mut thief = alice.copied()?;
    narrator.dashboards(&mut thief, welcome).await?;
    narrator.say("She logs out, on one instance. The thief tries the copy on both:")?;
    narrator.post(&mut alice, "/logout", "", to_login()).await?;
    narrator.dashboards(&mut thief, to_login).await?;
    narrator
        .matrix
        .record(Demo::Redis, Incident::LogoutAll, "all");
    Ok(())
}

pub(super) async fn in_flight(narrator: &mut Narrator<'_>) -> Result<()> {
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

pub(super) async fn sessions(narrator: &mut Narrator<'_>) -> Result<()> {
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

pub(super) async fn message(narrator: &mut Narrator<'_>) -> Result<()> {
    const MESSAGE: &str = r#"{"message":"hello"}"#;
    const RECEIVED: &str = r#"{"from":"alice","message":"hello"}"#;
    narrator.say(
        "Someone who is not logged in cannot send a message. A message from alice \
         reaches bob on both instances.",
    )?;
    let (deployment, mut stranger) = narrator.balanced(Demo::Login, &[]).await?;
    narrator
        .post(&mut stranger, "/message", MESSAGE, Expect::status("403"))
        .await?;
    let mut alice = Visitor::new(&deployment.endpoint);
    let mut bob = Visitor::new(&deployment.endpoint);
    narrator.log_in(&mut alice, "alice").await?;
    narrator.log_in(&mut bob, "bob").await?;
    // HAProxy alternates, so each instance gets one of the two streams.
    let open = async { tokio::try_join!(bob.listen("/messages"), bob.listen("/messages")) };
    let streams = narrator
        .act("bob opens two streams, one on each instance", open)
        .await?;
    narrator
        .post(&mut alice, "/message", MESSAGE, Expect::status("202"))
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
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &settings).await?;
    narrator.log_in(&mut alice, "alice").await?;
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
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &settings).await?;
    narrator.log_in(&mut alice, "alice").await?;
    let busy = wait_until("the absolute timeout", PATIENCE, async || {
        Ok((alice.get("/dashboard").await?.status == 303).then_some(()))
    });
    narrator
        .act("alice sends one request after the other", busy)
        .await?;
    narrator.get(&mut alice, "/dashboard", to_login()).await?;
    narrator.reset(Demo::Login).await
}
