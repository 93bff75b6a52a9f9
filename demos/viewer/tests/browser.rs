//! The page in a real Chromium: hostile data, the countdown, live updates and the button.
//!
//! Ignored by default, because Chromium is large and the workshop does not need it.

use std::time::Duration;

use anyhow::Result;
use testkit::{Browser, wait_until};

use common::{ALICE, BOB, Fixture, record};

#[expect(dead_code, reason = "the tests over HTTP use the rest")]
#[path = "http/common.rs"]
mod common;

const MALLORY: &str = "0c0c0c0c-9dc0-41d3-bd7a-8b8d3e1a6f9e";
/// Longest that the next update of the page may take on a slow machine.
const SOON: Duration = Duration::from_secs(30);

/// A viewer, and its page in a browser.
struct Page {
    // The browser is dropped first.
    browser: Browser,
    fixture: Fixture,
}

impl Page {
    /// Opens the page, which shows the navigation, a session of alice and one with hostile data.
    async fn open() -> Result<Self> {
        let settings = [("REDIS_TIMEOUT", "500ms"), ("BEHIND_PROXY", "true")];
        let fixture = Fixture::start(&settings).await?;
        let it = Self {
            browser: Browser::start(&fixture.env).await?,
            fixture,
        };
        it.store(ALICE, r#"{"visitCount":3}"#, "alice")?;
        it.store(
            MALLORY,
            r#"{"</pre><script>hacked=1</script>":"<img src=x onerror='hacked=1'>"}"#,
            "<b onclick='hacked=1'>mallory</b>",
        )?;
        let url = format!("http://{}/", it.fixture.viewer.address());
        it.browser.open(&url).await?;
        Ok(it)
    }

    /// Stores a session of `user`.
    fn store(&self, id: &str, data: &str, user: &str) -> Result<()> {
        let user = format!(r#","User":"{user}""#);
        self.fixture.store(id, &record(id, data, &user))
    }

    /// Sends `command` for the key of the session `id` to Redis.
    fn command(&self, command: &str, id: &str, arguments: &[&str]) -> Result<()> {
        let key = format!("session:{id}");
        let command = [&[command, &key], arguments].concat();
        self.fixture.redis.cli(&command).map(drop)
    }

    /// Waits until the seconds of idle time left in alice's row meet `condition`, and returns them.
    async fn seconds(&self, what: &str, condition: impl Fn(u64) -> bool) -> Result<u64> {
        let left = format!("{}.querySelector('[data-left]').textContent", row("alice"));
        wait_until(what, SOON, async || {
            let left = humantime::parse_duration(&self.browser.eval(&left).await?)?.as_secs();
            Ok(condition(left).then_some(left))
        })
        .await
    }

    /// Waits until alice's data contains `part`.
    async fn alices_data(&self, part: &str) -> Result<()> {
        let script = format!("{}.cells[2].textContent.includes('{part}')", row("alice"));
        self.browser.wait_for(&script, "true").await
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
    let it = Page::open().await?;
    let browser = &it.browser;
    let text = browser
        .eval("document.querySelector('main').innerText")
        .await?;
    for part in [
        r#""</pre><script>hacked=1</script>": "<img src=x onerror='hacked=1'>""#,
        "<b onclick='hacked=1'>mallory</b>",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }

    // In the first page, and in rows that the script loaded.
    for _ in 0..2 {
        let elements = "document.querySelectorAll('table script, table img, table b').length";
        assert_eq!(browser.eval(elements).await?, "0");
        assert_eq!(browser.eval("typeof hacked").await?, "undefined");
        let html = browser.eval("document.documentElement.outerHTML").await?;
        assert!(!html.contains(&ALICE[8..]), "the whole ID");
        it.store(
            MALLORY,
            r#"{"<img src=x onerror='hacked=1'>":"new"}"#,
            "<b>mallory</b>",
        )?;
        let updated = r#"document.querySelector('table').textContent.includes(': "new"')"#;
        browser.wait_for(updated, "true").await?;
    }
    // The content security policy stops scripts even if the escaping failed.
    browser.eval(
        "document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"hacked=1\">')",
    )
    .await?;
    browser
        .wait_for("document.querySelector('body > img').complete", "true")
        .await?;
    assert_eq!(browser.eval("typeof hacked").await?, "undefined");

    let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    for width in [1400, 800, 500] {
        browser.resize(width, 900).await?;
        assert_eq!(browser.eval(fits).await?, "true", "{width}");
    }
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_page_counts_down_and_follows_redis() -> Result<()> {
    let it = Page::open().await?;
    let browser = &it.browser;
    browser.wait_for(STATE, "live").await?;
    browser.eval("window.loaded = 'once'").await?;

    // Nothing new arrives from a frozen Redis, so it is the page that counts.
    it.command("EXPIRE", ALICE, &["60"])?;
    it.seconds("the timeout to be shown", |left| left <= 60)
        .await?;
    it.fixture.redis.freeze()?;
    browser
        .wait_for(STATE, "Redis does not answer; trying again")
        .await?;
    let first = it.seconds("the timeout", |_| true).await?;
    let bar = format!("{}.querySelector('meter').value / 1000", row("alice"));
    let bar_before: f64 = browser.eval(&bar).await?.parse()?;
    it.seconds("the countdown to go on", |left| left + 3 <= first)
        .await?;
    let bar_after: f64 = browser.eval(&bar).await?.parse()?;
    assert!(bar_after < bar_before, "{bar_before} {bar_after}");
    let age = "document.querySelector('[data-age]').textContent";
    let age = humantime::parse_duration(&browser.eval(age).await?)?;
    assert!(age >= Duration::from_secs(3), "{age:?}");
    assert_eq!(browser.eval(ROWS).await?, "2", "the rows stay");
    it.fixture.redis.thaw()?;
    browser.wait_for(STATE, "live").await?;

    // A visit extends a timeout, a session is added, one is deleted, one changes.
    it.command("EXPIRE", ALICE, &["1800"])?;
    it.seconds("the timeout to be extended", |left| left > 1700)
        .await?;
    it.store(BOB, "{}", "bob")?;
    browser.wait_for(ROWS, "3").await?;
    let text = async |id: &str| {
        let script = format!("document.getElementById('{id}').textContent");
        browser.eval(&script).await
    };
    assert!(text("counts").await?.starts_with("3 sessions"));
    it.command("DEL", MALLORY, &[])?;
    browser.wait_for(ROWS, "2").await?;
    let changes = text("changes").await?;
    assert!(changes.contains(" 1 ended: 0c0c0c0c… of "), "{changes}");
    it.store(ALICE, r#"{"visitCount":4}"#, "alice")?;
    it.alices_data(": 4").await?;
    assert_eq!(
        browser.eval("window.loaded").await?,
        "once",
        "the page reloaded"
    );

    browser.click("#pause").await?;
    assert!(browser.eval(STATE).await?.starts_with("paused"));
    it.store(ALICE, r#"{"visitCount":5}"#, "alice")?;
    browser.click("#pause").await?;
    it.alices_data(": 5").await
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn rows_keep_the_focus_and_the_button_ends_a_session() -> Result<()> {
    let it = Page::open().await?;
    let browser = &it.browser;
    browser
        .eval(&format!("{}.querySelector('button').focus()", row("alice")))
        .await?;
    let button = "End session 7d444840";
    let focused = "document.activeElement.getAttribute('aria-label')";
    assert_eq!(browser.eval(focused).await?, button);
    it.store(BOB, "{}", "bob")?;
    it.command("DEL", MALLORY, &[])?;
    browser
        .wait_for(&row("bob").replace(".find", ".some"), "true")
        .await?;
    browser.wait_for(ROWS, "2").await?;
    assert_eq!(browser.eval(focused).await?, button, "others change");
    it.store(ALICE, r#"{"visitCount":4}"#, "alice")?;
    it.alices_data(": 4").await?;
    assert_eq!(browser.eval(focused).await?, button, "it changes");

    browser
        .click("button[aria-label='End session 7d444840']")
        .await?;
    browser.wait_for(ROWS, "1").await?;
    browser
        .wait_for(&row("bob").replace(".find", ".some"), "true")
        .await?;
    // The page still belongs to the same look.
    let query = browser.eval("location.pathname + location.search").await?;
    assert!(query.starts_with("/?since="), "{query}");
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn a_search_stays_while_the_page_updates() -> Result<()> {
    let it = Page::open().await?;
    let browser = &it.browser;
    browser.type_into("#search", "ali").await?;
    browser.click("form[role=search] button").await?;
    browser.wait_for(ROWS, "1").await?;

    browser.type_into("#search", "ce2").await?;
    let other = "7d444841-9dc0-41d3-bd7a-8b8d3e1a6f9e";
    it.store(other, "{}", "alice2")?;
    it.store(BOB, "{}", "bob")?;
    browser.wait_for(ROWS, "2").await?;
    let text = "document.getElementById('search').value";
    assert_eq!(browser.eval(text).await?, "alice2", "the text changed");
    browser.click("form[role=search] button").await?;
    browser.wait_for(ROWS, "1").await?;
    browser
        .wait_for(&row("alice2").replace(".find", ".some"), "true")
        .await
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_page_is_accessible_in_every_state() -> Result<()> {
    let it = Page::open().await?;
    let browser = &it.browser;
    browser.check_accessibility().await?;
    browser.type_into("#search", "x").await?;
    browser.click("form[role=search] button").await?;
    browser.wait_for(ROWS, "0").await?;
    browser.check_accessibility().await?;

    for id in [ALICE, MALLORY] {
        it.command("DEL", id, &[])?;
    }
    let url = format!("http://{}/", it.fixture.viewer.address());
    browser.open(&url).await?;
    browser.wait_for(ROWS, "0").await?;
    browser.check_accessibility().await?;

    it.fixture.redis.freeze()?;
    browser
        .wait_for(STATE, "Redis does not answer; trying again")
        .await?;
    browser.check_accessibility().await?;
    browser.open(&url).await?;
    browser
        .wait_for(
            "document.querySelector('h1').textContent",
            "Redis does not answer",
        )
        .await?;
    browser.check_accessibility().await
}
