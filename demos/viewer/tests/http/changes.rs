//! The page shows what has changed since the last look.

use anyhow::Result;
use testkit::Visitor;

use crate::common::{ALICE, BOB, Fixture, assert_contains, record};

/// 2026-01-01 10:00:00 UTC, when each session began.
const CREATED: i64 = 1_767_261_600_000;
/// 15 minutes later.
const UPDATED: i64 = 1_767_262_500_250;

#[actix_web::test]
async fn new_and_changed_sessions_are_marked() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    it.store("another", "{}")?;
    for (since, counts, mark) in [
        (CREATED - 1, "1 new, 0 changed", Some("new")),
        (CREATED, "0 new, 1 changed", Some("changed")),
        (UPDATED, "0 new, 0 changed", None),
    ] {
        let page = it.get(&format!("/?since={since}")).await?.body;
        assert_contains(&page, &[counts, " on this page, 0 ended."]);
        let marks: Vec<_> = page.split("<span class=\"mark\">").skip(1).collect();
        assert_eq!(marks.len(), usize::from(mark.is_some()), "{page}");
        assert!(mark.is_none_or(|mark| marks[0].starts_with(mark)), "{page}");
    }
    let page = it.get(&format!("/?since={CREATED}")).await?.body;
    let look = "Since your last look at <time datetime=\"2026-01-01T10:00:00Z\">";
    assert_contains(&page, &[look]);
    Ok(())
}

#[actix_web::test]
async fn a_browser_sees_what_has_ended_since_its_last_look() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.store(ALICE, &record(ALICE, "{}", r#","User":"<alice>""#))?;
    it.store(BOB, &record(BOB, "{}", ""))?;
    let endpoint = it.viewer.endpoint();
    let mut visitor = Visitor::new();
    let first = visitor.get(&endpoint, "/").await?;
    assert!(!first.body.contains("Since your last look"), "{first:?}");
    let cookie = first.header("set-cookie").unwrap_or_default();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");

    it.redis.cli(&["DEL", &format!("session:{ALICE}")])?;
    let second = visitor.get(&endpoint, "/").await?.body;
    let ended = "1 ended: <code>7d444840…</code> of &lt;alice&gt;.";
    assert_contains(&second, &["0 new, 0 changed on this page, ", ended]);
    // The links of the page belong to the same look.
    let since = second.split("name=\"since\" value=\"").nth(1);
    let since = since.and_then(|rest| Some(rest.split_once('"')?.0));
    let search = format!("/?search=0b&since={}", since.unwrap_or_default());
    let found = visitor.get(&endpoint, &search).await?;
    assert_contains(&found.body, &[ended]);
    assert_eq!(found.header("set-cookie"), None);

    let third = visitor.get(&endpoint, "/").await?.body;
    assert_contains(&third, &["0 changed on this page, 0 ended."]);
    let stranger = it.page().await?;
    assert!(!stranger.contains("7d444840"), "{stranger}");
    Ok(())
}
