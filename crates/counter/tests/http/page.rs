//! The page that a browser gets.

use anyhow::{Context, Result};
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
    assert!(!second.body.contains("<script"), "{}", second.body);
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

    for part in ["<script", "src=", "@import", "url(", "https://"] {
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
    Ok(())
}

#[actix_web::test]
async fn each_instance_has_its_own_colour() -> Result<()> {
    let env = TestEnv::new()?;
    let mut hues = Vec::new();
    for name in ["memory-1", "memory-2"] {
        let server = Instance::started(&env, Demo::Memory, name, &[]).await?;
        let seen = get_as(&mut Visitor::new(), &server.endpoint(), "/", "text/html").await?;
        let (_, hue) = seen.body.split_once("--hue:").context("no hue")?;
        hues.push(hue.split('"').next().context("no end")?.parse::<i32>()?);
    }
    let distance = (hues[0] - hues[1]).abs();
    assert!(
        distance.min(360 - distance) >= 60,
        "{hues:?} are hard to tell apart"
    );
    Ok(())
}
