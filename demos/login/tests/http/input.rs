//! What goes into a sign-in, and what doesn't.

use actix_web::http::Method;
use anyhow::Result;
use serde_json::{Value, json};
use testkit::{Endpoint, Response, TestEnv, Visitor};

use crate::common::{ask, deployment, signed_in, welcome_everywhere};

async fn post(
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    kind: &str,
    body: &[u8],
) -> Result<Response> {
    let request = visitor
        .request(Method::POST, endpoint, "/login")
        .content_type(kind);
    visitor.send(request, body.to_vec()).await
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[actix_web::test]
async fn a_bad_sign_in_is_refused_by_field_begins_no_session_and_repeats_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let long = format!(r#"{{"userId":"{}"}}"#, "a".repeat(65));
    let huge = format!(r#"{{"userId":"{}"}}"#, "a".repeat(5000));
    let cases: [(&str, &[u8], u16, &str); 20] = [
        (JSON, b"", 400, "body"),
        (JSON, b"SECRET-INPUT", 400, "body"),
        (JSON, b"\"SECRET-INPUT\"", 400, "userId"),
        (JSON, b"\xff", 400, "body"),
        (JSON, br#"{"SECRET-INPUT":"alice"}"#, 400, "userId"),
        (JSON, br#"{"userId":null}"#, 400, "userId"),
        (JSON, br#"{"userId":["SECRET-INPUT"]}"#, 400, "userId"),
        (JSON, br#"{"userId":""}"#, 400, "userId"),
        (JSON, br#"{"userId":"SECRET-INPUT x"}"#, 400, "userId"),
        (
            JSON,
            br#"{"userId":"SECRET-INPUT\u001b[31m"}"#,
            400,
            "userId",
        ),
        (JSON, br#"{"userId":"SECRET-INPUT\u202e"}"#, 400, "userId"),
        (JSON, long.as_bytes(), 400, "userId"),
        (JSON, huge.as_bytes(), 413, "body"),
        (FORM, b"", 400, "userId"),
        (FORM, b"userid=SECRET-INPUT", 400, "userId"),
        (FORM, b"userId=SECRET-INPUT%0A", 400, "userId"),
        (FORM, b"userId=SECRET-INPUT%FF", 400, "userId"),
        (FORM, b"userId=\xff", 400, "body"),
        ("text/plain", b"SECRET-INPUT", 415, "Content-Type"),
        (
            "multipart/form-data; boundary=x",
            b"--x--",
            415,
            "Content-Type",
        ),
    ];
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    for (kind, body, status, field) in cases {
        let what = String::from_utf8_lossy(body)
            .chars()
            .take(60)
            .collect::<String>();
        for visitor in [&mut Visitor::new(), &mut alice] {
            let seen = post(visitor, &deployment.endpoint, kind, body).await?;
            let told: Value = serde_json::from_str(&seen.body)?;
            assert_eq!(
                (seen.status, &told["field"]),
                (status, &json!(field)),
                "{kind} {what}: {told}"
            );
            assert!(
                told["error"]
                    .as_str()
                    .is_some_and(|error| !error.is_empty()),
                "{kind} {what}: {told}"
            );
            assert!(!seen.body.contains("SECRET-INPUT"), "{kind} {what}: {told}");
        }
        let seen = post(&mut Visitor::new(), &deployment.endpoint, kind, body).await?;
        assert!(seen.header("set-cookie").is_none(), "{kind} {what}");
    }
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice"),
        "what failed changed nothing"
    );
    for instance in &deployment.instances {
        assert!(
            !instance.log().contains("SECRET-INPUT"),
            "{}",
            instance.log()
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_browser_gets_the_form_again_with_what_was_wrong() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut visitor = Visitor::new();
    let request = visitor
        .request(Method::POST, &deployment.endpoint, "/login")
        .content_type(FORM)
        .insert_header(("Accept", "text/html"));
    let seen = visitor.send(request, "userId=<b>+x").await?;
    assert_eq!(seen.status, 400);
    assert!(
        seen.body.contains("visible characters only") && seen.body.contains("action=\"/login\""),
        "{}",
        seen.body
    );
    assert!(!seen.body.contains("<b>"), "{}", seen.body);
    Ok(())
}

#[actix_web::test]
async fn a_user_id_may_be_whatever_can_be_seen() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    for user in [
        "a",
        &"x".repeat(64),
        "O'Brien",
        "\"\\",
        "李雷",
        "Zoë",
        "*",
        "../../etc",
        "session:1",
    ] {
        let mut visitor = signed_in(&deployment.endpoint, user).await?;
        assert_eq!(
            welcome_everywhere(&mut visitor, &deployment.endpoint)
                .await?
                .as_deref(),
            Some(user)
        );
    }
    Ok(())
}

#[actix_web::test]
async fn what_is_not_there_or_not_allowed_is_told_in_json() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let nothing = Visitor::new()
        .get(&deployment.endpoint, "/nothing?a=%3Cb%3E")
        .await?;
    assert_eq!(
        (nothing.status, nothing.body.as_str()),
        (404, r#"{"error":"there is nothing here; try /login"}"#)
    );
    let put = ask(
        &mut Visitor::new(),
        Method::PUT,
        &deployment.endpoint,
        "/login",
        &[],
    )
    .await?;
    assert_eq!(
        (put.status, put.header("allow")),
        (405, Some("GET, HEAD, POST"))
    );
    assert_eq!(put.body, r#"{"error":"this takes GET, HEAD, POST"}"#);
    Ok(())
}
