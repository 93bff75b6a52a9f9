//! Caching headers, and the content of the pages.

use actix_web::http::Method;
use anyhow::{Context, Result};

use crate::common::{App, location};

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
        let headers = ["cache-control", "x-content-type-options"].map(|it| response.header(it));
        assert_eq!(headers, [Some("no-store"), Some("nosniff")], "{response:?}");
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
        let is_escaped = !html.contains(user) && html.contains("&lt;script&gt;");
        assert!(is_escaped, "{path}: {html}");
        let logout = html.contains(r#"<form method="post" action="/logout">"#);
        assert_eq!(logout, path != "/login", "{path}: {html}");
        let policy = policy.context("no policy")?;
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        let scripts = policy.contains("script-src 'self'; connect-src 'self'");
        assert_eq!(scripts, path == "/chat", "{path}: {policy}");
        assert!(!policy.contains("script-src 'unsafe"), "{path}: {policy}");
    }

    let page = alice.page("/chat").await?.body;
    let tag = r#"<script src="/chat.js" defer></script>"#;
    assert!(page.contains(tag), "{page}");
    let script = alice.get("/chat.js").await?;
    let content_type = script.header("content-type");
    assert_eq!(content_type, Some("text/javascript; charset=utf-8"));
    assert!(script.body.contains("textContent") && !script.body.contains("innerHTML"));
    Ok(())
}

#[actix_web::test]
async fn the_login_form_says_that_a_session_has_ended() -> Result<()> {
    let app = App::start(&[]).await?;
    let (mut laptop, mut phone) = (app.logged_in("alice").await?, app.logged_in("alice").await?);
    let mut stranger = app.client();
    stranger.forge("sessionID", "not signed");
    let notice = "Your session has ended.";
    for client in [&mut app.client(), &mut phone, &mut stranger] {
        let page = client.page("/login").await?.body;
        assert!(!page.contains(notice), "{page}");
    }

    laptop.post("/sessions/revoke-others", "").await?;
    for path in ["/dashboard", "/sessions", "/chat"] {
        let redirect = phone.page(path).await?;
        assert_eq!(location(&redirect), Some("/login"), "{path}");
    }
    let page = phone.page("/login").await?.body;
    assert!(page.contains(notice) && !page.contains("alice"), "{page}");

    // A logout in this browser removes the cookie, and a login replaces it.
    phone.log_in("alice").await?;
    assert!(!phone.page("/login").await?.body.contains(notice));
    phone.post("/logout", "").await?;
    assert!(!phone.page("/login").await?.body.contains(notice));
    Ok(())
}

#[actix_web::test]
async fn browsers_get_pages_for_errors_and_programs_json() -> Result<()> {
    let mut app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    for (path, status, json, part) in [
        (
            "/nothing",
            404,
            r#"{"error":"there is nothing here; try /login"}"#,
            "There is nothing here; try /login.",
        ),
        (
            "/message",
            405,
            r#"{"error":"this takes POST"}"#,
            "This takes POST.",
        ),
    ] {
        let program = alice.get(path).await?;
        assert_eq!((program.status, &*program.body), (status, json));
        let page = alice.page(path).await?;
        assert_eq!(page.status, status);
        assert!(page.body.contains(part), "no {part} in {}", page.body);
        assert_eq!(page.header("allow"), program.header("allow"));
    }

    app.redis()?.stop().await?;
    let page = alice.page("/dashboard").await?;
    assert_eq!((page.status, page.header("refresh")), (503, Some("5")));
    let part = "cannot use the redis store.";
    assert!(page.body.contains(part), "no {part} in {}", page.body);
    Ok(())
}
