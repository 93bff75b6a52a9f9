//! A sign-in: what it needs from its session.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use testkit::{Demo, Endpoint, Response, Topology, Visitor, wait_until};

use crate::{Event, Expect, Telling};

/// Longest that something may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a slow request takes: long enough for Docker to tell that it has begun.
const SLOW: &str = "1s";

const ALICE: &str = r#"{"userId":"alice"}"#;

/// Signs `visitor` in as alice.
async fn sign_in(
    telling: &mut Telling<'_>,
    visitor: &mut Visitor,
    endpoint: &Endpoint,
) -> Result<Response> {
    telling
        .post(visitor, endpoint, "/login", ALICE, Expect::text(ALICE))
        .await
}

/// Looks at the dashboard on both instances, which must each answer with `expect`.
async fn on_both(
    telling: &mut Telling<'_>,
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    expect: &Expect,
) -> Result<()> {
    let first = telling
        .visit(visitor, endpoint, "/dashboard", expect.clone())
        .await?;
    telling
        .visit(
            visitor,
            endpoint,
            "/dashboard",
            expect.clone().another_instance(&first),
        )
        .await
        .map(drop)
}

fn welcome() -> Expect {
    Expect::text("Welcome alice!")
}

fn turned_away() -> Expect {
    Expect::way_to("/login")
}

pub(super) async fn two(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("Two instances, one Redis. Alice has not signed in; then she has, on whichever instance it was.")?;
    let deployment = telling.deployment(Topology::balanced(Demo::Login)).await?;
    let mut alice = Visitor::new();
    on_both(telling, &mut alice, &deployment.endpoint, &turned_away()).await?;
    sign_in(telling, &mut alice, &deployment.endpoint).await?;
    telling
        .say("The greeting is in the session, and shown once, on whichever instance comes next.")?;
    let first = telling
        .visit(
            &mut alice,
            &deployment.endpoint,
            "/dashboard",
            welcome().then("Logged in as alice"),
        )
        .await?;
    telling
        .visit(
            &mut alice,
            &deployment.endpoint,
            "/dashboard",
            welcome().then("").another_instance(&first),
        )
        .await?;
    Ok(())
}

pub(super) async fn fixation(telling: &mut Telling<'_>) -> Result<()> {
    telling.say(
        "An attacker has an id and sees to it that alice comes with the same one. She signs in.",
    )?;
    let deployment = telling.deployment(Topology::balanced(Demo::Login)).await?;
    let mut alice = Visitor::new();
    let before = telling
        .visit(
            &mut alice,
            &deployment.endpoint,
            "/api/counter",
            Expect::default(),
        )
        .await?;
    let mut attacker = alice.copied()?;
    telling
        .post(
            &mut alice,
            &deployment.endpoint,
            "/login",
            ALICE,
            Expect::text(ALICE).another_session(&before),
        )
        .await?;
    telling.say("Alice, on both instances:")?;
    on_both(telling, &mut alice, &deployment.endpoint, &welcome()).await?;
    telling.say("The attacker, with the old id, on both instances:")?;
    on_both(telling, &mut attacker, &deployment.endpoint, &turned_away()).await
}

pub(super) async fn logout(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("Alice is signed in. Somebody has copied her cookie.")?;
    let deployment = telling.deployment(Topology::balanced(Demo::Login)).await?;
    let mut alice = Visitor::new();
    sign_in(telling, &mut alice, &deployment.endpoint).await?;
    let mut thief = alice.copied()?;
    on_both(telling, &mut thief, &deployment.endpoint, &welcome()).await?;
    telling.say("She signs out, on one of the two. The copy, on both:")?;
    telling
        .post(
            &mut alice,
            &deployment.endpoint,
            "/logout",
            "",
            Expect::way_to("/login"),
        )
        .await?;
    on_both(telling, &mut thief, &deployment.endpoint, &turned_away()).await?;
    telling.cell(Demo::Redis, Event::LogoutAll, "all");
    Ok(())
}

