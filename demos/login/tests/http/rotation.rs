//! An id that grows old is exchanged for a new one.

use std::time::Duration;

use actix_web::rt;
use anyhow::{Context, Result};
use testkit::{Stage, Visitor, until};

use crate::common::{signed_in, welcome_everywhere, world};

/// Visits until the id changes; the old one comes back in a visitor of its own.
async fn rotated(visitor: &mut Visitor, front: &testkit::Front) -> Result<Visitor> {
    let old = visitor.copied()?;
    until(
        "the id to be exchanged",
        Duration::from_secs(10),
        async || {
            assert_eq!(visitor.get(front, "/dashboard").await?.status, 200);
            Ok((visitor.session_id() != old.session_id()).then_some(()))
        },
    )
    .await?;
    Ok(old)
}

#[actix_web::test]
async fn an_id_that_is_old_enough_is_exchanged_and_the_session_goes_on_under_the_new_one()
-> Result<()> {
    let stage = Stage::new()?;
    let world = world(&stage, &[("ROTATE_AFTER", "1s")]).await?;
    let mut alice = signed_in(&world.front, "alice").await?;
    alice.get(&world.front, "/api/counter").await?;
    rotated(&mut alice, &world.front).await?;
    assert_eq!(
        welcome_everywhere(&mut alice, &world.front)
            .await?
            .as_deref(),
        Some("alice")
    );
    assert_eq!(
        alice.get(&world.front, "/api/counter").await?.body,
        r#"{"count":2,"storage":"redis"}"#
    );
    Ok(())
}

#[actix_web::test]
async fn for_a_short_grace_the_old_id_leads_to_the_session_and_whoever_has_it_is_told_the_new_one()
-> Result<()> {
    let stage = Stage::new()?;
    let world = world(&stage, &[("ROTATE_AFTER", "5s"), ("ROTATION_GRACE", "30s")]).await?;
    let mut alice = signed_in(&world.front, "alice").await?;
    let mut other_tab = rotated(&mut alice, &world.front).await?;
    for path in crate::browser::PAGES {
        let mut tab = other_tab.copied()?;
        assert_eq!(tab.get(&world.front, path).await?.status, 200);
        assert_eq!(
            tab.session_id(),
            alice.session_id(),
            "the tab has lost nothing: {path}"
        );
    }
    other_tab.get(&world.front, "/dashboard").await?;
    assert_eq!(
        welcome_everywhere(&mut other_tab, &world.front)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}

#[actix_web::test]
async fn after_the_grace_the_old_id_is_dead() -> Result<()> {
    let stage = Stage::new()?;
    let world = world(
        &stage,
        &[("ROTATE_AFTER", "5s"), ("ROTATION_GRACE", "500ms")],
    )
    .await?;
    let mut alice = signed_in(&world.front, "alice").await?;
    let old = rotated(&mut alice, &world.front).await?;
    // Each time with the old id again: within the grace an answer brings the new one.
    until("the grace to be over", Duration::from_secs(4), async || {
        Ok((old.copied()?.get(&world.front, "/dashboard").await?.status == 303).then_some(()))
    })
    .await?;
    assert_eq!(
        welcome_everywhere(&mut old.copied()?, &world.front).await?,
        None
    );
    assert_eq!(
        welcome_everywhere(&mut alice, &world.front)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}

#[actix_web::test]
async fn many_requests_at_once_lose_nothing_to_a_rotation() -> Result<()> {
    let stage = Stage::new()?;
    let world = world(&stage, &[("ROTATE_AFTER", "1s")]).await?;
    let mut alice = signed_in(&world.front, "alice").await?;
    let first = alice.session_id().map(str::to_owned);
    until(
        "a rotation among many requests",
        Duration::from_secs(10),
        async || {
            let mut tabs = Vec::new();
            for _ in 0..6 {
                let (mut tab, front) = (alice.copied()?, world.front.clone());
                tabs.push(rt::spawn(async move {
                    (tab.get(&front, "/dashboard").await, tab)
                }));
            }
            for tab in tabs {
                let (seen, tab) = tab.await.context("panicked")?;
                assert_eq!(seen?.status, 200);
                alice = tab;
            }
            Ok((alice.session_id() != first.as_deref()).then_some(()))
        },
    )
    .await?;
    assert_eq!(
        welcome_everywhere(&mut alice, &world.front)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}

#[actix_web::test]
async fn the_absolute_timeout_counts_on_through_rotations() -> Result<()> {
    let stage = Stage::new()?;
    let world = world(
        &stage,
        &[("ROTATE_AFTER", "300ms"), ("ABSOLUTE_TIMEOUT", "3s")],
    )
    .await?;
    let mut alice = signed_in(&world.front, "alice").await?;
    let mut ids = std::collections::BTreeSet::new();
    until(
        "the absolute timeout",
        Duration::from_secs(10),
        async || {
            ids.extend(alice.session_id().map(str::to_owned));
            Ok((alice.get(&world.front, "/dashboard").await?.status == 303).then_some(()))
        },
    )
    .await?;
    assert!(ids.len() > 2, "{ids:?}");
    Ok(())
}
