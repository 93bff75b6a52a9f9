//! Login.

use std::collections::BTreeSet;

use actix_web::http::Method;
use anyhow::Result;
use serde_json::Value;
use testkit::{Demo, Instance};

use crate::{
    common::{App, LOG_IN_FIRST, location},
    sessions,
};

#[actix_web::test]
async fn a_program_and_a_form_log_in() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut program = app.client();
    assert_eq!(program.user().await?, None);
    let response = program.log_in("alice").await?;
    assert_eq!(response.body, r#"{"userId":"alice"}"#);
    assert_eq!(program.user().await?.as_deref(), Some("alice"));

    let mut browser = app.client();
    let form = browser.get("/login").await?;
    assert!(form.status == 200 && form.body.contains("There is no password."));
    assert!(form.header("set-cookie").is_none(), "it needs no session");
    let response = browser.post("/login", "userId=alice").await?;
    assert_eq!(location(&response), Some("/dashboard"));
    for flash in ["Logged in as alice\n", ""] {
        let dashboard = browser.get("/dashboard").await?.body;
        assert_eq!(dashboard, format!("Welcome alice!\n{flash}"));
    }
    Ok(())
}

/// An attacker who knew or chose the ID before the login gains nothing.
#[actix_web::test]
async fn a_login_changes_the_session_id() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.client();
    alice.get("/api/counter").await?;
    for count in [2, 3] {
        let mut attacker = alice.copied()?;
        alice.log_in("alice").await?;
        assert_ne!(alice.id()?, attacker.id()?);
        assert_eq!(alice.user().await?.as_deref(), Some("alice"));
        assert_eq!(attacker.user().await?, None);
        let counter = alice.get("/api/counter").await?.body;
        assert_eq!(counter, format!(r#"{{"count":{count},"storage":"redis"}}"#));
    }
    Ok(())
}

#[actix_web::test]
async fn session_ids_come_from_the_server_only() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut ids = BTreeSet::new();
    for _ in 0..10 {
        ids.insert(app.logged_in("alice").await?.id()?);
    }
    assert_eq!(ids.len(), 10);

    let mut forger = app.client();
    let id = app.logged_in("alice").await?.id()?;
    let signed_by_nobody = format!("{}={id}", "A".repeat(43));
    for value in [&id, &signed_by_nobody, "alice"] {
        forger.forge("sessionID", value);
        assert_eq!(forger.user().await?, None, "{value}");
    }
    Ok(())
}

/// A visitor of demo-cookie has the session in the cookie. A login imports its data.
#[actix_web::test]
async fn a_login_imports_the_session_of_an_old_cookie() -> Result<()> {
    let mut app = App::start(&[("MIGRATE_COOKIES", "true")]).await?;
    let old_server = Instance::started(&app.env, Demo::Cookie, "cookie-1", &[]).await?;
    let mut alice = app.client();
    alice.endpoint = old_server.endpoint();
    alice.get("/session/set/blue").await?;

    alice.endpoint = app.deployment.endpoint.clone();
    let mut thief = alice.copied()?;
    alice.log_in("alice").await?;
    assert_eq!(alice.user().await?.as_deref(), Some("alice"));
    let key = format!("session:{}", alice.id()?);
    let record: Value = serde_json::from_str(&app.redis()?.cli(&["GET", &key])?)?;
    let seen = [&record["User"], &record["Data"]["value"]];
    assert_eq!(seen, ["alice", "blue"]);
    assert_eq!(thief.user().await?, None, "the old cookie");
    Ok(())
}

#[actix_web::test]
async fn without_a_login_nothing_is_shown_sent_or_revoked() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let hers = sessions::path(&mut alice, true).await?;
    let mut anonymous = app.client();
    anonymous.get("/api/counter").await?;
    let mut bob = app.logged_in("bob").await?;
    let mut logged_out = bob.copied()?;
    bob.post("/logout", "").await?;
    for client in [&mut app.client(), &mut anonymous, &mut logged_out] {
        for (method, path) in [
            (Method::GET, "/sessions"),
            (Method::DELETE, &hers),
            (Method::POST, &hers),
            (Method::POST, "/sessions/revoke-others"),
            (Method::POST, "/message"),
            (Method::GET, "/messages"),
        ] {
            let response = client.send(method, path, &[]).await?;
            assert_eq!((response.status, &*response.body), LOG_IN_FIRST, "{path}");
        }
        for path in ["/dashboard", "/sessions", "/chat"] {
            assert_eq!(location(&client.page(path).await?), Some("/login"));
        }
    }
    assert_eq!(alice.user().await?.as_deref(), Some("alice"));
    Ok(())
}
