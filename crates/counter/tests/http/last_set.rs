//! The page shows what became of the value that a browser set last. A cookie carries that value.

use anyhow::{Context, Result};
use testkit::{Demo, Deployment, Endpoint, Response, TestEnv, Topology, Visitor};

use crate::common::{get_as, memory, post_as_browser};

const HTML: &str = "text/html";

/// Returns what `response` sets `lastSet` to, with the attributes.
fn last_set(response: &Response) -> Option<&str> {
    let mut cookies = response.headers.get_all("set-cookie");
    cookies.find_map(|cookie| cookie.to_str().ok().filter(|it| it.contains("lastSet=")))
}

/// Gets the page at `path`. Returns its sentence as text, or nothing if it has none.
async fn sentence(visitor: &mut Visitor, endpoint: &Endpoint, path: &str) -> Result<String> {
    let page = get_as(visitor, endpoint, path, HTML).await?.body;
    let note = page.split_once("<p class=\"note\">").map(|(_, rest)| rest);
    let note = note.and_then(|rest| Some(rest.split_once("</p>")?.0));
    let mut text = note.unwrap_or_default().to_owned();
    for (tag, mark) in [
        ("<em>", "*"),
        ("</em>", "*"),
        ("<span style=\"display: inline-block\">", ""),
        ("</span>", ""),
    ] {
        text = text.replace(tag, mark);
    }
    Ok(text)
}

#[actix_web::test]
async fn the_page_says_what_became_of_the_value() -> Result<()> {
    for (demo, here, there) in [
        (
            Demo::Memory,
            "and its memory has the value.",
            "and its memory has no such value.",
        ),
        (
            Demo::File,
            "and it found the value.",
            "and its folder has no such value.",
        ),
        (
            Demo::Redis,
            "and your session has the value.",
            "and both ask the same Redis.",
        ),
        (
            Demo::Cookie,
            "and your cookie brought the value.",
            "and your cookie brought the value.",
        ),
    ] {
        let site = Deployment::start_with(&TestEnv::new()?, Topology::two(demo), &[]).await?;
        let [one, two] = [0, 1].map(|index| site.instances[index].endpoint());
        let [first, second] = [0, 1].map(|index| site.instances[index].name());
        let mut visitor = Visitor::new();
        assert_eq!(sentence(&mut visitor, &one, "/").await?, "");

        post_as_browser(&mut visitor, &one, "/session", "value=%3Cb%3Eblue").await?;
        for path in ["/", "/session/"] {
            let expected =
                format!("You set *&lt;b&gt;blue* at {first}. This is {first} again, {here}");
            assert_eq!(sentence(&mut visitor, &one, path).await?, expected);
            let expected = format!("You set *&lt;b&gt;blue* at {first}. This is {second}, {there}");
            assert_eq!(sentence(&mut visitor, &two, path).await?, expected);
        }
    }
    Ok(())
}

/// Only the instances know whether they share their folder, so the page does not call it "its folder".
#[actix_web::test]
async fn a_value_in_a_shared_folder_is_found() -> Result<()> {
    let env = TestEnv::new()?;
    let folder = env.folder("shared")?;
    let settings = [("SESSION_DIR", folder.to_str().context("no UTF-8")?)];
    let site = Deployment::start_with(&env, Topology::two(Demo::File), &settings).await?;
    let [one, two] = [0, 1].map(|index| site.instances[index].endpoint());
    let mut visitor = Visitor::new();

    get_as(&mut visitor, &one, "/session/set/blue", HTML).await?;
    assert_eq!(
        sentence(&mut visitor, &two, "/").await?,
        "You set *blue* at file-1. This is file-2, and it found the value."
    );
    Ok(())
}

#[actix_web::test]
async fn a_value_that_is_lost_has_more_than_one_cause() -> Result<()> {
    let topology = Topology::one(Demo::Memory);
    let mut site = Deployment::start_with(&TestEnv::new()?, topology, &[]).await?;
    let mut visitor = Visitor::new();
    post_as_browser(&mut visitor, &site.endpoint, "/session", "value=blue").await?;
    let start = "You set *blue* at memory-1. This is memory-1 again, and its memory has";

    // curl with the same session cookie.
    visitor.get(&site.endpoint, "/session/set/green").await?;
    let another = sentence(&mut visitor, &site.endpoint, "/").await?;
    assert_eq!(another, format!("{start} another value."));

    site.instances[0].restart().await?;
    let lost = sentence(&mut visitor, &site.endpoint, "/").await?;
    let causes = "Perhaps it restarted, or the earlier session has ended.";
    assert_eq!(lost, format!("{start} no such value. {causes}"));
    Ok(())
}

