//! Caching headers, and the content of the pages.

use actix_web::http::Method;
use anyhow::{Context, Result};

use crate::common::App;

/// The paths that answer a GET of a logged-in user with 200.
pub(crate) const PAGES: [&str; 5] = ["/login", "/dashboard", "/api/counter", "/chat", "/sessions"];

/// After a logout, the browser's Back button then shows nothing.
#[actix_web::test]
async fn no_response_may_be_stored() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let mut responses = Vec::new();
    for path in PAGES {
        responses.push(alice.get(path).await?);
        responses.push(app.client().get(path).await?);
    }
    responses.push(alice.post("/login", "userId=").await?);
    responses.push(alice.post("/logout", "").await?);
    let foreign = [("Sec-Fetch-Site", "cross-site")];
    responses.push(alice.send(Method::POST, "/logout", &foreign).await?);
    responses.push(alice.send(Method::PUT, "/dashboard", &[]).await?);
    for response in responses {
        assert_eq!(
            response.header("cache-control"),
            Some("no-store"),
            "{response:?}"
        );
        assert_eq!(
            response.header("x-content-type-options"),
            Some("nosniff"),
            "{response:?}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn pages_escape_the_user_and_have_a_logout_button() -> Result<()> {
    let app = App::start(&[]).await?;
    let user = "<script>alert('1')</script>";
    let mut alice = app.logged_in(user).await?;
    for path in ["/login", "/dashboard", "/chat", "/sessions"] {
        let page = alice.page(path).await?;
        let (html, policy) = (&page.body, page.header("content-security-policy"));
        assert_eq!(page.status, 200);
        assert!(
            !html.contains(user) && html.contains("&lt;script&gt;"),
            "{path}: {html}"
        );
        let logout = html.contains(r#"<form method="post" action="/logout">"#);
        assert_eq!(logout, path != "/login", "{path}: {html}");
        let policy = policy.context("no policy")?;
        assert!(
            policy.starts_with("default-src 'none';"),
            "{path}: {policy}"
        );
        let scripts = policy.contains("script-src 'self'; connect-src 'self'");
        assert_eq!(scripts, path == "/chat", "{path}: {policy}");
        assert!(!policy.contains("script-src 'unsafe"), "{path}: {policy}");
    }

    let page = alice.page("/chat").await?.body;
    assert!(
        page.contains(r#"<script src="/chat.js" defer></script>"#),
        "{page}"
    );
    let script = alice.get("/chat.js").await?;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert!(script.body.contains("textContent") && !script.body.contains("innerHTML"));
    Ok(())
}
