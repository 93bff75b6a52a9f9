//! The page in a real Chromium: what it shows, that it counts down and is live, and its button.
//!
//! Ignored where nobody asks for it: Chromium is large, and a workshop doesn't need it.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::{Browser, Instance, Persistence, Redis, TestEnv, binary, wait_until};

const ALICE: &str = "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e";
const MALLORY: &str = "0b0b0b0b-9dc0-41d3-bd7a-8b8d3e1a6f9e";
/// For what comes with the next rows.
const SOON: Duration = Duration::from_secs(30);

struct Seen {
    // In the order in which they end.
    browser: Browser,
    viewer: Instance,
    redis: Redis,
}

/// A browser before the page, on which alice's session is, and one of data that would rather be script.
async fn seen(env: &TestEnv) -> Result<Seen> {
    let redis = Redis::start(env, Persistence::None).await?;
    let settings = [("REDIS_URL", &*redis.url()), ("ABSOLUTE_TIMEOUT", "12h")];
    let mut viewer = Instance::of(env, binary("demo-viewer")?, "viewer", &settings)?;
    viewer.start().await?;
    let seen = Seen {
        browser: Browser::start(env).await?,
        viewer,
        redis,
    };
    seen.lay(ALICE, r#"{"visitCount":3}"#, "alice")?;
    seen.lay(
        MALLORY,
        r#"{"</pre><script>hacked=1</script>":"<img src=x onerror='hacked=1'>"}"#,
        "<b onclick='hacked=1'>mallory</b>",
    )?;
    seen.browser
        .open(&format!("http://{}/", seen.viewer.address()))
        .await?;
    Ok(seen)
}

impl Seen {
    /// Lays a session of `user`, 60 s from its end.
    fn lay(&self, id: &str, data: &str, user: &str) -> Result<()> {
        let record = format!(
            r#"{{"ID":"{id}","Data":{data},"CreatedAt":"2026-01-01T10:00:00Z","UpdatedAt":"2026-01-01T10:15:00Z","RotatedAt":"2026-01-01T10:05:00Z","User":"{user}"}}"#
        );
        self.redis
            .cli(&["SET", &format!("session:{id}"), &record, "EX", "60"])
            .map(drop)
    }

    /// What `script` is in the page, as text.
    async fn ask(&self, script: &str) -> Result<String> {
        let answer = self.browser.ask(&format!("String({script})")).await?;
        Ok(answer.as_str().context("no text")?.to_owned())
    }

    /// Waits until `script` is `expected` in the page.
    async fn soon(&self, script: &str, expected: &str) -> Result<()> {
        wait_until(&format!("{script} to be {expected}"), SOON, async || {
            Ok((self.ask(script).await? == expected).then_some(()))
        })
        .await
    }

    /// Seconds that alice's row says are left of the idle timeout.
    async fn seconds(&self) -> Result<u64> {
        let text = self
            .ask(&format!(
                "{}.querySelector('[data-left]').textContent",
                row("alice")
            ))
            .await?;
        let (minutes, seconds) = text.split_once(':').with_context(|| text.clone())?;
        Ok(minutes.parse::<u64>()? * 60 + seconds.parse::<u64>()?)
    }
}

/// The row of `user`, for a script.
fn row(user: &str) -> String {
    format!(
        "[...document.querySelectorAll('tbody tr')].find(row => row.cells[1].textContent == {user:?})"
    )
}

/// Sessions that are shown, for a script.
const ROWS: &str = "document.querySelectorAll('tbody tr').length";
const STATE: &str = "document.getElementById('state').textContent";

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn it_shows_sessions_and_hostile_data_is_text() -> Result<()> {
    let seen = seen(&TestEnv::new()?).await?;
    assert_eq!(seen.ask("document.title").await?, "Sessions in Redis");
    assert_eq!(seen.ask(ROWS).await?, "2");
    let text = seen.ask("document.querySelector('main').innerText").await?;
    for part in [
        "7d444840…",
        "alice",
        "\"visitCount\": 3",
        "2026-01-01 10:15:00",
        "2 sessions",
        "The Redis key and the cookie",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    for part in [
        r#""</pre><script>hacked=1</script>": "<img src=x onerror='hacked=1'>""#,
        "<b onclick='hacked=1'>mallory</b>",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    // Neither at first, nor in rows that came later.
    for _ in 0..2 {
        assert_eq!(
            seen.ask("document.querySelectorAll('table script, table img, table b').length")
                .await?,
            "0"
        );
        assert_eq!(seen.ask("typeof hacked").await?, "undefined");
        assert!(
            !seen
                .ask("document.documentElement.outerHTML")
                .await?
                .contains(&ALICE[8..]),
            "the whole id"
        );
        seen.lay(
            MALLORY,
            r#"{"<img src=x onerror='hacked=1'>":"new"}"#,
            "<b>mallory</b>",
        )?;
        seen.soon(
            &format!(
                "document.querySelector('table').textContent.includes('{}')",
                r#": "new""#
            ),
            "true",
        )
        .await?;
    }
    // What even a page that forgot to escape could not do.
    seen.ask(
        "document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"hacked=1\">')",
    )
    .await?;
    seen.soon("document.querySelector('body > img').complete", "true")
        .await?;
    assert_eq!(
        seen.ask("typeof hacked").await?,
        "undefined",
        "the policy allows no script in the page"
    );
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn it_counts_down_by_itself_and_follows_redis() -> Result<()> {
    let seen = seen(&TestEnv::new()?).await?;
    seen.soon(STATE, "live").await?;
    seen.ask("window.loaded = 'once'").await?;

    // Without Redis there is nothing new, so what counts is the page.
    seen.redis.freeze()?;
    seen.soon(STATE, "Redis does not answer; trying again")
        .await?;
    let first = seen.seconds().await?;
    assert!(first <= 60, "{first}");
    wait_until("the countdown to go on", SOON, async || {
        Ok((seen.seconds().await? + 3 <= first).then_some(()))
    })
    .await?;
    assert_eq!(seen.ask(ROWS).await?, "2", "what was there stays");
    seen.redis.thaw()?;
    seen.soon(STATE, "live").await?;

    // A visit renews the timeout; another visitor comes; one goes.
    seen.redis
        .cli(&["EXPIRE", &format!("session:{ALICE}"), "1800"])?;
    wait_until("the timeout to be renewed", SOON, async || {
        Ok((seen.seconds().await? > 1700).then_some(()))
    })
    .await?;
    seen.lay("00000000-9dc0-41d3-bd7a-8b8d3e1a6f9e", "{}", "bob")?;
    seen.soon(ROWS, "3").await?;
    assert!(
        seen.ask("document.querySelector('caption').textContent")
            .await?
            .starts_with("3 sessions")
    );
    seen.redis.cli(&["DEL", &format!("session:{MALLORY}")])?;
    seen.soon(ROWS, "2").await?;
    seen.lay(ALICE, r#"{"visitCount":4}"#, "alice")?;
    seen.soon(
        &format!("{}.cells[2].textContent.includes(': 4')", row("alice")),
        "true",
    )
    .await?;
    assert_eq!(
        seen.ask("window.loaded").await?,
        "once",
        "without loading the page again"
    );

    seen.browser.click("#pause").await?;
    assert!(seen.ask(STATE).await?.starts_with("paused"));
    seen.lay(ALICE, r#"{"visitCount":5}"#, "alice")?;
    seen.browser.click("#pause").await?;
    seen.soon(
        &format!("{}.cells[2].textContent.includes(': 5')", row("alice")),
        "true",
    )
    .await?;
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn rows_that_stay_keep_the_focus() -> Result<()> {
    let seen = seen(&TestEnv::new()?).await?;
    seen.ask(&format!("{}.querySelector('button').focus()", row("alice")))
        .await?;
    let focused = "document.activeElement.getAttribute('aria-label')";
    assert_eq!(seen.ask(focused).await?, "End session 7d444840");
    seen.redis.cli(&["DEL", &format!("session:{MALLORY}")])?;
    seen.soon(ROWS, "1").await?;
    assert_eq!(
        seen.ask(focused).await?,
        "End session 7d444840",
        "while others go"
    );
    seen.lay(ALICE, r#"{"visitCount":4}"#, "alice")?;
    seen.soon(
        &format!("{}.cells[2].textContent.includes(': 4')", row("alice")),
        "true",
    )
    .await?;
    assert_eq!(
        seen.ask(focused).await?,
        "End session 7d444840",
        "while it changes itself"
    );
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_button_ends_its_session() -> Result<()> {
    let seen = seen(&TestEnv::new()?).await?;
    seen.browser
        .click("button[aria-label='End session 7d444840']")
        .await?;
    seen.soon(ROWS, "1").await?;
    assert_eq!(
        seen.redis.cli(&["EXISTS", &format!("session:{ALICE}")])?,
        "0"
    );
    assert_eq!(
        seen.redis.cli(&["EXISTS", &format!("session:{MALLORY}")])?,
        "1"
    );
    assert!(seen.ask("location.pathname + location.search").await? == "/");
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn on_a_narrow_screen_nothing_is_wider_than_the_screen_and_it_is_still_a_table() -> Result<()>
{
    let seen = seen(&TestEnv::new()?).await?;
    for width in [1400, 800, 500] {
        seen.browser.resize(width, 900).await?;
        assert_eq!(
            seen.ask(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
            .await?,
            "true",
            "{width}"
        );
    }
    for (part, role) in [
        ("table", "table"),
        ("tbody tr", "row"),
        ("tbody th", "rowheader"),
        ("tbody td", "cell"),
    ] {
        assert_eq!(
            seen.ask(&format!(
                "document.querySelector({part:?}).getAttribute('role')"
            ))
            .await?,
            role
        );
    }
    Ok(())
}
