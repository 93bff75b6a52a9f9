//! The chat in real Chromium browsers, with two instances behind HAProxy.
//!
//! The tests are ignored by default, because Chromium is large and the workshop does not need it.

use std::{
    ops::Deref,
    time::{Duration, Instant},
};

use anyhow::Result;
use testkit::{Browser, wait_until};

use common::App;

#[expect(dead_code, reason = "the tests over HTTP use the rest")]
#[path = "http/common.rs"]
mod common;

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

fn url(app: &App, path: &str) -> String {
    format!("http://{}{path}", app.deployment.endpoint.host())
}

/// A user with a browser, which shows one page.
struct User(Browser);

impl Deref for User {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.0
    }
}

impl User {
    /// Starts a browser in which `name` logs in and opens the chat.
    async fn start(app: &App, name: &str) -> Result<Self> {
        let user = Self(Browser::start(&app.env).await?);
        user.open(&url(app, "/login")).await?;
        user.log_in(name).await?;
        user.open_chat().await?;
        Ok(user)
    }

    /// Fills in the login form, which the page shows.
    async fn log_in(&self, name: &str) -> Result<()> {
        self.type_into("input[name=userId]", name).await?;
        self.click("form[action='/login'] button").await?;
        self.wait_for("document.title", &format!("Welcome {name}!"))
            .await
    }

    async fn open_chat(&self) -> Result<()> {
        self.click("a[href='/chat']").await?;
        self.wait_for_stream().await
    }

    /// Waits until the page's stream is open.
    async fn wait_for_stream(&self) -> Result<()> {
        self.wait_for("typeof stream == 'object' && stream.readyState", "1")
            .await
    }

