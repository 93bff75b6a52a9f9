//! The contents of the page.

use anyhow::Result;
use testkit::Visitor;

use crate::common::{ALICE, BOB, Fixture, assert_contains, between, record};

#[actix_web::test]
async fn a_session_is_a_table_row_with_user_data_and_times() -> Result<()> {
    let it = Fixture::start(&[("ABSOLUTE_TIMEOUT", "0")]).await?;
    assert_contains(&it.page().await?, &["There are no sessions."]);
    let data = r#"{"userData":{"userId":"alice", "n":1e400},"visitCount":3}"#;
    it.store(ALICE, &record(ALICE, data, r#","User":"alice","Later":[]"#))?;
    let ended = r#","ExpiresAt":"2026-01-01T22:00:00Z""#;
    it.store(BOB, &record(BOB, "{}", ended))?;

    let page = it.page().await?;
    assert_contains(
        &page,
        &[
            "<code>7d444840…</code>",
            "<strong>alice</strong>",
            "<pre>{\n  &quot;userData&quot;: {&quot;userId&quot;:&quot;alice&quot;, &quot;n&quot;:1e400},\n  &quot;visitCount&quot;: 3\n}</pre>",
            "<dt>created</dt><dd><time datetime=\"2026-01-01T10:00:00Z\">2026-01-01 10:00:00</time></dd>",
            "<dt>updated</dt><dd><time datetime=\"2026-01-01T10:15:00.25Z\">2026-01-01 10:15:00</time></dd>",
            "<dt>rotated</dt><dd><time datetime=\"2026-01-01T10:05:00Z\">2026-01-01 10:05:00</time></dd>",
            "<p id=\"counts\">2 sessions; 2 keys in this Redis. The list is <span data-age=\"",
            "<caption>Sessions 1 to 2 of 2, the newest first</caption>",
            // With the roles, screen readers present a table even where a narrow screen shows cards.
            "<table role=\"table\">",
            "<tr role=\"row\" id=\"s-",
            "<th role=\"rowheader\" scope=\"row\">",
            "<td role=\"cell\" data-label=\"User\">",
            "aria-label=\"End session 7d444840\"",
            "not logged in",
            "<td role=\"cell\" data-label=\"Absolute time left\"><span>no limit</span></td>",
            "<td role=\"cell\" data-label=\"Absolute time left\"><span data-left=\"0\">0s</span><meter aria-label=\"absolute time left\" max=\"43200000\" value=\"0\">0s</meter></td>",
            "<a href=\"/\">Refresh</a>",
            "<noscript>",
            "The Redis key and the cookie",
        ],
    );
    let headers: Vec<_> = page
        .split("<th role=\"columnheader\" scope=\"col\">")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("</th>")?.0))
        .collect();
    let expected =
        "Session, User, Data, Times (UTC), Idle time left, Absolute time left, End session";
    assert_eq!(headers.join(", "), expected);
    let left: u64 = between(&page, "data-left=\"", "\"")?.parse()?;
    assert!((1..=1_800_000).contains(&left), "{left}");
    assert!(!page.contains(&ALICE[9..]), "the whole ID in {page}");

    // The script gets the same table.
    let rows = it.get("/rows").await?.body;
    assert!(rows.starts_with("<div id=\"rows\">"), "{rows}");
    assert!(rows.contains("7d444840") && !rows.contains("<html"));
    Ok(())
}

#[actix_web::test]
async fn an_empty_page_leads_to_the_demos() -> Result<()> {
    let alone = Fixture::start(&[]).await?;
    let page = alone.page().await?;
    assert_contains(&page, &["Visit a server that keeps its sessions"]);
    assert!(!page.contains("class=\"demos\""), "{page}");

    let behind = Fixture::start(&[("BEHIND_PROXY", "true")]).await?;
    let endpoint = behind.viewer.endpoint().named("sessions.localhost");
    let page = Visitor::new().get(&endpoint, "/").await?.body;
    let port = behind.viewer.address().port();
    for (demo, text) in [("redis", "Redis demo"), ("webserver", "log in")] {
        let link = format!("<a href=\"//{demo}.localhost:{port}/\">{text}</a>");
        assert_contains(&page, &[&link]);
    }
    assert_contains(&page, &["aria-current=\"page\">sessions</a>"]);
    Ok(())
}

