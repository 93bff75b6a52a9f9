//! What is shown.

use anyhow::Result;
use testkit::{Demo, Instance, TestEnv, Visitor};

use crate::common::{ALICE, BOB, between, record, viewed};

#[actix_web::test]
async fn a_session_is_shown_with_user_data_times_and_what_is_left() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    viewed.lay(
        ALICE,
        &record(
            ALICE,
            r#"{"userData":{"userId":"alice"},"visitCount":3}"#,
            r#","User":"alice","Later":[]"#,
        ),
    )?;
    let page = viewed.page().await?;
    for part in [
        "<code>7d444840…</code>",
        "<strong>alice</strong>",
        "<pre>{\n  &quot;userData&quot;: {&quot;userId&quot;:&quot;alice&quot;},\n  &quot;visitCount&quot;: 3\n}</pre>",
        "<dt>created</dt><dd><time datetime=\"2026-01-01T10:00:00Z\">2026-01-01 10:00:00</time></dd>",
        "<dt>updated</dt><dd><time datetime=\"2026-01-01T10:15:00.25Z\">2026-01-01 10:15:00</time></dd>",
        "<dt>rotated</dt><dd><time datetime=\"2026-01-01T10:05:00Z\">2026-01-01 10:05:00</time></dd>",
        "1 session, all there are; Redis holds 1 keys in all",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let left: u64 = between(&page, "data-left=\"", "\"")?.parse()?;
    assert!((1..=1_800_000).contains(&left), "{left}");
    assert!(!page.contains("Absolute time left"), "it is unknown here");
    assert!(
        !page.contains(ALICE) && !page.contains(&ALICE[9..]),
        "the whole id in {page}"
    );
    Ok(())
}

#[actix_web::test]
async fn the_absolute_time_left_counts_from_the_beginning_of_a_session() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[("ABSOLUTE_TIMEOUT", "1h")]).await?;
    viewed.lay(ALICE, &record(ALICE, "{}", ""))?;
    viewed
        .redis
        .cli(&["PERSIST", &format!("session:{ALICE}")])?;
    let page = viewed.page().await?;
    assert!(
        page.contains("Absolute time left</th>")
            && page.contains("<span data-left=\"0\">0:00</span>"),
        "{page}"
    );
    assert!(
        page.contains("<span>no limit</span>"),
        "without an idle timeout: {page}"
    );
    Ok(())
}

