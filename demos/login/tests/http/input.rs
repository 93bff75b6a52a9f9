//! Bad requests and their errors.

use actix_web::http::Method;
use anyhow::Result;
use testkit::Response;

use crate::common::{App, Client, assert_error};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

async fn post(client: &mut Client, content_type: &str, body: &[u8]) -> Result<Response> {
    let request = client
        .request(Method::POST, &client.endpoint, "/login")
        .content_type(content_type);
    (**client).send(request, body.to_vec()).await
}

#[actix_web::test]
async fn a_bad_login_is_refused_and_changes_nothing() -> Result<()> {
    let app = App::start(&[]).await?;
    let long = format!(r#"{{"userId":"{}"}}"#, "a".repeat(65));
    let huge = format!(r#"{{"userId":"{}"}}"#, "a".repeat(5000));
    let multipart = "multipart/form-data; boundary=x";
    let cases: [(&str, &[u8], u16, &str); 19] = [
        (JSON, b"", 400, "body"),
        (JSON, b"SECRET-INPUT", 400, "body"),
        (JSON, b"\"SECRET-INPUT\"", 400, "userId"),
        (JSON, b"\xff", 400, "body"),
        (JSON, br#"{"SECRET-INPUT":"alice"}"#, 400, "userId"),
        (JSON, br#"{"userId":null}"#, 400, "userId"),
        (JSON, br#"{"userId":["SECRET-INPUT"]}"#, 400, "userId"),
        (JSON, br#"{"userId":""}"#, 400, "userId"),
        (JSON, br#"{"userId":"SECRET-INPUT x"}"#, 400, "userId"),
        (JSON, br#"{"userId":"SECRET-INPUT\u0430"}"#, 400, "userId"),
        (JSON, long.as_bytes(), 400, "userId"),
        (JSON, huge.as_bytes(), 413, "body"),
        (FORM, b"", 400, "userId"),
        (FORM, b"userid=SECRET-INPUT", 400, "userId"),
        (FORM, b"userId=SECRET-INPUT%0A", 400, "userId"),
        (FORM, b"userId=SECRET-INPUT%FF", 400, "userId"),
        (FORM, b"userId=\xff", 400, "body"),
        ("text/plain", b"SECRET-INPUT", 415, "Content-Type"),
        (multipart, b"--x--", 415, "Content-Type"),
    ];
    let mut alice = app.logged_in("alice").await?;
    for (content_type, body, status, field) in cases {
        let case = format!("{content_type} {:.60}", String::from_utf8_lossy(body));
        let mut visitor = app.client();
        for client in [&mut visitor, &mut alice] {
            let response = post(client, content_type, body).await?;
            assert_error(&response, status, field);
            assert!(!response.body.contains("SECRET-INPUT"), "{case}");
        }
        assert!(visitor.cookie().is_none(), "{case}");
    }
    assert_eq!(alice.user().await?.as_deref(), Some("alice"));
    assert!(!app.log().contains("SECRET-INPUT"), "{}", app.log());
    Ok(())
}

#[actix_web::test]
async fn a_browser_gets_the_form_again_with_the_error() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut browser = app.client();
    let request = browser
        .request(Method::POST, &browser.endpoint, "/login")
        .content_type(FORM)
        .insert_header(("Accept", "text/html"));
    let page = (*browser).send(request, "userId=<b>+x").await?;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("no spaces"), "{}", page.body);
    assert!(page.body.contains("action=\"/login\""), "{}", page.body);
    assert!(!page.body.contains("<b>"), "{}", page.body);
    Ok(())
}

#[actix_web::test]
async fn unknown_paths_methods_and_queries_are_json_errors() -> Result<()> {
    let app = App::start(&[("LAB", "true")]).await?;
    let mut client = app.client();
    let response = client.get("/nothing?a=%3Cb%3E").await?;
    let error = r#"{"error":"there is nothing here; try /login"}"#;
    assert_eq!((response.status, &*response.body), (404, error));

    let response = client.send(Method::PUT, "/login", &[]).await?;
    let error = r#"{"error":"this takes GET, HEAD, POST"}"#;
    assert_eq!((response.status, &*response.body), (405, error));
    assert_eq!(response.header("allow"), Some("GET, HEAD, POST"));

    for (query, field) in [
        ("for=1h", "for"),
        ("for=%3Cb%3E", "for"),
        ("then=%3Cb%3E", "query"),
    ] {
        let response = client.post(&format!("/slow?{query}"), "").await?;
        assert_error(&response, 400, field);
        assert!(!response.body.contains("<b>"), "{query}");
    }

    let app = App::start(&[]).await?;
    assert_eq!(app.client().post("/slow", "").await?.status, 404);
    Ok(())
}
