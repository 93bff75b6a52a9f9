//! Requests that began before the session's end, and finish after it: they don't bring it back.

use std::time::Duration;

use actix_web::rt;
use anyhow::{Context, Result, ensure};
use testkit::{Front, Instance, Observation, Stage, Visitor, World, until};

use crate::common::{sign_in, signed_in, welcome_everywhere, world};

/// A request that takes its time on the first instance, which has loaded its session by now, and that does `then` to it
/// in the end.
async fn slow(
    world: &World,
    visitor: &Visitor,
    then: &str,
) -> Result<rt::task::JoinHandle<Result<(Observation, Visitor)>>> {
    let instance = &world.instances[0];
    let (front, path) = (instance.front(), format!("/slow?for=1500ms&then={then}"));
    let mut tab = visitor.copied()?;
    let before = begun(instance);
    let request = rt::spawn(async move { Ok((tab.post(&front, &path, "").await?, tab)) });
    until(
        "the slow request to have begun",
        Duration::from_secs(5),
        async || Ok((begun(instance) > before).then_some(())),
    )
    .await?;
    Ok(request)
}

fn begun(instance: &Instance) -> usize {
    instance.log().matches("slow: begun").count()
}

/// What the slow request came to; it must have been in flight all the time.
async fn outcome(
    request: rt::task::JoinHandle<Result<(Observation, Visitor)>>,
) -> Result<(Observation, Visitor)> {
    ensure!(
        !request.is_finished(),
        "it was over before what should have happened meanwhile"
    );
    request.await.context("panicked")?
}

fn keys(world: &mut World) -> Result<usize> {
    Ok(world
        .redis()?
        .cli(&["--scan", "--pattern", "session:*"])?
        .lines()
        .count())
}

#[actix_web::test]
async fn a_sign_out_on_another_instance_beats_a_request_in_flight_a_renewal_and_a_rotation()
-> Result<()> {
    let stage = Stage::new()?;
    let mut world = world(&stage, &[("LAB", "true")]).await?;
    let front: Front = world.front.clone();
    for then in ["count", "renew", "rotate"] {
        let mut alice = signed_in(&front, "alice").await?;
        let mut copy = alice.copied()?;
        let request = slow(&world, &alice, then).await?;
        let elsewhere = world.instances[1].front();
        assert_eq!(alice.post(&elsewhere, "/logout", "").await?.status, 303);
        let (seen, mut tab) = outcome(request).await?;
        assert_eq!(seen.status, 200, "{then}");
        for visitor in [&mut alice, &mut tab, &mut copy] {
            assert_eq!(welcome_everywhere(visitor, &front).await?, None, "{then}");
        }
    }
    let left = world.redis()?.cli(&["--scan", "--pattern", "session:*"])?;
    for key in left.lines() {
        assert_eq!(
            world.redis()?.cli(&["TYPE", key])?.trim(),
            "hash",
            "only words that an id is dead: {key}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_sign_out_with_the_old_id_ends_a_session_that_was_renewed_while_it_was_in_flight()
-> Result<()> {
    let stage = Stage::new()?;
    let world = world(&stage, &[("LAB", "true")]).await?;
    let mut alice = signed_in(&world.front, "alice").await?;
    let mut other_tab = alice.copied()?;
    // Its answer, with the new id, has arrived; the other tab still has the old one.
    let renewed = alice
        .post(&world.front, "/slow?for=1ms&then=rotate", "")
        .await?;
    assert_eq!(renewed.status, 200);
    other_tab.post(&world.front, "/logout", "").await?;
    assert_eq!(welcome_everywhere(&mut alice, &world.front).await?, None);
    Ok(())
}

#[actix_web::test]
async fn two_sign_ins_at_once_end_in_a_session_each_and_none_under_the_old_id() -> Result<()> {
    let stage = Stage::new()?;
    let mut world = world(&stage, &[("LAB", "true")]).await?;
    let front = world.front.clone();
    let mut first = signed_in(&front, "alice").await?;
    let mut old = first.copied()?;
    let request = slow(&world, &first, "sign-in").await?;
    sign_in(&mut first, &world.instances[1].front(), "alice").await?;
    let (_, mut second) = outcome(request).await?;
    assert_ne!(first.session_id(), second.session_id());
    for visitor in [&mut first, &mut second] {
        assert_eq!(
            welcome_everywhere(visitor, &front).await?.as_deref(),
            Some("alice")
        );
    }
    assert_eq!(welcome_everywhere(&mut old, &front).await?, None);
    assert_eq!(
        keys(&mut world)?,
        3,
        "two sessions, and a word that the old id is dead"
    );
    Ok(())
}

#[actix_web::test]
async fn without_the_lab_there_is_no_slow_request_and_with_it_no_endless_one() -> Result<()> {
    let stage = Stage::new()?;
    let quiet = world(&stage, &[]).await?;
    assert_eq!(
        Visitor::new().post(&quiet.front, "/slow", "").await?.status,
        404
    );
    let lab = world(&stage, &[("LAB", "true"), ("INSTANCE", "lab")]).await?;
    for (query, field) in [
        ("for=1h", "for"),
        ("for=%3Cb%3E", "for"),
        ("then=%3Cb%3E", "query"),
    ] {
        let seen = Visitor::new()
            .post(&lab.front, &format!("/slow?{query}"), "")
            .await?;
        let told: serde_json::Value = serde_json::from_str(&seen.body)?;
        assert_eq!(
            (seen.status, told["field"].as_str()),
            (400, Some(field)),
            "{query}"
        );
        assert!(!seen.body.contains("<b>"), "{query}");
    }
    Ok(())
}