    /// Types a message and sends it.
    async fn say(&self, message: &str) -> Result<()> {
        self.type_into("#send input", message).await?;
        self.click("#send button").await?;
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
    let mut app = App::start(&[]).await?;
    let alice = User::start(&app, "alice").await?;
    let bob = User::start(&app, "bob").await?;
    // HAProxy alternates, so each user reaches both instances.
    for (user, message) in [
        (&alice, "one"),
        (&bob, "two"),
        (&bob, "three"),
        (&alice, "four"),
    ] {
        user.say(message).await?;
    }
    let mut carol = app.logged_in("<i>carol").await?;
    carol.send_message(MARKUP).await?;
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
        carol.send_message("one is left").await?;
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
    let app = App::start(&[]).await?;
    let alice = User::start(&app, "alice").await?;
    let bob = User::start(&app, "bob").await?;
    bob.say("secret").await?;
    alice.sees(&["bob: secret"]).await?;
    alice.type_into("#send input", "half writ").await?;

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
    alice.click("#over a").await?;
    alice.wait_for(PATH, "/login").await
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn another_user_of_the_browser_finds_nothing() -> Result<()> {
    let app = App::start(&[]).await?;
    let alice = User::start(&app, "alice").await?;
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
    let mut app = App::start(&[]).await?;
    let alice = User::start(&app, "alice").await?;
    alice.say("secret").await?;
    alice.sees(&["alice: secret"]).await?;
    alice.click("form[action='/logout'] button").await?;
    alice.wait_for(PATH, "/login").await?;
    for _ in ["the chat", "the dashboard"] {
        alice.back().await?;
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
    alice.click("form[action='/logout'] button").await?;
    assert!(!alice.eval(TEXT).await?.contains("secret"));
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_page_reconnects_after_redis_and_servers_restart() -> Result<()> {
    let mut app = App::start(&[]).await?;
    let alice = User::start(&app, "alice").await?;
    let mut bob = app.logged_in("bob").await?;
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
            let body = bob.send_message("again").await?;
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
async fn the_page_says_when_redis_is_gone_and_back() -> Result<()> {
    let mut app = App::start(&[]).await?;
    let alice = User::start(&app, "alice").await?;
    let mut bob = app.logged_in("bob").await?;

    app.redis()?.stop().await?;
    let gone = "notice.textContent.includes('the server has lost Redis')";
    alice.wait_for(gone, "true").await?;
    alice.type_into("#send input", "hello").await?;
    alice.click("#send button").await?;
    let refused = "Not sent: the session store is not available; try again in a moment.";
    alice.wait_for("notice.textContent", refused).await?;
    assert_eq!(alice.eval("form.elements.message.value").await?, "hello");

    app.redis()?.resume().await?;
    let back = "Messages arrive again. You may have missed some.";
    alice.wait_for("notice.textContent", back).await?;
    alice.click("#send button").await?;
    wait_until("a message", PATIENCE, async || {
        bob.send_message("again").await?;
        Ok((alice.eval(LAST).await? == "bob: again").then_some(()))
    })
    .await
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn a_page_without_a_stream_says_so_and_tries_again() -> Result<()> {
    for (limit, status, expected) in [
        (
            "STREAMS_PER_USER",
            429,
            "Too many of your pages show the messages. Close one of them.",
        ),
        (
            "STREAMS_PER_INSTANCE",
            503,
            "Messages can't arrive or be sent now: too many streams are open already; try again in a moment.",
        ),
    ] {
        let app = App::start(&[(limit, "1")]).await?;
        let mut elsewhere = app.logged_in("alice").await?;
        let mut streams = Vec::new();
        for instance in &app.deployment.instances {
            streams.push(elsewhere.listen(&instance.endpoint(), "/messages").await?);
        }
        let alice = User(Browser::start(&app.env).await?);
        alice.open(&url(&app, "/login")).await?;
        alice.log_in("alice").await?;
        alice.click("a[href='/chat']").await?;
        let notice = "document.querySelector('#notice')?.textContent";
        alice.wait_for(notice, expected).await?;

        // An attempt consists of two requests: the stream, and the question for the status.
        let refused = format!("GET /messages {status} ");
        let attempts = |count: usize| {
            let app = &app;
            let refused = &refused;
            wait_until("another attempt", PATIENCE, async move || {
                let log = app.log();
                Ok((log.matches(refused).count() >= 2 * count).then(Instant::now))
            })
        };
        let first = attempts(1).await?;
        let pause = attempts(2).await? - first;
        assert!(pause > Duration::from_secs(4), "{pause:?}");
        elsewhere.post("/logout", "").await?;
        alice.wait_for_stream().await?;
    }
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn a_message_sent_too_fast_stays_in_the_field() -> Result<()> {
    let app = App::start(&[("MESSAGES_PER_SESSION", "1")]).await?;
    let alice = User::start(&app, "alice").await?;
    let send = "(form.elements.message.value = 'again', form.requestSubmit())";
    let refused = "notice.textContent.startsWith('Not sent: ')";
    wait_until("a refusal", PATIENCE, async || {
        alice.eval(send).await?;
        let answered = format!("form.elements.message.value == '' || {refused}");
        alice.wait_for(&answered, "true").await?;
        Ok((alice.eval(refused).await? == "true").then_some(()))
    })
    .await?;
    let expected = "Not sent: you send too many messages; try again in a moment.";
    assert_eq!(alice.eval("notice.textContent").await?, expected);
    assert_eq!(alice.eval("form.elements.message.value").await?, "again");
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn every_page_is_accessible() -> Result<()> {
    let app = App::start(&[]).await?;
    let alice = User(Browser::start(&app.env).await?);
    alice.open(&url(&app, "/login")).await?;
    alice.check_accessibility().await?;
    alice
        .type_into("input[name=userId]", &"w".repeat(65))
        .await?;
    alice.click("form[action='/login'] button").await?;
    alice
        .wait_for("!!document.querySelector('[role=alert]')", "true")
        .await?;
    alice.check_accessibility().await?;

    let longest = "w".repeat(64);
    let mut elsewhere = app.logged_in(&longest).await?;
    alice.open(&url(&app, "/login")).await?;
    alice.log_in(&longest).await?;
    for path in ["/dashboard", "/sessions", "/chat", "/nothing"] {
        alice.open(&url(&app, path)).await?;
        if path == "/chat" {
            alice.wait_for_stream().await?;
            alice.say(&"w".repeat(200)).await?;
            alice.wait_for("list.children.length", "1").await?;
        }
        alice.check_accessibility().await?;
    }

    alice.open(&url(&app, "/chat")).await?;
    alice.wait_for_stream().await?;
    elsewhere.post("/sessions/revoke-others", "").await?;
    alice.wait_for(OVER, "true").await?;
    alice.check_accessibility().await?;
    alice.open(&url(&app, "/login")).await?;
    let ended =
        "document.querySelector('[role=status]').textContent.startsWith('Your session has ended.')";
    assert_eq!(alice.eval(ended).await?, "true");
    alice.check_accessibility().await
}