#[actix_web::test]
async fn what_a_real_server_keeps_is_shown_and_looking_at_it_does_not_keep_it_alive() -> Result<()>
{
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    let mut server = Instance::new(
        &env,
        Demo::Redis,
        "redis-1",
        &[("REDIS_URL", &viewed.redis.url())],
    )?;
    server.start().await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    let id = visitor.session_id().unwrap_or_default().to_owned();
    viewed
        .redis
        .cli(&["PEXPIRE", &format!("session:{id}"), "600000"])?;

    let page = viewed.page().await?;
    assert!(
        page.contains(&format!("{}…", &id[..8]))
            && page.contains("&quot;value&quot;: &quot;blue&quot;"),
        "{page}"
    );
    assert!(page.contains("not signed in"), "{page}");
    let left: i64 = viewed
        .redis
        .cli(&["PTTL", &format!("session:{id}")])?
        .parse()?;
    assert!(left <= 600_000, "{left}");

    // What the page says of the key and the cookie.
    assert!(page.contains("The Redis key and the cookie"));
    for cookie in [id.clone(), format!("{}{id}", "A".repeat(44))] {
        let mut thief = Visitor::new();
        thief.forge("sessionID", &cookie);
        assert_eq!(
            thief.get(&server.endpoint(), "/session/").await?.body,
            "no value set\n"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn hostile_data_is_text_and_no_longer_than_it_may_be() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    let hostile = r#"{"</pre><script>alert(1)</script>":"<img src=x onerror=alert(1)>RLO"}"#
        .replace("RLO", "\u{202e}");
    viewed.lay(
        ALICE,
        &record(ALICE, &hostile, r#","User":"<b>\"'&\u0007""#),
    )?;
    viewed.lay(
        BOB,
        &record(
            BOB,
            &format!(r#"{{"long":"{}"}}"#, "x".repeat(5000)),
            &format!(r#","User":"{}""#, "y".repeat(500)),
        ),
    )?;
    let page = viewed.page().await?;
    for part in [
        "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "&lt;img src=x onerror=alert(1)&gt;",
        "<strong>&lt;b&gt;&quot;'&amp;\\u{7}</strong>",
        "\\u{202e}&quot;",
        "y… and 436 more characters</strong>",
        "more characters</pre>",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    assert!(
        !page.contains("<img") && !page.contains('\u{202e}') && !page.contains(&"x".repeat(2001)),
        "{page}"
    );
    Ok(())
}

#[actix_web::test]
async fn what_is_no_session_is_shown_as_what_it_is_or_not_at_all() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    // As a renewal leaves it.
    viewed
        .redis
        .cli(&["HSET", &format!("session:{ALICE}"), "MovedTo", BOB])?;
    viewed.lay("another", &record(BOB, r#"{"secret":1}"#, ""))?;
    viewed.lay("half", "{\"ID\":\"secret")?;
    viewed.lay(
        "huge",
        &format!("{{\"secret\":\"{}\"}}", "x".repeat(70_000)),
    )?;
    viewed.lay("<b>\n", "")?;
    viewed
        .redis
        .cli(&["ZADD", "session:sorted", "1", "secret"])?;
    viewed.redis.cli(&["SET", "sessions:elsewhere", "secret"])?;
    let page = viewed.page().await?;
    for part in [
        "<code>another…</code></th><td role=\"cell\" colspan=\"3\">no session: the record of another session</td>",
        "no session: 13 bytes, and no session record (line 1, column 13)",
        "no session: 70013 bytes: more than the viewer reads",
        "<code>&lt;b&gt;\n…</code>",
        "0 sessions, all there are; Redis holds 7 keys in all",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
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
async fn the_page_needs_nothing_from_elsewhere_and_no_script_in_itself() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    viewed.lay(ALICE, &record(ALICE, "{}", ""))?;
    let seen = viewed.get("/").await?;
    let policy = seen.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.starts_with(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
        ),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert_eq!(seen.header("cache-control"), Some("no-store"));
    assert_eq!(seen.header("x-content-type-options"), Some("nosniff"));
    for foreign in [
        "style=\"",
        "<style",
        "onclick",
        "javascript:",
        "//cdn",
        "https://",
    ] {
        assert!(!seen.body.contains(foreign), "{foreign} in {}", seen.body);
    }
    assert_eq!(seen.body.matches("<script").count(), 1);
    for (path, kind) in [
        ("/viewer.js", "text/javascript; charset=utf-8"),
        ("/viewer.css", "text/css; charset=utf-8"),
    ] {
        assert!(seen.body.contains(&format!("\"{path}\"")), "{}", seen.body);
        let asset = viewed.get(path).await?;
        assert_eq!(
            (asset.status, asset.header("content-type")),
            (200, Some(kind))
        );
    }
    Ok(())
}

#[actix_web::test]
async fn without_script_it_is_a_table_with_headers_and_a_link_to_see_more() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    assert!(viewed.page().await?.contains("No session lies here."));
    viewed.lay(ALICE, &record(ALICE, "{}", ""))?;
    let page = viewed.page().await?;
    assert!(
        page.contains("<a href=\"/\">Refresh</a>") && page.contains("<noscript>"),
        "{page}"
    );
    for header in [
        "Session",
        "User",
        "Data",
        "Times (UTC)",
        "Idle time left",
        "End it",
    ] {
        assert!(
            page.contains(&format!(
                "<th role=\"columnheader\" scope=\"col\">{header}</th>"
            )),
            "no {header} in {page}"
        );
    }
    assert!(
        page.contains("scope=\"row\"")
            && page.contains("<caption>")
            && page.contains("aria-label=\"End session 7d444840\""),
        "{page}"
    );
    // What its script asks for is the same table.
    let table = viewed.get("/rows").await?.body;
    assert!(
        table.starts_with("<div id=\"rows\">")
            && table.contains("7d444840")
            && !table.contains("<html"),
        "{table}"
    );
    Ok(())
}
