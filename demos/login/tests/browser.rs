//! The chat in real Chromium browsers, with two instances behind HAProxy.
//!
//! The tests are ignored by default, because Chromium is large and the workshop does not need it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use testkit::{Browser, Demo, Deployment, Endpoint, TestEnv, Topology, Visitor, wait_until};

/// The longest wait for a change on the page.
const PATIENCE: Duration = Duration::from_secs(30);
/// Script: all text in the page, including hidden text.
const TEXT: &str = "document.documentElement.textContent";
/// Script: whether the page shows only that the session has ended.
const OVER: &str =
    "document.querySelector('#over').checkVisibility() && !document.querySelector('#chat')";
const PATH: &str = "location.pathname";
const LAST: &str = "list.lastElementChild?.textContent";
const MARKUP: &str = "<img src=x onerror=alert(1)><b>";

/// The application, and the environment that it runs in.
struct App {
    deployment: Deployment,
    env: TestEnv,
}

impl App {
    async fn start() -> Result<Self> {
        let env = TestEnv::new()?;
        let topology = Topology::balanced(Demo::Login);
        let deployment = Deployment::start_with(&env, topology, &[]).await?;
        Ok(Self { deployment, env })
    }

    /// Starts a browser in which `name` logs in and opens the chat.
    async fn user(&self, name: &str) -> Result<User> {
        let user = User {
            browser: Browser::start(&self.env).await?,
            endpoint: self.deployment.endpoint.clone(),
        };
        user.log_in(name).await?;
        user.open_chat().await?;
        Ok(user)
    }

    /// Logs in a visitor without a browser.
    async fn visitor(&self, name: &str) -> Result<Visitor> {
        let mut visitor = Visitor::new();
        let json = json!({ "userId": name }).to_string();
        visitor
            .post_json(&self.deployment.endpoint, "/login", &json)
            .await?;
        Ok(visitor)
    }

    /// Sends a message of `visitor`. Returns the body of the response.
    async fn send(&self, visitor: &mut Visitor, message: &str) -> Result<String> {
        let json = json!({ "message": message }).to_string();
        let response = visitor
            .post_json(&self.deployment.endpoint, "/message", &json)
            .await?;
        ensure!(response.status == 202, "{response:?}");
        Ok(response.body)
    }
}

/// A user with a browser, which shows one page.
struct User {
    browser: Browser,
    endpoint: Endpoint,
}

impl User {
    async fn log_in(&self, name: &str) -> Result<()> {
        self.open("/login").await?;
        self.browser.type_into("input[name=userId]", name).await?;
        self.browser.click("form[action='/login'] button").await?;
        self.wait_for("document.title", &format!("Welcome {name}!"))
            .await
    }

    async fn open_chat(&self) -> Result<()> {
        self.browser.click("a[href='/chat']").await?;
        self.wait_for_stream().await
    }

    async fn open(&self, path: &str) -> Result<()> {
        let url = format!("http://{}{path}", self.endpoint.host());
        self.browser.open(&url).await
    }

    /// Waits until the page's stream is open.
    async fn wait_for_stream(&self) -> Result<()> {
        self.wait_for("typeof stream == 'object' && stream.readyState", "1")
            .await
    }

    /// Evaluates `script` in the page. Returns the result as text.
    async fn eval(&self, script: &str) -> Result<String> {
        let result = self.browser.ask(&format!("String({script})")).await?;
        Ok(result.as_str().context("no text")?.to_owned())
    }

    /// Waits until `script` evaluates to `expected`.
    async fn wait_for(&self, script: &str, expected: &str) -> Result<()> {
        let mut last = String::new();
        let what = format!("{script} to be {expected}");
        let waited = wait_until(&what, PATIENCE, async || {
            // Between two pages a script fails.
            last = self
                .eval(script)
                .await
                .unwrap_or_else(|error| error.to_string());
            Ok((last == expected).then_some(()))
        })
        .await;
        waited.with_context(|| format!("it is {last}"))
    }

    /// Types a message and sends it.
    async fn say(&self, message: &str) -> Result<()> {
        self.browser.type_into("#send input", message).await?;
        self.browser.click("#send button").await?;
        self.wait_for("document.querySelector('#send input').value", "")
            .await
    }

    /// Waits until the page shows exactly these messages, in this order.
    async fn sees(&self, messages: &[&str]) -> Result<()> {
        let script = "[...list.children].map(item => item.textContent).join('|')";
        self.wait_for(script, &messages.join("|")).await
    }

