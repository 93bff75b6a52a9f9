//! The chat in real Chromiums, on two instances behind HAProxy: who reads what, and that nothing of it stays at the end.
//!
//! Ignored where nobody asks for it: Chromium is large, and a workshop doesn't need it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use testkit::{Browser, Demo, Deployment, Endpoint, TestEnv, Topology, Visitor, wait_until};

/// For what comes by itself.
const SOON: Duration = Duration::from_secs(30);
/// What is on the page, for a script: every word, also where it is out of sight.
const TEXT: &str = "document.documentElement.textContent";
const OVER: &str =
    "document.querySelector('#over').checkVisibility() && !document.querySelector('#chat')";
const PATH: &str = "location.pathname";
const HOSTILE: &str = "<img src=x onerror=alert(1)><b>";

async fn deployment(env: &TestEnv) -> Result<Deployment> {
    Deployment::start_with(env, Topology::balanced(Demo::Login), &[]).await
}

/// Somebody's browser, on one page.
struct Person {
    browser: Browser,
    endpoint: Endpoint,
}

impl Person {
    /// `name` signs in with the form, and goes to the chat.
    async fn chatting(env: &TestEnv, endpoint: &Endpoint, name: &str) -> Result<Self> {
        let person = Self {
            browser: Browser::start(env).await?,
            endpoint: endpoint.clone(),
        };
        person.sign_in(name).await?;
        person.browser.click("a[href='/chat']").await?;
        person.listens().await?;
        Ok(person)
    }

    async fn sign_in(&self, name: &str) -> Result<()> {
        self.open("/login").await?;
        self.browser.type_into("input[name=userId]", name).await?;
        self.browser.click("form[action='/login'] button").await?;
        self.soon("document.title", &format!("Welcome {name}!"))
            .await
    }

    async fn open(&self, path: &str) -> Result<()> {
        self.browser
            .open(&format!("http://{}{path}", self.endpoint.host()))
            .await
    }

    /// Waits until the page's stream is open.
    async fn listens(&self) -> Result<()> {
        self.soon("typeof stream == 'object' && stream.readyState", "1")
            .await
    }

    /// What `script` is in the page, as text.
    async fn ask(&self, script: &str) -> Result<String> {
        let answer = self.browser.ask(&format!("String({script})")).await?;
        Ok(answer.as_str().context("no text")?.to_owned())
    }

    /// Waits until `script` is `expected` in the page.
    async fn soon(&self, script: &str, expected: &str) -> Result<()> {
        let mut last = String::new();
        let what = format!("{script} to be {expected}");
        let waited = wait_until(&what, SOON, async || {
            // Between two pages there is none to ask.
            last = self
                .ask(script)
                .await
                .unwrap_or_else(|error| error.to_string());
            Ok((last == expected).then_some(()))
        })
        .await;
        waited.with_context(|| format!("it is {last}"))
    }

    /// Writes a message, and sends it.
    async fn say(&self, message: &str) -> Result<()> {
        self.browser.type_into("#send input", message).await?;
        self.browser.click("#send button").await?;
        self.soon("document.querySelector('#send input').value", "")
            .await
    }

    /// Waits for the messages on the page: all of them, in their order.
    async fn reads(&self, messages: &[&str]) -> Result<()> {
        self.soon(
            "[...list.children].map(item => item.textContent).join('|')",
            &messages.join("|"),
        )
        .await
    }
}