pub(super) async fn sessions(telling: &mut Telling<'_>) -> Result<()> {
    // Not alice: where scenes share a Redis, she has sessions of other scenes.
    const CAROL: &str = r#"{"userId":"carol"}"#;
    telling.say(
        "Carol is signed in at home and on her way. At home she ends all her other sessions.",
    )?;
    let deployment = telling.deployment(Topology::balanced(Demo::Login)).await?;
    let (mut home, mut away) = (Visitor::new(), Visitor::new());
    for browser in [&mut home, &mut away] {
        telling
            .post(
                browser,
                &deployment.endpoint,
                "/login",
                CAROL,
                Expect::text(CAROL),
            )
            .await?;
    }
    let welcome = Expect::text("Welcome carol!");
    on_both(telling, &mut away, &deployment.endpoint, &welcome).await?;
    telling
        .post(
            &mut home,
            &deployment.endpoint,
            "/sessions/revoke-others",
            "",
            Expect::text(r#"{"ended":1}"#),
        )
        .await?;
    telling.say("The browser on the way, on both instances, and the one at home:")?;
    on_both(telling, &mut away, &deployment.endpoint, &turned_away()).await?;
    on_both(telling, &mut home, &deployment.endpoint, &welcome).await
}

pub(super) async fn message(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("Who is not signed in sends nothing. What alice sends is read by bob, whichever instance holds his stream.")?;
    let deployment = telling.deployment(Topology::balanced(Demo::Login)).await?;
    let message = r#"{"message":"hello"}"#;
    telling
        .post(
            &mut Visitor::new(),
            &deployment.endpoint,
            "/message",
            message,
            Expect::status(403),
        )
        .await?;
    let (mut alice, mut bob) = (Visitor::new(), Visitor::new());
    sign_in(telling, &mut alice, &deployment.endpoint).await?;
    telling
        .post(
            &mut bob,
            &deployment.endpoint,
            "/login",
            r#"{"userId":"bob"}"#,
            Expect::text(r#"{"userId":"bob"}"#),
        )
        .await?;
    // In turn: one of the two is held by the first instance, the other one by the second.
    let open = async {
        tokio::try_join!(
            bob.listen(&deployment.endpoint, "/messages"),
            bob.listen(&deployment.endpoint, "/messages")
        )
    };
    let (one, two) = telling
        .act(
            "bob listens twice, through HAProxy: once on each instance",
            open,
        )
        .await?;
    telling
        .post(
            &mut alice,
            &deployment.endpoint,
            "/message",
            message,
            Expect::status(202),
        )
        .await?;
    for mut stream in [one, two] {
        let read = async {
            let data = stream.next().await?.context("the stream has ended")?;
            ensure!(
                data == r#"{"from":"alice","message":"hello"}"#,
                "bob reads {data}"
            );
            Ok(())
        };
        telling
            .act(r#"bob reads {"from":"alice","message":"hello"}"#, read)
            .await?;
    }
    Ok(())
}

/// What the stores of single servers make of an end: the value that a visitor takes back on one of two.
pub(super) async fn taken_back(telling: &mut Telling<'_>) -> Result<()> {
    for demo in [Demo::Memory, Demo::File] {
        telling.say(&format!(
            "{}: a value on both servers, taken back on one.",
            demo.name()
        ))?;
        let deployment = telling.deployment(Topology::two(demo)).await?;
        let [one, two] = [
            deployment.instances[0].endpoint(),
            deployment.instances[1].endpoint(),
        ];
        let mut visitor = Visitor::new();
        for endpoint in [&one, &two] {
            telling
                .visit(
                    &mut visitor,
                    endpoint,
                    "/session/set/mine",
                    Expect::text("value set: mine"),
                )
                .await?;
        }
        telling
            .visit(
                &mut visitor,
                &one,
                "/session/unset/",
                Expect::text("value unset"),
            )
            .await?;
        telling
            .visit(
                &mut visitor,
                &one,
                "/session/",
                Expect::text("no value set"),
            )
            .await?;
        telling
            .visit(&mut visitor, &two, "/session/", Expect::text("mine"))
            .await?;
        telling.cell(demo, Event::LogoutAll, "one only");
    }
    Ok(())
}

pub(super) async fn in_flight(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("A slow request of alice's is under way when she signs out. When it ends it writes to her session, or renews it.")?;
    let deployment = telling
        .world_with(Topology::balanced(Demo::Login), &[("LAB", "true")])
        .await?;
    for then in ["count", "renew", "rotate"] {
        let mut alice = Visitor::new();
        sign_in(telling, &mut alice, &deployment.endpoint).await?;
        let (mut tab, mut thief) = (alice.copied()?, alice.copied()?);
        let place = telling.place();
        let begun = async || {
            anyhow::Ok(
                place
                    .log(&deployment, Demo::Login)
                    .await?
                    .matches("slow: begun")
                    .count(),
            )
        };
        let before = begun().await?;
        let path = format!("/slow?for={SLOW}&then={then}");
        let slow = tab.post_json(&deployment.endpoint, &path, "");
        let out = async {
            wait_until("the slow request to begin", PATIENCE, async || {
                Ok((begun().await? > before).then_some(()))
            })
            .await?;
            alice.post_json(&deployment.endpoint, "/logout", "").await
        };
        let what = format!("POST {path} ... meanwhile POST /logout");
        telling
            .act(&what, async { tokio::try_join!(slow, out) })
            .await?;
        on_both(telling, &mut tab, &deployment.endpoint, &turned_away()).await?;
        on_both(telling, &mut thief, &deployment.endpoint, &turned_away()).await?;
    }
    telling.unset(Demo::Login).await
}

pub(super) async fn timeouts(telling: &mut Telling<'_>) -> Result<()> {
    telling.say(
        "The idle timeout, here a second, counts from the last visit: who stays away is out.",
    )?;
    let deployment = telling
        .world_with(Topology::balanced(Demo::Login), &[("IDLE_TIMEOUT", "1s")])
        .await?;
    let mut alice = Visitor::new();
    sign_in(telling, &mut alice, &deployment.endpoint).await?;
    telling
        .visit(&mut alice, &deployment.endpoint, "/dashboard", welcome())
        .await?;
    let away = async {
        let mut pause = Duration::from_secs(1);
        wait_until("the idle timeout", PATIENCE, async || {
            // Asking renews it: only who stays away for long enough is out.
            tokio::time::sleep(pause).await;
            pause += pause / 2;
            Ok((alice.get(&deployment.endpoint, "/dashboard").await?.status == 303).then_some(()))
        })
        .await
    };
    telling.act("alice stays away", away).await?;
    telling
        .visit(
            &mut alice,
            &deployment.endpoint,
            "/dashboard",
            turned_away(),
        )
        .await?;

    telling.say("The absolute timeout, here a second, counts from the beginning of the session, however busy it is.")?;
    let deployment = telling
        .world_with(
            Topology::balanced(Demo::Login),
            &[("ABSOLUTE_TIMEOUT", "1s")],
        )
        .await?;
    let mut alice = Visitor::new();
    sign_in(telling, &mut alice, &deployment.endpoint).await?;
    let busy = wait_until("the absolute timeout", PATIENCE, async || {
        Ok((alice.get(&deployment.endpoint, "/dashboard").await?.status == 303).then_some(()))
    });
    telling.act("alice keeps asking", busy).await?;
    telling
        .visit(
            &mut alice,
            &deployment.endpoint,
            "/dashboard",
            turned_away(),
        )
        .await?;
    telling.unset(Demo::Login).await
}