    /// Opens `path` in another tab, `window.tab`, and submits its form with `action`.
    async fn submit_in_tab(&self, path: &str, action: &str, fill: &str) -> Result<()> {
        self.eval(&format!("window.tab = window.open('{path}')"))
            .await?;
        let form = format!("tab.document.querySelector(\"form[action='{action}']\")");
        self.wait_for(&format!("!!{form}"), "true").await?;
        self.eval(&format!(
            "(form => {{ {fill}; form.requestSubmit() }})({form})"
        ))
        .await
        .map(drop)
    }
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn two_browsers_chat_across_instances() -> Result<()> {
    let mut app = App::start().await?;
    let (alice, bob) = (app.user("alice").await?, app.user("bob").await?);
    // HAProxy alternates, so each user reaches both instances.
    for (user, message) in [
        (&alice, "one"),
        (&bob, "two"),
        (&bob, "three"),
        (&alice, "four"),
    ] {
        user.say(message).await?;
    }
    let mut carol = app.visitor("<i>carol").await?;
    app.send(&mut carol, MARKUP).await?;
    let by_carol = format!("<i>carol: {MARKUP}");
    let messages = [
        "alice: one",
        "bob: two",
        "bob: three",
        "alice: four",
        &by_carol,
    ];
    for user in [&alice, &bob] {
        user.sees(&messages).await?;
        let elements = "document.querySelectorAll('#chat img, #chat b, #chat i').length";
        assert_eq!(user.eval(elements).await?, "0");
    }

    // One instance stops. The browsers reconnect to the other one by themselves.
    app.deployment.instances[0].ask_to_stop()?;
    app.deployment.instances[0].ended().await?;
    wait_until("both browsers to reconnect", PATIENCE, async || {
        app.send(&mut carol, "one is left").await?;
        let expected = "<i>carol: one is left";
        Ok(
            (alice.eval(LAST).await? == expected && bob.eval(LAST).await? == expected)
                .then_some(()),
        )
    })
    .await
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn a_logout_in_another_tab_empties_the_page() -> Result<()> {
    let app = App::start().await?;
    let (alice, bob) = (app.user("alice").await?, app.user("bob").await?);
    bob.say("secret").await?;
    alice.sees(&["bob: secret"]).await?;
    alice.browser.type_into("#send input", "half writ").await?;

    alice.submit_in_tab("/dashboard", "/logout", "").await?;
    alice.wait_for("tab.location.pathname", "/login").await?;
    alice.wait_for(OVER, "true").await?;
    bob.say("later").await?;
    bob.sees(&["bob: secret", "bob: later"]).await?;
    let main = alice
        .eval("document.querySelector('main').innerText")
        .await?;
    assert!(main.contains("Your session has ended."), "{main}");
    let html = alice.eval("document.documentElement.outerHTML").await?;
    for part in ["alice", "secret", "half writ", "later"] {
        assert!(!html.contains(part), "{part} in {html}");
    }
    alice.browser.click("#over a").await?;
    alice.wait_for(PATH, "/login").await
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn another_user_of_the_browser_finds_nothing() -> Result<()> {
    let app = App::start().await?;
    let alice = app.user("alice").await?;
    alice.say("secret").await?;
    alice.sees(&["alice: secret"]).await?;
    let fill = "form.elements.userId.value = 'bob'";
    alice.submit_in_tab("/login", "/login", fill).await?;
    alice.wait_for("tab.document.title", "Welcome bob!").await?;
    alice.wait_for(OVER, "true").await?;
    assert!(!alice.eval(TEXT).await?.contains("secret"));
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn a_logout_leaves_nothing_and_back_shows_nothing() -> Result<()> {
    let mut app = App::start().await?;
    let alice = app.user("alice").await?;
    alice.say("secret").await?;
    alice.sees(&["alice: secret"]).await?;
    alice.browser.click("form[action='/logout'] button").await?;
    alice.wait_for(PATH, "/login").await?;
    for _ in ["the chat", "the dashboard"] {
        alice.browser.back().await?;
        alice.wait_for(PATH, "/login").await?;
        assert!(!alice.eval(TEXT).await?.contains("secret"));
    }
    let stored = "localStorage.length + sessionStorage.length + document.cookie.length";
    assert_eq!(alice.eval(stored).await?, "0");

    // The page clears itself even if no server can be reached.
    alice.log_in("alice").await?;
    alice.open_chat().await?;
    alice.say("secret").await?;
    alice.sees(&["alice: secret"]).await?;
    for instance in &mut app.deployment.instances {
        instance.kill().await?;
    }
    // Keep the browser on the page, so that the test can look at it.
    alice
        .eval("addEventListener('submit', event => event.preventDefault())")
        .await?;
    alice.browser.click("form[action='/logout'] button").await?;
    assert!(!alice.eval(TEXT).await?.contains("secret"));
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_page_reconnects_after_redis_and_servers_restart() -> Result<()> {
    let mut app = App::start().await?;
    let alice = app.user("alice").await?;
    let mut bob = app.visitor("bob").await?;
    alice.eval("window.loaded = 'once'").await?;

    for redis in [true, false] {
        alice.eval("(window.ended = false, stream.addEventListener('error', () => window.ended = true))").await?;
        if redis {
            app.deployment.redis()?.restart().await?;
            alice.wait_for("ended", "true").await?;
        } else {
            for instance in &mut app.deployment.instances {
                instance.kill().await?;
            }
            // HAProxy refuses the stream. After a refusal the browser does not reconnect by itself.
            alice.wait_for("stream.readyState", "2").await?;
            assert_eq!(
                alice.eval("notice.textContent").await?,
                "Waiting for a server …"
            );
            for instance in &mut app.deployment.instances {
                instance.start().await?;
            }
        }
        alice.wait_for_stream().await?;
        wait_until("both instances to subscribe", PATIENCE, async || {
            let body = app.send(&mut bob, "again").await?;
            Ok((body == r#"{"instances":2}"#).then_some(()))
        })
        .await?;
        alice.wait_for(LAST, "bob: again").await?;
        alice.eval("list.replaceChildren()").await?;
    }
    let loaded = alice.eval("window.loaded").await?;
    assert_eq!(loaded, "once", "the page was not loaded again");
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn no_page_is_wider_than_the_screen() -> Result<()> {
    let app = App::start().await?;
    let alice = app.user(&"w".repeat(64)).await?;
    let wider = "[...document.querySelectorAll('html, main, section, ul')].filter(part => part.scrollWidth > part.clientWidth).length";
    for width in [1400, 500] {
        alice.browser.resize(width, 900).await?;
        for path in ["/login", "/dashboard", "/sessions", "/chat"] {
            alice.open(path).await?;
            if path == "/chat" {
                alice.wait_for_stream().await?;
                alice.say(&"w".repeat(200)).await?;
                alice.wait_for("list.children.length", "1").await?;
            }
            assert_eq!(alice.eval(wider).await?, "0", "{path}, {width}");
        }
    }
    Ok(())
}