#[actix_web::test]
async fn hostile_data_stays_text_and_is_cut() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    let hostile = r#"{"</pre><script>alert(1)</script>":"<img src=x onerror=alert(1)>RLO"}"#
        .replace("RLO", "\u{202e}");
    let hostile = record(ALICE, &hostile, r#","User":"<b>\"'&\u0007""#);
    it.store(ALICE, &hostile)?;
    let data = format!(r#"{{"long":"{}"}}"#, "x".repeat(5000));
    let user = format!(r#","User":"{}""#, "ä".repeat(500));
    it.store(BOB, &record(BOB, &data, &user))?;

    let page = it.page().await?;
    assert_contains(
        &page,
        &[
            "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
            "&lt;img src=x onerror=alert(1)&gt;",
            "<strong>&lt;b&gt;&quot;'&amp;\\u{7}</strong>",
            "\\u{202e}&quot;",
            "ä… and 436 more characters</strong>",
            "more characters</pre>",
        ],
    );
    assert!(
        !page.contains("<img") && !page.contains('\u{202e}') && !page.contains(&"x".repeat(2001)),
        "{page}"
    );
    Ok(())
}

#[actix_web::test]
async fn keys_without_a_session_show_the_reason_and_no_data() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    // Only strings can be sessions. A rotated ID leaves a hash.
    let moved = format!("session:{ALICE}");
    it.redis.cli(&["HSET", &moved, "MovedTo", BOB])?;
    it.redis.cli(&["ZADD", "session:sorted", "1", "secret"])?;
    it.redis.cli(&["SET", "sessions:elsewhere", "secret"])?;
    it.store("another", &record(BOB, r#"{"secret":1}"#, ""))?;
    it.store("half", "{\"ID\":\"secret")?;
    let huge = format!("{{\"secret\":\"{}\"}}", "x".repeat(70_000));
    it.store("huge", &huge)?;
    it.store("<b>\n", "")?;

    let page = it.page().await?;
    assert_contains(
        &page,
        &[
            "<code>another…</code></th><td role=\"cell\" colspan=\"3\">not a session: the record of another session</td>",
            "not a session: its 0 bytes cannot be parsed (line 1, column 0)",
            "not a session: its 13 bytes cannot be parsed (line 1, column 13)",
            "not a session: its 70013 bytes are more than the viewer reads",
            "<code>&lt;b&gt;\n…</code>",
            "0 sessions; 7 keys in this Redis",
            "<caption>No sessions; then 4 keys without a session</caption>",
        ],
    );
    for part in [
        "secret",
        "sorted",
        "elsewhere",
        &ALICE[..8],
        BOB,
        "name=\"session\"",
    ] {
        assert!(!page.contains(part), "{part} in {page}");
    }
    Ok(())
}

#[actix_web::test]
async fn the_page_loads_only_its_own_files() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    let response = it.get("/").await?;
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-served-by", "viewer"),
    ] {
        assert_eq!(response.header(name), Some(value), "{name}");
    }
    let page = response.body;
    for foreign in [
        "style=\"",
        "<style",
        "onclick",
        "javascript:",
        "//cdn",
        "https://",
    ] {
        assert!(!page.contains(foreign), "{foreign} in {page}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    for (path, kind) in [
        ("/viewer.js", "text/javascript; charset=utf-8"),
        ("/viewer.css", "text/css; charset=utf-8"),
    ] {
        assert_contains(&page, &[&format!("\"{path}\"")]);
        let asset = it.get(path).await?;
        assert_eq!(
            (asset.status, asset.header("content-type")),
            (200, Some(kind))
        );
    }
    Ok(())
}
