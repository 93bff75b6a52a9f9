//! The pages in a real Chromium, with two instances behind HAProxy.
//!
//! The tests are ignored by default, because Chromium is large and the workshop does not need it.

use anyhow::Result;
use testkit::{Browser, Demo, Deployment, TestEnv, Topology};

/// A demo, and a browser that shows its pages.
struct Site {
    // The browser is dropped first.
    browser: Browser,
    deployment: Deployment,
}

impl Site {
    /// Starts two instances of `demo` behind HAProxy, and opens the page.
    async fn open(demo: Demo) -> Result<Self> {
        let env = TestEnv::new()?;
        let deployment = Deployment::start_with(&env, Topology::balanced(demo), &[]).await?;
        let browser = Browser::start(&env).await?;
        let site = Self {
            browser,
            deployment,
        };
        site.reload().await?;
        Ok(site)
    }

    /// Requests the page once more.
    async fn reload(&self) -> Result<()> {
        self.get("/").await
    }

    async fn get(&self, path: &str) -> Result<()> {
        let url = format!("http://{}{path}", self.deployment.endpoint.host());
        self.browser.open(&url).await
    }

    /// Types `value` into the form and sends it.
    async fn set(&self, value: &str) -> Result<()> {
        self.browser.type_into("input[name=value]", value).await?;
        self.browser.click("form button").await?;
        let shown = "document.querySelector('.note')?.textContent.startsWith('You set')";
        self.browser.wait_for(shown, "true").await
    }
}

/// Script: returns the dots of the strip in their order. Each has its lane, `●` for a value, its count, and `✗` for a
/// count that did not go on.
const DOTS: &str = "[...document.querySelectorAll('#strip circle')].map(dot => {
    const lanes = [...document.querySelectorAll('#strip .lane')];
    const lane = lanes.findIndex(lane => lane.getAttribute('y1') == dot.getAttribute('cy'));
    const name = document.querySelectorAll('#strip .name')[lane].textContent;
    const part = (name, mark) => dot.parentNode.querySelector(name) ? mark : '';
    return `${name} ${part('.filled', '●')}${dot.parentNode.textContent}${part('.lost ~ .cross', '✗')}`;
}).join(', ')";

/// Script: the status of the page, and the program that answered, without the number of an instance.
const ANSWER: &str = "performance.getEntriesByType('navigation')[0].responseStatus + ' by ' + document.querySelector('header strong').textContent.split('-')[0]";

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn four_reloads_of_the_file_demo_draw_a_zigzag() -> Result<()> {
    let site = Site::open(Demo::File).await?;
    site.reload().await?;
    site.set("blue").await?;
    for _ in 0..4 {
        site.reload().await?;
    }

    let dots = "file-1 0, file-2 0✗, file-2 1, file-1 ●1✗, file-2 2, file-1 ●2✗, file-2 3";
    assert_eq!(site.browser.eval(DOTS).await?, dots);
    let last = "document.querySelector('#strip li:nth-child(4)').textContent";
    let words = "file-1: count 1, the value is there, the count did not go on";
    assert_eq!(site.browser.eval(last).await?, words);
    Ok(())
}

/// Redis has the value and the count, whichever instance asks.
#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_strip_keeps_twelve_requests_until_it_is_cleared() -> Result<()> {
    let site = Site::open(Demo::Redis).await?;
    site.set("blue").await?;
    for _ in 0..12 {
        site.reload().await?;
    }
    site.get("/session/").await?;

    let counts = (3..=13).map(|count| format!("redis-{} ●{count}, ", 2 - count % 2));
    let dots = format!("{}redis-2 ●", counts.collect::<String>());
    assert_eq!(site.browser.eval(DOTS).await?, dots);
    let words = "[...document.querySelectorAll('#strip li')].map(it => it.textContent)";
    for (item, text) in [
        ("length", "12"),
        ("at(-2)", "redis-1: count 13, the value is there"),
        (
            "at(-1)",
            "redis-2: a page without a count, the value is there",
        ),
    ] {
        let said = site.browser.eval(&format!("{words}.{item}")).await?;
        assert_eq!(said, text, "{item}");
    }

    site.browser.click("#strip button").await?;
    assert_eq!(site.browser.eval(DOTS).await?, "");
    site.reload().await?;
    assert_eq!(site.browser.eval(DOTS).await?, "redis-1 ●14");
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn damaged_and_foreign_entries_are_ignored() -> Result<()> {
    let site = Site::open(Demo::Memory).await?;
    for (stored, dots) in [
        ("not JSON", "memory-2 0"),
        ("{\"length\":3}", "memory-1 1"),
        (
            r#"[null,7,{},{"instance":"<img src=x onerror=alert(1)>","colour":0,"count":5,"value":true,"lost":false},
                {"instance":"memory-1","colour":"0","count":5,"value":true,"lost":false}]"#,
            "<img src=x onerror=alert(1)> ●5, memory-2 1✗",
        ),
    ] {
        let script = format!("localStorage.setItem('requests of memory', {stored:?})");
        site.browser.eval(&script).await?;
        site.reload().await?;
        assert_eq!(site.browser.eval(DOTS).await?, dots, "{stored}");
        assert_eq!(site.browser.eval("document.images.length").await?, "0");
    }
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn every_page_is_accessible() -> Result<()> {
    let site = Site::open(Demo::File).await?;
    site.browser.check_accessibility().await?;
    site.set(&"w".repeat(200)).await?;
    for path in ["/", "/", "/session/", "/nothing", "/session/set/"] {
        site.get(path).await?;
        site.browser.check_accessibility().await?;
    }
    // HAProxy's tables are in a frame, which axe does not enter.
    let statistics = site.deployment.endpoint.named("stats.localhost");
    site.browser
        .open(&format!("http://{}/", statistics.host()))
        .await?;
    site.browser.check_accessibility().await
}

/// The page of an outage is loaded again every few seconds.
#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_pages_of_an_outage_are_accessible() -> Result<()> {
    let mut site = Site::open(Demo::Redis).await?;
    site.deployment.redis()?.kill().await?;
    site.reload().await?;
    assert_eq!(site.browser.eval(ANSWER).await?, "503 by redis");
    site.browser.check_accessibility().await?;

    for instance in &mut site.deployment.instances {
        instance.kill().await?;
    }
    site.reload().await?;
    assert_eq!(site.browser.eval(ANSWER).await?, "503 by HAProxy");
    site.browser.check_accessibility().await
}
