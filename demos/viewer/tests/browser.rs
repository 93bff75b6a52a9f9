//! The page in a real Chromium: hostile data, the countdown, live updates and the button.
//!
//! Ignored by default, because Chromium is large and the workshop does not need it.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::{Browser, Instance, Persistence, Redis, TestEnv, binary, wait_until};

const ALICE: &str = "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e";
const MALLORY: &str = "0b0b0b0b-9dc0-41d3-bd7a-8b8d3e1a6f9e";
/// Longest that the next update of the page may take on a slow machine.
const SOON: Duration = Duration::from_secs(30);

struct Fixture {
    // In the order in which they are dropped.
    browser: Browser,
    _viewer: Instance,
    redis: Redis,
}

impl Fixture {
    /// Opens the page, which shows a session of alice and one with hostile data.
    async fn start() -> Result<Self> {
        let env = TestEnv::new()?;
        let redis = Redis::start(&env, Persistence::None).await?;
        let settings = [("REDIS_URL", &*redis.url()), ("ABSOLUTE_TIMEOUT", "12h")];
        let mut viewer = Instance::of(&env, binary("demo-viewer")?, "viewer", &settings)?;
        viewer.start().await?;
        let url = format!("http://{}/", viewer.address());
        let it = Self {
            browser: Browser::start(&env).await?,
            _viewer: viewer,
            redis,
        };
        it.store(ALICE, r#"{"visitCount":3}"#, "alice")?;
        it.store(
            MALLORY,
            r#"{"</pre><script>hacked=1</script>":"<img src=x onerror='hacked=1'>"}"#,
            "<b onclick='hacked=1'>mallory</b>",
        )?;
        it.browser.open(&url).await?;
        Ok(it)
    }

    /// Stores a session of `user` that expires in 60 s.
    fn store(&self, id: &str, data: &str, user: &str) -> Result<()> {
        let record = format!(
            r#"{{"ID":"{id}","Data":{data},"CreatedAt":"2026-01-01T10:00:00Z","UpdatedAt":"2026-01-01T10:15:00Z","RotatedAt":"2026-01-01T10:05:00Z","User":"{user}"}}"#
        );
        self.redis
            .cli(&["SET", &format!("session:{id}"), &record, "EX", "60"])
            .map(drop)
    }

    fn delete(&self, id: &str) -> Result<()> {
        self.redis.cli(&["DEL", &format!("session:{id}")]).map(drop)
    }

    /// Evaluates `script` in the page, as text.
    async fn ask(&self, script: &str) -> Result<String> {
        let value = self.browser.ask(&format!("String({script})")).await?;
        Ok(value.as_str().context("no text")?.to_owned())
    }

    /// Waits until `script` evaluates to `expected`.
    async fn soon(&self, script: &str, expected: &str) -> Result<()> {
        wait_until(&format!("{script} to be {expected}"), SOON, async || {
            Ok((self.ask(script).await? == expected).then_some(()))
        })
        .await
    }

    /// Returns the seconds of idle time left in alice's row.
    async fn seconds(&self) -> Result<u64> {
        let left = format!("{}.querySelector('[data-left]').textContent", row("alice"));
        let text = self.ask(&left).await?;
        let (minutes, seconds) = text.split_once(':').with_context(|| text.clone())?;
        Ok(minutes.parse::<u64>()? * 60 + seconds.parse::<u64>()?)
    }

    /// Waits until alice's data contains `part`.
    async fn alices_data(&self, part: &str) -> Result<()> {
        let script = format!("{}.cells[2].textContent.includes('{part}')", row("alice"));
        self.soon(&script, "true").await
    }
}

/// Returns a script that finds the row of `user`.
fn row(user: &str) -> String {
    format!(
        "[...document.querySelectorAll('tbody tr')].find(row => row.cells[1].textContent == {user:?})"
    )
}

const ROWS: &str = "document.querySelectorAll('tbody tr').length";
const STATE: &str = "document.getElementById('state').textContent";

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn hostile_data_is_text_and_every_width_fits() -> Result<()> {
    let it = Fixture::start().await?;
    assert_eq!(it.ask("document.title").await?, "Sessions in Redis");
    assert_eq!(it.ask(ROWS).await?, "2");
    let text = it.ask("document.querySelector('main').innerText").await?;
    for part in [
        "7d444840…",
        "alice",
        "\"visitCount\": 3",
        "2026-01-01 10:15:00",
        "2 sessions",
        "The Redis key and the cookie",
        r#""</pre><script>hacked=1</script>": "<img src=x onerror='hacked=1'>""#,
        "<b onclick='hacked=1'>mallory</b>",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }

    // In the first page, and in rows that the script loaded.
    for _ in 0..2 {
        let elements = "document.querySelectorAll('table script, table img, table b').length";
        assert_eq!(it.ask(elements).await?, "0");
        assert_eq!(it.ask("typeof hacked").await?, "undefined");
        let html = it.ask("document.documentElement.outerHTML").await?;
        assert!(!html.contains(&ALICE[8..]), "the whole ID");
        it.store(
            MALLORY,
            r#"{"<img src=x onerror='hacked=1'>":"new"}"#,
            "<b>mallory</b>",
        )?;
        let updated = r#"document.querySelector('table').textContent.includes(': "new"')"#;
        it.soon(updated, "true").await?;
    }
    // The content security policy stops scripts even if the escaping failed.
    it.ask(
        "document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"hacked=1\">')",
    )
    .await?;
    it.soon("document.querySelector('body > img').complete", "true")
        .await?;
    assert_eq!(it.ask("typeof hacked").await?, "undefined");

    let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    for width in [1400, 800, 500] {
        it.browser.resize(width, 900).await?;
        assert_eq!(it.ask(fits).await?, "true", "{width}");
    }
    // The narrow page shows cards, which screen readers still present as a table.
    for (part, role) in [
        ("table", "table"),
        ("tbody tr", "row"),
        ("tbody th", "rowheader"),
        ("tbody td", "cell"),
    ] {
        let script = format!("document.querySelector({part:?}).getAttribute('role')");
        assert_eq!(it.ask(&script).await?, role);
    }
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_page_counts_down_and_follows_redis() -> Result<()> {
    let it = Fixture::start().await?;
    it.soon(STATE, "live").await?;
    it.ask("window.loaded = 'once'").await?;

    // Nothing new arrives from a frozen Redis, so it is the page that counts.
    it.redis.freeze()?;
    it.soon(STATE, "Redis does not answer; trying again")
        .await?;
    let first = it.seconds().await?;
    assert!(first <= 60, "{first}");
    wait_until("the countdown to go on", SOON, async || {
        Ok((it.seconds().await? + 3 <= first).then_some(()))
    })
    .await?;
    assert_eq!(it.ask(ROWS).await?, "2", "the rows stay");
    it.redis.thaw()?;
    it.soon(STATE, "live").await?;

    // A visit extends a timeout, a session is added, one is deleted, one changes.
    it.redis
        .cli(&["EXPIRE", &format!("session:{ALICE}"), "1800"])?;
    wait_until("the timeout to be extended", SOON, async || {
        Ok((it.seconds().await? > 1700).then_some(()))
    })
    .await?;
    it.store("00000000-9dc0-41d3-bd7a-8b8d3e1a6f9e", "{}", "bob")?;
    it.soon(ROWS, "3").await?;
    let caption = it.ask("document.querySelector('caption').textContent");
    assert!(caption.await?.starts_with("3 sessions"));
    it.delete(MALLORY)?;
    it.soon(ROWS, "2").await?;
    it.store(ALICE, r#"{"visitCount":4}"#, "alice")?;
    it.alices_data(": 4").await?;
    assert_eq!(it.ask("window.loaded").await?, "once", "the page reloaded");

    it.browser.click("#pause").await?;
    assert!(it.ask(STATE).await?.starts_with("paused"));
    it.store(ALICE, r#"{"visitCount":5}"#, "alice")?;
    it.browser.click("#pause").await?;
    it.alices_data(": 5").await
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn rows_keep_the_focus_and_the_button_ends_a_session() -> Result<()> {
    let it = Fixture::start().await?;
    it.ask(&format!("{}.querySelector('button').focus()", row("alice")))
        .await?;
    let focused = "document.activeElement.getAttribute('aria-label')";
    assert_eq!(it.ask(focused).await?, "End session 7d444840");
    it.store("00000000-9dc0-41d3-bd7a-8b8d3e1a6f9e", "{}", "bob")?;
    it.delete(MALLORY)?;
    it.soon(&row("bob").replace(".find", ".some"), "true")
        .await?;
    it.soon(ROWS, "2").await?;
    assert_eq!(
        it.ask(focused).await?,
        "End session 7d444840",
        "others change"
    );
    it.store(ALICE, r#"{"visitCount":4}"#, "alice")?;
    it.alices_data(": 4").await?;
    assert_eq!(it.ask(focused).await?, "End session 7d444840", "it changes");

    it.browser
        .click("button[aria-label='End session 7d444840']")
        .await?;
    it.soon(ROWS, "1").await?;
    it.soon(&row("bob").replace(".find", ".some"), "true")
        .await?;
    assert_eq!(it.ask("location.pathname + location.search").await?, "/");
    Ok(())
}
