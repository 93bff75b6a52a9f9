//! An id that grows old is exchanged for a new one.

use std::time::Duration;

use actix_web::rt;
use anyhow::{Context, Result};
use testkit::{TestEnv, Visitor, wait_until};

use crate::common::{deployment, signed_in, welcome_everywhere};

/// Visits until the id changes; the old one comes back in a visitor of its own.
async fn rotated(visitor: &mut Visitor, endpoint: &testkit::Endpoint) -> Result<Visitor> {
    let old = visitor.copied()?;
    wait_until(
        "the id to be exchanged",
        Duration::from_secs(10),
        async || {
            assert_eq!(visitor.get(endpoint, "/dashboard").await?.status, 200);
            Ok((visitor.session_id() != old.session_id()).then_some(()))
        },
    )
    .await?;
    Ok(old)
}

#[actix_web::test]
async fn an_id_that_is_old_enough_is_exchanged_and_the_session_goes_on_under_the_new_one()
-> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[("ROTATE_AFTER", "1s")]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    alice.get(&deployment.endpoint, "/api/counter").await?;
    rotated(&mut alice, &deployment.endpoint).await?;
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    assert_eq!(
        alice.get(&deployment.endpoint, "/api/counter").await?.body,
        r#"{"count":2,"storage":"redis"}"#
    );
    Ok(())
}

#[actix_web::test]
async fn for_a_short_grace_the_old_id_leads_to_the_session_and_whoever_has_it_is_told_the_new_one()
-> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[("ROTATE_AFTER", "5s"), ("ROTATION_GRACE", "30s")]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut other_tab = rotated(&mut alice, &deployment.endpoint).await?;
    for path in crate::browser::PAGES {
        let mut tab = other_tab.copied()?;
        assert_eq!(tab.get(&deployment.endpoint, path).await?.status, 200);
        assert_eq!(
            tab.session_id(),
            alice.session_id(),
            "the tab has lost nothing: {path}"
        );
    }
    other_tab.get(&deployment.endpoint, "/dashboard").await?;
    assert_eq!(
        welcome_everywhere(&mut other_tab, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}

#[actix_web::test]
async fn after_the_grace_the_old_id_is_dead() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment =
        deployment(&env, &[("ROTATE_AFTER", "5s"), ("ROTATION_GRACE", "500ms")]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let old = rotated(&mut alice, &deployment.endpoint).await?;
    // Each time with the old id again: within the grace an answer brings the new one.
    wait_until("the grace to be over", Duration::from_secs(4), async || {
        Ok((old
            .copied()?
            .get(&deployment.endpoint, "/dashboard")
            .await?
            .status
            == 303)
            .then_some(()))
    })
    .await?;
    assert_eq!(
        welcome_everywhere(&mut old.copied()?, &deployment.endpoint).await?,
        None
    );
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}

#[actix_web::test]
async fn many_requests_at_once_lose_nothing_to_a_rotation() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[("ROTATE_AFTER", "1s")]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let first = alice.session_id().map(str::to_owned);
    wait_until(
        "a rotation among many requests",
        Duration::from_secs(10),
        async || {
            let mut tabs = Vec::new();
            for _ in 0..6 {
                let (mut tab, endpoint) = (alice.copied()?, deployment.endpoint.clone());
                tabs.push(rt::spawn(async move {
                    (tab.get(&endpoint, "/dashboard").await, tab)
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
        welcome_everywhere(&mut alice, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}

#[actix_web::test]
async fn the_absolute_timeout_counts_on_through_rotations() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(
        &env,
        &[("ROTATE_AFTER", "300ms"), ("ABSOLUTE_TIMEOUT", "3s")],
    )
    .await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut ids = std::collections::BTreeSet::new();
    wait_until(
        "the absolute timeout",
        Duration::from_secs(10),
        async || {
            ids.extend(alice.session_id().map(str::to_owned));
            Ok((alice.get(&deployment.endpoint, "/dashboard").await?.status == 303).then_some(()))
        },
    )
    .await?;
    assert!(ids.len() > 2, "{ids:?}");
    Ok(())
}