/// Sends a message as a program does.
async fn post(visitor: &mut Visitor, endpoint: &Endpoint, message: &str) -> Result<()> {
    let seen = visitor
        .post_json(
            endpoint,
            "/message",
            &serde_json::json!({ "message": message }).to_string(),
        )
        .await?;
    ensure!(seen.status == 202, "{seen:?}");
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn two_browsers_read_each_other_on_whichever_instance_and_markup_is_text() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env).await?;
    let alice = Person::chatting(&env, &deployment.endpoint, "alice").await?;
    let bob = Person::chatting(&env, &deployment.endpoint, "bob").await?;
    let both = [&alice, &bob];
    let mut said = Vec::new();
    // As many as reach each instance.
    for (who, message) in [
        (&alice, "one"),
        (&bob, "two"),
        (&bob, "three"),
        (&alice, "four"),
    ] {
        who.say(message).await?;
        said.push(format!(
            "{}: {message}",
            who.ask("document.querySelector('#user').textContent")
                .await?
        ));
    }
    let mut carol = Visitor::new();
    carol
        .post_json(&deployment.endpoint, "/login", r#"{"userId":"<i>carol"}"#)
        .await?;
    post(&mut carol, &deployment.endpoint, HOSTILE).await?;
    said.push(format!("<i>carol: {HOSTILE}"));
    let said: Vec<_> = said.iter().map(String::as_str).collect();
    for who in both {
        who.reads(&said).await?;
        assert_eq!(
            who.ask("document.querySelectorAll('#chat img, #chat b, #chat i').length")
                .await?,
            "0"
        );
    }

    // One instance goes; whoever listened there turns to the other by itself.
    deployment.instances[0].ask_to_stop()?;
    deployment.instances[0].ended().await?;
    wait_until(
        "both to be heard and to hear on the instance that is left",
        SOON,
        async || {
            post(&mut carol, &deployment.endpoint, "one is left").await?;
            let last = "list.lastElementChild?.textContent";
            Ok((alice.ask(last).await? == "<i>carol: one is left"
                && bob.ask(last).await? == "<i>carol: one is left")
                .then_some(()))
        },
    )
    .await?;
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn after_a_sign_out_in_another_tab_the_page_ends_empty_and_hears_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env).await?;
    let alice = Person::chatting(&env, &deployment.endpoint, "alice").await?;
    let bob = Person::chatting(&env, &deployment.endpoint, "bob").await?;
    bob.say("secret").await?;
    alice.reads(&["bob: secret"]).await?;
    alice.browser.type_into("#send input", "half writ").await?;

    alice.ask("window.tab = window.open('/dashboard')").await?;
    let form = r#"tab.document.querySelector("form[action='/logout']")"#;
    alice.soon(&format!("!!{form}"), "true").await?;
    alice.ask(&format!("{form}.requestSubmit()")).await?;
    alice.soon("tab.location.pathname", "/login").await?;
    alice.soon(OVER, "true").await?;
    bob.say("later").await?;
    bob.reads(&["bob: secret", "bob: later"]).await?;
    let left = alice
        .ask("document.querySelector('main').innerText")
        .await?;
    assert!(left.contains("Your session is over."), "{left}");
    let left = alice.ask("document.documentElement.outerHTML").await?;
    for part in ["alice", "secret", "half writ", "later"] {
        assert!(!left.contains(part), "{part} in {left}");
    }
    alice.browser.click("#over a").await?;
    alice.soon(PATH, "/login").await
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn somebody_else_who_signs_in_with_the_same_browser_finds_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env).await?;
    let alice = Person::chatting(&env, &deployment.endpoint, "alice").await?;
    alice.say("secret").await?;
    alice.reads(&["alice: secret"]).await?;
    alice.ask("window.tab = window.open('/login')").await?;
    let form = r#"tab.document.querySelector("form[action='/login']")"#;
    alice.soon(&format!("!!{form}"), "true").await?;
    alice
        .ask(&format!("{form}.elements.userId.value = 'bob'"))
        .await?;
    alice.ask(&format!("{form}.requestSubmit()")).await?;
    alice.soon("tab.document.title", "Welcome bob!").await?;
    alice.soon(OVER, "true").await?;
    assert!(!alice.ask(TEXT).await?.contains("secret"));
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn after_a_sign_out_nothing_is_left_and_back_shows_nothing_also_without_a_server()
-> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env).await?;
    let alice = Person::chatting(&env, &deployment.endpoint, "alice").await?;
    alice.say("secret").await?;
    alice.reads(&["alice: secret"]).await?;
    alice.browser.click("form[action='/logout'] button").await?;
    alice.soon(PATH, "/login").await?;
    for _ in ["the chat", "the dashboard"] {
        alice.browser.back().await?;
        alice.soon(PATH, "/login").await?;
        assert!(!alice.ask(TEXT).await?.contains("secret"));
    }
    assert_eq!(
        alice
            .ask("localStorage.length + sessionStorage.length + document.cookie.length")
            .await?,
        "0"
    );

    // With nobody there to hear of it, the page clears itself up.
    alice.sign_in("alice").await?;
    alice.browser.click("a[href='/chat']").await?;
    alice.listens().await?;
    alice.say("secret").await?;
    alice.reads(&["alice: secret"]).await?;
    for instance in &mut deployment.instances {
        instance.kill().await?;
    }
    // The page stays, as it is to be looked at.
    let sign_out = "document.querySelector(\"form[action='/logout']\")";
    alice
        .ask(&format!(
            "{sign_out}.addEventListener('submit', event => event.preventDefault())"
        ))
        .await?;
    alice.browser.click("form[action='/logout'] button").await?;
    assert!(!alice.ask(TEXT).await?.contains("secret"));
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn the_page_comes_back_by_itself_when_redis_and_servers_do() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env).await?;
    let alice = Person::chatting(&env, &deployment.endpoint, "alice").await?;
    let mut bob = Visitor::new();
    bob.post_json(&deployment.endpoint, "/login", r#"{"userId":"bob"}"#)
        .await?;
    alice.ask("window.loaded = 'once'").await?;

    for gone in ["Redis", "every server"] {
        alice.ask("(window.ended = false, stream.addEventListener('error', () => window.ended = true))").await?;
        if gone == "Redis" {
            deployment.redis()?.restart().await?;
            alice.soon("ended", "true").await?;
        } else {
            for instance in &mut deployment.instances {
                instance.kill().await?;
            }
            // Refused, by HAProxy: then a browser doesn't come back by itself.
            alice.soon("stream.readyState", "2").await?;
            assert_eq!(
                alice.ask("notice.textContent").await?,
                "Waiting for a server …"
            );
            for instance in &mut deployment.instances {
                instance.start().await?;
            }
        }
        alice.listens().await?;
        wait_until("messages to be heard by both instances", SOON, async || {
            let seen = bob
                .post_json(&deployment.endpoint, "/message", r#"{"message":"again"}"#)
                .await?;
            Ok((seen.body == r#"{"instances":2}"#).then_some(()))
        })
        .await?;
        alice
            .soon("list.lastElementChild?.textContent", "bob: again")
            .await?;
        alice.ask("list.replaceChildren()").await?;
    }
    assert_eq!(
        alice.ask("window.loaded").await?,
        "once",
        "without loading the page again"
    );
    Ok(())
}

#[actix_web::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn no_page_is_wider_than_the_screen() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env).await?;
    let alice = Person::chatting(&env, &deployment.endpoint, &"w".repeat(64)).await?;
    for width in [1400, 500] {
        alice.browser.resize(width, 900).await?;
        for path in ["/login", "/dashboard", "/sessions", "/chat"] {
            alice.open(path).await?;
            if path == "/chat" {
                alice.listens().await?;
                alice.say(&"w".repeat(200)).await?;
                alice.soon("list.children.length", "1").await?;
            }
            let wider = "[...document.querySelectorAll('html, main, section, ul')].filter(part => part.scrollWidth > part.clientWidth).length";
            assert_eq!(alice.ask(wider).await?, "0", "{path}, {width}");
        }
    }
    Ok(())
}
