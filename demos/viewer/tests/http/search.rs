//! The search for an ID or a user.

use anyhow::Result;

use crate::common::{ALICE, BOB, Fixture, assert_contains, record};

#[actix_web::test]
async fn a_search_finds_ids_and_users_by_their_beginning() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.store(ALICE, &record(ALICE, "{}", r#","User":"alice""#))?;
    it.store(BOB, &record(BOB, "{}", r#","User":"bob""#))?;
    it.store("another", "{}")?;

    for (search, found) in [
        ("7d44", &ALICE[..8]),
        ("+7D444840+", &ALICE[..8]),
        ("Ali", &ALICE[..8]),
        ("bob", &BOB[..8]),
        // Both begin with b: a user and no ID. Only the beginning counts.
        ("b", &BOB[..8]),
    ] {
        let page = it.get(&format!("/?search={search}")).await?.body;
        let row = format!("<code>{found}…</code>");
        assert_contains(&page, &[&row, ">1 of 2 sessions; 3 keys", ">Show all</a>"]);
        assert!(page.contains("<caption>Sessions 1 to 1 of 1"), "{page}");
    }
    for search in ["lice", "0b0b0b0c", "another", "*", "."] {
        let page = it.get(&format!("/?search={search}")).await?.body;
        let none = format!("that begins with <strong>{search}</strong>");
        assert_contains(&page, &[">0 of 2 sessions", &none]);
    }
    Ok(())
}

/// Otherwise an answer would show that a guess of the rest is right.
#[actix_web::test]
async fn a_search_ignores_what_the_page_hides_of_an_id() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    let shown = it.get("/?search=7d444840&since=1").await?.body;
    for rest in [&ALICE[8..], "-0000", "1"] {
        let search = format!("/?search=7d444840{rest}&since=1");
        let page = it.get(&search).await?.body;
        assert_contains(&page, &[">1 of 1 session;", "value=\"7d444840\""]);
        assert!(!page.contains(&format!("7d444840{rest}")), "{page}");
        assert_eq!(page.len() / 100, shown.len() / 100, "{rest}");
    }
    let log = it.viewer.log();
    assert!(!log.contains(&ALICE[..9]), "{log}");
    Ok(())
}

#[actix_web::test]
async fn a_hostile_search_stays_text_and_is_cut() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    let search = "/?search=%3Cb%3E%22%27%26&from=%3Cb%3E&since=%3Cb%3E";
    let page = it.get(search).await?.body;
    let value = "value=\"&lt;b&gt;&quot;'&amp;\"";
    let text = "<strong>&lt;b&gt;&quot;'&amp;</strong>";
    let polled = "content=\"/rows?search=%3Cb%3E%22%27%26&amp;since=";
    assert_contains(&page, &[value, text, polled]);
    assert!(!page.contains("<b>"), "{page}");

    let long = it.get(&format!("/?search={}", "x".repeat(5000))).await?;
    assert_eq!(long.status, 200);
    assert!(!long.body.contains(&"x".repeat(65)), "{}", long.body);
    Ok(())
}
