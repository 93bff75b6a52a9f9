//! The page that a browser gets.

use anyhow::{Context, Result};
use base64::prelude::*;
use sha2::{Digest, Sha256};
use testkit::{Demo, Instance, TestEnv, Visitor};

use crate::common::{get_as, memory};

#[actix_web::test]
async fn the_page_shows_the_session_and_escapes_the_value() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;

    let first = get_as(&mut visitor, &endpoint, "/", "text/html").await?;
    let first = first.body;
    assert!(first.contains("<h1>Hello World #0</h1>"), "{first}");
    assert!(
        first.contains("not set") && !first.contains("Unset</button>"),
        "{first}"
    );

    let form = "value=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26";
    visitor.post(&endpoint, "/session", form).await?;
    let second = get_as(&mut visitor, &endpoint, "/", "text/html").await?;
    let short = second.session.context("no session")?;
    for part in [
        "<h1>Hello World #1</h1>",
        "memory-1",
        "<dd>memory</dd>",
        "<strong>&lt;script&gt;alert(1)&lt;/script&gt;&quot;",
        "Unset</button>",
        &short,
    ] {
        assert!(second.body.contains(part), "no {part} in {}", second.body);
    }
    assert!(!second.body.contains("<script>alert"), "{}", second.body);
    let id = visitor.session_id().context("no session")?;
    assert!(
        short.len() == 8 && id.len() == 36 && !second.body.contains(id),
        "the page shows the first 8 characters only"
    );
    Ok(())
}

#[actix_web::test]
async fn the_page_loads_nothing_else() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;
    let seen = get_as(&mut visitor, &endpoint, "/", "text/html").await?;

    for part in ["<script ", "src=", "@import", "url(", "https://"] {
        assert!(!seen.body.contains(part), "{part} in {}", seen.body);
    }
    // A browser would request an icon if the page had none.
    let icon = "<link rel=\"icon\" href=\"data:image/";
    assert!(
        seen.body.contains(icon) && seen.body.matches("href=").count() == 1,
        "{}",
        seen.body
    );
    let policy = seen.header("content-security-policy").unwrap_or_default();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    // It allows the one script in the page, and no other.
    let (_, script) = seen.body.split_once("<script>").context("no script")?;
    let (script, rest) = script.split_once("</script>").context("no end")?;
    assert!(!rest.contains("<script"), "{rest}");
    let hash = BASE64_STANDARD.encode(Sha256::digest(script));
    let (_, allowed) = policy.split_once("script-src ").context("no scripts")?;
    assert_eq!(allowed, format!("'sha256-{hash}'"));
    Ok(())
}

#[actix_web::test]
async fn each_instance_has_its_own_colour() -> Result<()> {
    let env = TestEnv::new()?;
    let mut colours = Vec::new();
    for name in ["memory-1", "memory-2"] {
        let server = Instance::started(&env, Demo::Memory, name, &[]).await?;
        let seen = get_as(&mut Visitor::new(), &server.endpoint(), "/", "text/html").await?;
        let (_, colour) = seen.body.split_once("--instance: ").context("no colour")?;
        colours.push(colour.split('"').next().context("no end")?.to_owned());
    }
    assert_ne!(colours[0], colours[1]);
    Ok(())
}

/// HAProxy takes turns. An instance without it cannot know the host names of the other demos.
#[actix_web::test]
async fn the_page_links_to_the_other_demos_behind_a_proxy() -> Result<()> {
    let env = TestEnv::new()?;
    for (proxy, links) in [("true", 7), ("false", 0)] {
        let settings = [("BEHIND_PROXY", proxy)];
        let server = Instance::started(&env, Demo::Memory, "memory-1", &settings).await?;
        let endpoint = server.endpoint().named("memory.localhost");
        let body = get_as(&mut Visitor::new(), &endpoint, "/", "text/html")
            .await?
            .body;
        assert_eq!(body.matches("<a href=").count(), links, "{body}");
        let port = endpoint.address().port();
        for link in [
            "<a href=\"/\" aria-current=\"page\">memory</a>".to_owned(),
            format!("<a href=\"//webserver.localhost:{port}/\">login</a>"),
        ] {
            assert_eq!(body.contains(&link), links > 0, "{link} in {body}");
        }
    }
    Ok(())
}
