//! The adapter for actix-session.
//!
//! - this file: what the adapter does; `faults`: what its trait cannot do
//! - `site`: a site in the test process

mod faults;
mod site;

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use session_stores::{CookieStore, Record, Store, Timeouts};

use crate::site::{Running, memory, redis};

/// Without the scope that the server opens for a request, an update writes the whole state.
#[actix_web::test]
async fn two_requests_at_once_keep_both_changes() -> Result<()> {
    for (mut site, expected) in [
        (Running::in_server(memory())?, r#"{"c":"1","d":"1"}"#),
        (Running::alone(memory())?, r#"{"b":"1","c":"1"}"#),
    ] {
        site.get("add-a+add-b").await?;

        let request = site.begin("add-c+remove-a").await;
        site.get("add-d+remove-b").await?;
        site.finish(request).await?;

        assert_eq!(site.show().await?, expected);
    }
    Ok(())
}

#[actix_web::test]
async fn a_change_does_not_revive_a_session_that_has_ended() -> Result<()> {
    let (_redis, _proxy, strict) = redis().await?;
    for mut site in [Running::in_server(memory())?, Running::alone(strict)?] {
        site.get("add-a").await?;

        let request = site.begin("add-b").await;
        site.get("purge").await?;
        site.finish(request).await?;

        assert_eq!(site.show().await?, "{}");
    }
    Ok(())
}

#[actix_web::test]
async fn a_renewed_session_keeps_its_user_and_its_times() -> Result<()> {
    let store = memory();
    let mut site = Running::in_server(store.clone())?;
    site.get("add-a").await?;
    let loaded = store.load(&site.id()?).await?.context("not stored")?;
    let mut old = loaded.record;
    old.user = Some("alice".to_owned());
    store.save(&old, loaded.version.context("new")?).await?;

    site.get("renew").await?;

    let new = store.load(&site.id()?).await?.context("not stored")?.record;
    assert_ne!(new.id, old.id);
    assert_eq!(new.data["a"].get(), "1");
    let kept = |record: Record| (record.user, record.created_at, record.expires_at);
    assert_eq!(kept(new), kept(old));
    assert_eq!(store.len(), 1);
    Ok(())
}

/// The session stays in the cookie until then, even while Redis is down.
#[actix_web::test]
async fn a_change_imports_a_session_from_a_cookie() -> Result<()> {
    let mut old = Running::in_server(CookieStore::new(Timeouts::default()))?;
    old.get("add-b").await?;
    let (mut redis, _proxy, store) = redis().await?;
    let mut site = Running::in_server(store)?;
    site.visitor = old.visitor;

    redis.stop().await?;
    assert_eq!(site.get("add-a").await?.status, 503);
    redis.resume().await?;
    let seen = site.get("show").await?;
    assert_eq!(
        (&*seen.body, seen.header("set-cookie")),
        (r#"{"b":"1"}"#, None)
    );
    site.get("add-a").await?;

    let record = redis.cli(&["GET", &format!("session:{}", site.id()?)])?;
    assert!(record.contains(r#""Data":{"a":1,"b":1}"#), "{record}");
    Ok(())
}

/// Each single answer of Redis comes in time. A request may wait for 600 ms in total.
#[actix_web::test]
async fn all_calls_of_a_request_share_the_time_limit() -> Result<()> {
    let (_redis, proxy, store) = redis().await?;
    let late = (Duration::from_millis(400), usize::MAX);
    let byte_by_byte = (Duration::from_millis(50), 1);
    for (mut site, (pause, bytes), status) in [
        (Running::in_server(store.clone())?, late, 503),
        (Running::in_server(store.clone())?, byte_by_byte, 503),
        // Each call has the whole limit for itself.
        (Running::alone(store)?, late, 200),
    ] {
        proxy.slow_down(Duration::ZERO, usize::MAX);
        for steps in ["add-a", "add-b"] {
            assert_eq!(site.get(steps).await?.status, 200);
        }
        proxy.slow_down(pause, bytes);
        let seen = site.get("add-c").await?;
        assert_eq!(seen.status, status, "{bytes} bytes");
        let in_time = seen.took < Duration::from_millis(790);
        assert_eq!(in_time, status == 503, "{:?}", seen.took);
    }
    Ok(())
}

#[actix_web::test]
async fn a_session_that_is_too_large_is_413_and_kept() -> Result<()> {
    let mut site = Running::in_server(memory())?;
    site.get("add-a").await?;

    let seen = site.get("fill-b").await?;

    let text = "the session has no room for this; nothing was changed\n";
    assert_eq!((seen.status, &*seen.body), (413, text));
    assert_eq!(seen.header("cache-control"), Some("no-store"));
    assert_eq!(seen.header("retry-after"), None);
    assert_eq!(site.show().await?, r#"{"a":"1"}"#);
    Ok(())
}

#[actix_web::test]
async fn anonymous_costs_nothing_a_read_one_command_a_change_two() -> Result<()> {
    let (redis, _proxy, store) = redis().await?;
    let mut site = Running::in_server(store)?;
    // The first use of a script sends it whole.
    for steps in ["add-a", "add-b", "purge", "add-a"] {
        site.get(steps).await?;
    }
    let (read, script, create) = (("getex", 1), ("evalsha", 1), ("set", 1));
    // The scripts run these.
    let (change, delete) = ([("getrange", 1), ("set", 1)], [("get", 1), ("del", 1)]);
    for (steps, sent, in_script) in [
        ("show", &[read][..], &[][..]),
        ("add-c", &[read, script], &change),
        ("renew", &[read, script, create], &delete),
        ("purge", &[read, script], &delete),
        ("show", &[], &[]),
        ("add-a", &[create], &[]),
    ] {
        redis.reset_command_stats()?;
        assert_eq!(site.get(steps).await?.status, 200);
        let mut seen = redis.command_stats()?;
        seen.remove("config|resetstat");
        let seen: BTreeMap<_, _> = seen.iter().map(|(name, it)| (&**name, it.calls)).collect();
        let expected = sent.iter().chain(in_script).copied().collect();
        assert_eq!(seen, expected, "{steps}");
    }
    Ok(())
}
