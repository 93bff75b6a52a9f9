//! The rotation of session IDs by age, and the absolute timeout.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use testkit::wait_until;

use crate::{common::App, pages::PAGES};

#[actix_web::test]
async fn an_old_id_works_until_the_new_one_was_used() -> Result<()> {
    let app = App::start(&[("ROTATE_AFTER", "3s"), ("ROTATION_GRACE", "0")]).await?;
    let mut alice = app.logged_in("alice").await?;
    let mut bob = app.logged_in("bob").await?;
    alice.get("/api/counter").await?;

    // Each tab with the old ID gets the new one with its next response.
    let mut new = alice.rotated().await?;
    for path in PAGES {
        let mut tab = alice.copied()?;
        assert_eq!(tab.get(path).await?.status, 200);
        assert_eq!(tab.id()?, new.id()?, "{path}");
    }
    let counter = new.get("/api/counter").await?.body;
    assert_eq!(counter, r#"{"count":3,"storage":"redis"}"#);
    assert_eq!(alice.user().await?, None);
    assert_eq!(new.user().await?.as_deref(), Some("alice"));

    // A logout with the old ID ends the session.
    let mut new = bob.rotated().await?;
    bob.post("/logout", "").await?;
    assert_eq!(new.user().await?, None);
    Ok(())
}

#[actix_web::test]
async fn rotations_do_not_extend_the_absolute_timeout() -> Result<()> {
    let app = App::start(&[("ROTATE_AFTER", "300ms"), ("ABSOLUTE_TIMEOUT", "3s")]).await?;
    let mut alice = app.logged_in("alice").await?;
    let mut ids = BTreeSet::new();
    wait_until(
        "the absolute timeout",
        Duration::from_secs(10),
        async || {
            ids.extend(alice.id());
            Ok((alice.get("/dashboard").await?.status == 303).then_some(()))
        },
    )
    .await?;
    assert!(ids.len() > 2, "{ids:?}");
    Ok(())
}
