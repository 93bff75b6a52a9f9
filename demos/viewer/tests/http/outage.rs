//! Redis stopped, frozen, not listing its keys, and back.

use std::time::Duration;

use anyhow::Result;
use testkit::{Response, wait_until};

use crate::common::{ALICE, BOB, Fixture, assert_contains, first_button, record};

fn assert_unavailable(response: &Response, it: &Fixture) {
    assert_eq!(response.status, 503, "{response:?}");
    for header in ["retry-after", "refresh"] {
        assert_eq!(response.header(header), Some("2"), "{header}");
    }
    let body = &response.body;
    assert_contains(body, &["Redis does not answer"]);
    assert!(
        !body.contains(&it.redis.address()),
        "only the log may have the cause: {body}"
    );
    assert!(response.took < Duration::from_secs(5), "{response:?}");
}

#[actix_web::test]
async fn without_redis_the_page_is_503_until_redis_is_back() -> Result<()> {
    let mut it = Fixture::start(&[]).await?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    let button = first_button(&it.page().await?)?;

    it.redis.stop().await?;
    for path in ["/", "/rows", "/?search=x"] {
        assert_unavailable(&it.get(path).await?, &it);
    }
    assert_unavailable(&it.end(&button).await?, &it);
    let page = it.get("/").await?.body;
    assert_contains(
        &page,
        &["<p>The last list is ", " old. It had 1 session.</p>"],
    );
    for path in ["/healthz", "/readyz", "/viewer.js"] {
        assert_eq!(it.get(path).await?.status, 200, "{path}");
    }
    let address = it.redis.address();
    for what in ["cannot show sessions", "cannot end a session"] {
        let line = format!("{what}: cannot reach Redis at {address}: connection refused");
        assert_contains(&it.viewer.log(), &[&line]);
    }

    it.redis.resume().await?;
    assert_contains(&it.page().await?, &["There are no sessions."]);
    Ok(())
}

#[actix_web::test]
async fn a_frozen_redis_gives_503_in_bounded_time() -> Result<()> {
    let it = Fixture::start(&[("REDIS_TIMEOUT", "500ms")]).await?;
    it.redis.freeze()?;
    assert_unavailable(&it.get("/").await?, &it);
    assert_eq!(it.get("/healthz").await?.status, 200);
    it.redis.thaw()?;
    it.page().await?;
    Ok(())
}

/// Waits until the log has `count` warnings of failed walks.
async fn warnings(it: &Fixture, count: usize) -> Result<()> {
    const WARNING: &str = "cannot list sessions: Redis at ";
    wait_until("the warning", Duration::from_secs(60), async || {
        it.page().await?;
        let found = it.viewer.log().matches(WARNING).count();
        assert!(found <= count, "{found} warnings");
        Ok((found == count).then_some(()))
    })
    .await
}

#[actix_web::test]
async fn a_list_that_fails_is_logged_once_each_outage() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.page().await?;
    for outage in 1..=2 {
        it.redis.cli(&["ACL", "SETUSER", "default", "-scan"])?;
        warnings(&it, outage).await?;
        // Each of these pages asks for another walk, and waits for it.
        for _ in 0..3 {
            warnings(&it, outage).await?;
        }
        it.redis.cli(&["ACL", "SETUSER", "default", "+scan"])?;
        let id = [ALICE, BOB][outage - 1];
        it.store(id, &record(id, "{}", ""))?;
        it.page_with(&id[..8]).await?;
    }
    Ok(())
}

// A session that gets a new ID can leave a hash, the redirect, under its old key.
#[actix_web::test]
async fn a_listed_key_that_becomes_a_hash_is_left_out() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    for id in [ALICE, BOB] {
        it.store(id, &record(id, "{}", ""))?;
    }
    it.page_with(">2 sessions;").await?;

    // The list keeps the session, because no walk works.
    it.redis.cli(&["ACL", "SETUSER", "default", "-scan"])?;
    let key = format!("session:{ALICE}");
    it.redis.cli(&["DEL", &key])?;
    it.redis.cli(&["HSET", &key, "to", BOB])?;
    for path in ["/", "/rows"] {
        let response = it.get(path).await?;
        assert_eq!(response.status, 200, "{response:?}");
        assert_contains(&response.body, &[&BOB[..8]]);
        assert!(!response.body.contains(&ALICE[..8]), "{response:?}");
    }
    Ok(())
}