#[actix_web::test]
async fn programs_get_the_same_as_without_the_cookie() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;
    let mut browser = Visitor::new();
    for client in [&mut visitor, &mut browser] {
        for seen in [
            client.get(&endpoint, "/session/set/blue").await?,
            client.post(&endpoint, "/session", "value=blue").await?,
        ] {
            assert_eq!(last_set(&seen), None);
        }
    }
    browser.forge("lastSet", "memory/memory-2/blue");

    for accept in ["*/*", "application/json"] {
        for path in ["/", "/session/", "/session/set/red", "/session/"] {
            let plain = get_as(&mut visitor, &endpoint, path, accept).await?;
            let other = get_as(&mut browser, &endpoint, path, accept).await?;
            assert_eq!(plain.body, other.body, "{path}");
            assert_eq!((last_set(&plain), last_set(&other)), (None, None), "{path}");
        }
    }
    Ok(())
}

#[actix_web::test]
async fn the_cookie_is_short_and_goes_with_the_value() -> Result<()> {
    let env = TestEnv::new()?;
    for (secure, name, end) in [
        ("false", "lastSet", ""),
        ("true", "__Host-lastSet", "; Secure"),
    ] {
        let settings = [("SECURE_COOKIE", secure)];
        let site = Deployment::start_with(&env, Topology::one(Demo::Memory), &settings).await?;
        let mut visitor = Visitor::new();

        // The cookie carries 63 characters and a mark.
        let form = format!("value={}", "%C3%BC".repeat(65));
        let set = post_as_browser(&mut visitor, &site.endpoint, "/session", &form).await?;
        let value = format!("{}%E2%80%A6", "%C3%BC".repeat(63));
        let attributes = "HttpOnly; SameSite=Lax";
        let expected =
            format!("{name}=memory/memory-1/{value}; {attributes}{end}; Path=/; Max-Age=600");
        assert_eq!(last_set(&set), Some(&*expected));
        let shown = sentence(&mut visitor, &site.endpoint, "/").await?;
        assert!(shown.contains(&format!("*{}…*", "ü".repeat(63))), "{shown}");
        assert!(shown.ends_with(" has the value."), "{shown}");

        for (path, form) in [("/session", "unset=1"), ("/logout", "")] {
            get_as(&mut visitor, &site.endpoint, "/session/set/blue", HTML).await?;
            assert_ne!(sentence(&mut visitor, &site.endpoint, "/").await?, "");
            post_as_browser(&mut visitor, &site.endpoint, path, form).await?;
            assert_eq!(
                sentence(&mut visitor, &site.endpoint, "/").await?,
                "",
                "{path}"
            );
        }
        get_as(&mut visitor, &site.endpoint, "/session/set/blue", HTML).await?;
        get_as(&mut visitor, &site.endpoint, "/session/unset/", HTML).await?;
        assert_eq!(sentence(&mut visitor, &site.endpoint, "/").await?, "");
    }
    Ok(())
}

#[actix_web::test]
async fn forged_cookies_are_ignored() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;
    visitor.forge("lastSet", "memory/memory-2/blue");
    assert_ne!(sentence(&mut visitor, &endpoint, "/").await?, "");

    let long = format!("memory/memory-2/{}", "x".repeat(65));
    let long_name = format!("memory/{}/blue", "x".repeat(65));
    for value in [
        "",
        "blue",
        "memory/memory-2",
        "memory/memory-2/",
        "file/file-2/blue",
        "memory//blue",
        "memory/<b>/blue",
        "memory/a b/blue",
        &long,
        &long_name,
    ] {
        visitor.forge("lastSet", value);
        assert_eq!(sentence(&mut visitor, &endpoint, "/").await?, "", "{value}");
    }
    Ok(())
}

/// HAProxy knows a session by its cookie, whatever other cookie the response sets.
#[actix_web::test]
async fn haproxy_finds_the_session_beside_the_cookie() -> Result<()> {
    let settings = [("NEW_SESSIONS_PER_ADDRESS", "1")];
    let topology = Topology::balanced(Demo::Redis);
    let site = Deployment::start_with(&TestEnv::new()?, topology, &settings).await?;
    let mut visitor = Visitor::new();
    let set = post_as_browser(&mut visitor, &site.endpoint, "/session", "value=blue").await?;
    assert!(last_set(&set).is_some() && visitor.cookie().is_some());

    let refused = Visitor::new().get(&site.endpoint, "/").await?;
    assert_eq!(refused.status, 429, "the address has begun a session");
    let seen = visitor.get(&site.endpoint, "/").await?;
    assert_eq!(seen.body, "Hello World #0\nvalue: blue\n");
    Ok(())
}
