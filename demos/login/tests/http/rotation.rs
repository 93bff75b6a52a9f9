//! The rotation of session IDs by age, and the absolute timeout.

use std::{collections::BTreeSet, time::Duration};

use actix_web::rt;
use anyhow::Result;
use testkit::wait_until;

use crate::{common::App, pages::PAGES};

const PATIENCE: Duration = Duration::from_secs(10);

#[actix_web::test]
async fn an_old_id_works_for_a_short_grace() -> Result<()> {
    let app = App::start(&[("ROTATE_AFTER", "3s"), ("ROTATION_GRACE", "2s")]).await?;
    let mut alice = app.logged_in("alice").await?;
    alice.get("/api/counter").await?;
    let old = alice.copied()?;
    wait_until("a new ID", PATIENCE, async || {
        assert_eq!(alice.get("/dashboard").await?.status, 200);
        Ok((alice.id()? != old.id()?).then_some(()))
    })
    .await?;

    // Each tab with the old ID gets the new one with its next response.
    for path in PAGES {
        let mut tab = old.copied()?;
        assert_eq!(tab.get(path).await?.status, 200);
        assert_eq!(tab.id()?, alice.id()?, "{path}");
    }
    let counter = alice.get("/api/counter").await?.body;
    assert_eq!(counter, r#"{"count":3,"storage":"redis"}"#);

    wait_until("the end of the grace", PATIENCE, async || {
        let response = old.copied()?.get("/dashboard").await?;
        Ok((response.status == 303).then_some(()))
    })
    .await?;
    assert_eq!(old.copied()?.user().await?, None);
    assert_eq!(alice.user().await?.as_deref(), Some("alice"));
    Ok(())
}

#[actix_web::test]
async fn concurrent_requests_survive_a_rotation() -> Result<()> {
    let app = App::start(&[("ROTATE_AFTER", "1s")]).await?;
    let mut alice = app.logged_in("alice").await?;
    let first = alice.id()?;
    wait_until("a new ID", PATIENCE, async || {
        let mut tabs = Vec::new();
        for _ in 0..6 {
            let mut tab = alice.copied()?;
            tabs.push(rt::spawn(async move { (tab.get("/dashboard").await, tab) }));
        }
        for tab in tabs {
            let (response, tab) = tab.await?;
            assert_eq!(response?.status, 200);
            alice = tab;
        }
        Ok((alice.id()? != first).then_some(()))
    })
    .await?;
    assert_eq!(alice.user().await?.as_deref(), Some("alice"));
    Ok(())
}

#[actix_web::test]
async fn rotations_do_not_extend_the_absolute_timeout() -> Result<()> {
    let app = App::start(&[("ROTATE_AFTER", "300ms"), ("ABSOLUTE_TIMEOUT", "3s")]).await?;
    let mut alice = app.logged_in("alice").await?;
    let mut ids = BTreeSet::new();
    wait_until("the absolute timeout", PATIENCE, async || {
        ids.extend(alice.id());
        Ok((alice.get("/dashboard").await?.status == 303).then_some(()))
    })
    .await?;
    assert!(ids.len() > 2, "{ids:?}");
    Ok(())
}
