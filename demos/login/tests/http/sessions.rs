//! The list of a user's own sessions, and their revocation.

use std::time::Duration;

use actix_web::http::Method;
use anyhow::{Context, Result};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::common::{App, Client, location};

async fn sessions(client: &mut Client) -> Result<Vec<Value>> {
    let response = client.get("/sessions").await?;
    assert_eq!(response.status, 200, "{response:?}");
    let body: Value = serde_json::from_str(&response.body)?;
    Ok(body["sessions"].as_array().context("no list")?.clone())
}

/// Returns the path of the only session in the list that is, or is not, the client's own.
pub(crate) async fn path(client: &mut Client, current: bool) -> Result<String> {
    let sessions = sessions(client).await?;
    let found: Vec<_> = sessions
        .iter()
        .filter(|session| session["current"] == current)
        .collect();
    assert_eq!(found.len(), 1, "{sessions:?}");
    let handle = found[0]["handle"].as_str().context("no handle")?;
    Ok(format!("/sessions/{handle}"))
}

#[actix_web::test]
async fn a_user_sees_their_active_sessions_and_no_id() -> Result<()> {
    let app = App::start(&[("SESSIONS_PER_USER", "3")]).await?;
    let mut oldest = app.logged_in("alice").await?;
    let (mut laptop, mut phone) = (app.client(), app.client());
    for (n, client) in [&mut laptop, &mut phone].into_iter().enumerate() {
        client.endpoint = app.deployment.instances[n].endpoint();
        client.log_in("alice").await?;
    }
    assert_eq!(oldest.user().await?.as_deref(), Some("alice"));
    // A fourth session ends the oldest, and then ends itself.
    app.logged_in("alice").await?.post("/logout", "").await?;
    assert_eq!(oldest.user().await?, None);
    app.logged_in("bob").await?;

    let body = laptop.get("/sessions").await?.body;
    for client in [&laptop, &phone] {
        assert!(!body.contains(&client.id()?[..8]), "{body}");
    }
    let list = sessions(&mut laptop).await?;
    assert_eq!(list.len(), 2, "{list:?}");
    for (current, instance) in [(true, "webserver-1"), (false, "webserver-2")] {
        let session = list.iter().find(|session| session["current"] == current);
        let session = session.context("not listed")?;
        assert_eq!(session["instance"], instance);
        // The defaults: 30 minutes and 12 hours.
        for (name, limit) in [("idleSecondsLeft", 1800), ("absoluteSecondsLeft", 43_200)] {
            let left = session[name].as_u64().context("no time left")?;
            assert!((limit - 10..=limit).contains(&left), "{session}");
        }
        for name in ["createdAt", "updatedAt"] {
            let time = session[name].as_str().context("no time")?;
            assert!(time.ends_with('Z'), "{session}");
        }
        assert_eq!(session["handle"].as_str().map(str::len), Some(16));
    }
    Ok(())
}

#[actix_web::test]
async fn a_user_revokes_one_session_or_all_others() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut laptop = app.logged_in("alice").await?;
    let mut phone = app.logged_in("alice").await?;
    let mut other_tab = phone.copied()?;
    let handle = path(&mut laptop, false).await?;
    assert_eq!(laptop.send(Method::DELETE, &handle, &[]).await?.status, 204);
    assert_eq!((phone.user().await?, other_tab.user().await?), (None, None));
    let again = laptop.send(Method::DELETE, &handle, &[]).await?;
    let error = r#"{"error":"you have no such session","field":"handle"}"#;
    assert_eq!((again.status, &*again.body), (404, error));

    phone.log_in("alice").await?;
    let handle = path(&mut laptop, false).await?;
    let page = laptop.page("/sessions").await?.body;
    assert_eq!(page.matches("(this one)").count(), 1, "{page}");
    let form = format!(r#"<form method="post" action="{handle}">"#);
    assert!(page.contains(&form), "{page}");
    let response = laptop.post(&handle, "").await?;
    assert_eq!(location(&response), Some("/sessions"));
    assert_eq!(phone.user().await?, None);

    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(app.logged_in("alice").await?);
    }
    let mut bob = app.logged_in("bob").await?;
    let response = laptop.post("/sessions/revoke-others", "").await?;
    assert_eq!((response.status, &*response.body), (200, r#"{"ended":3}"#));
    for other in &mut others {
        assert_eq!(other.user().await?, None);
    }
    assert_eq!(laptop.user().await?.as_deref(), Some("alice"));
    assert_eq!(bob.user().await?.as_deref(), Some("bob"));

    let own = path(&mut laptop, true).await?;
    let response = laptop.send(Method::DELETE, &own, &[]).await?;
    assert_eq!(location(&response), Some("/login"));
    assert!(response.header("clear-site-data").is_some() && laptop.cookie().is_none());
    Ok(())
}

#[actix_web::test]
async fn other_users_cannot_revoke_a_session() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let hers = path(&mut alice, true).await?;
    let mut bob = app.logged_in("bob").await?;
    let unknown = [
        "/sessions/0000000000000000",
        "/sessions/*",
        "/sessions/%2e%2e",
    ];
    for path in unknown.into_iter().chain([&*hers]) {
        let response = bob.send(Method::DELETE, path, &[]).await?;
        assert_eq!(response.status, 404, "{path}");
    }
    assert_eq!(alice.user().await?.as_deref(), Some("alice"));
    Ok(())
}

#[actix_web::test]
async fn a_revocation_whose_reply_was_lost_succeeds() -> Result<()> {
    let (app, _redis, proxy) = App::behind_proxy("5s").await?;
    let (mut laptop, mut phone) = (app.client(), app.client());
    for client in [&mut laptop, &mut phone] {
        client.log_in("alice").await?;
    }
    // Redis knows the script from now on, so the handle is in one command only.
    laptop
        .send(Method::DELETE, "/sessions/0123456789abcdef", &[])
        .await?;
    let path = path(&mut laptop, false).await?;
    proxy.lose_response_to(path.trim_start_matches("/sessions/"));
    assert_eq!(laptop.send(Method::DELETE, &path, &[]).await?.status, 204);
    assert_eq!(phone.get("/dashboard").await?.status, 303);
    Ok(())
}

/// Redis has evicted the list of alice's sessions, or an administrator has deleted it.
#[actix_web::test]
async fn without_an_index_a_revocation_is_not_a_success() -> Result<()> {
    let mut app = App::start(&[]).await?;
    let mut laptop = app.logged_in("alice").await?;
    let mut phone = app.logged_in("alice").await?;
    let path = path(&mut laptop, false).await?;
    app.redis()?.cli(&["DEL", "session:user:alice:sessions"])?;
    let error = r#"{"error":"the list of your sessions is incomplete, so nothing was ended"}"#;
    for (method, path) in [
        (Method::GET, "/sessions"),
        (Method::DELETE, &path),
        (Method::POST, "/sessions/revoke-others"),
    ] {
        let response = laptop.send(method, path, &[]).await?;
        assert_eq!((response.status, &*response.body), (409, error), "{path}");
    }
    assert_eq!(phone.user().await?.as_deref(), Some("alice"));
    laptop.log_in("alice").await?;
    assert_eq!(sessions(&mut laptop).await?.len(), 1);
    Ok(())
}

#[actix_web::test]
async fn an_administrator_deletes_sessions_in_redis() -> Result<()> {
    let mut app = App::start(&[]).await?;
    let mut alice = [app.logged_in("alice").await?, app.logged_in("alice").await?];
    let mut bob = app.logged_in("bob").await?;
    let index = "session:user:alice:sessions";
    let ids = app.redis()?.cli(&["ZRANGE", index, "0", "-1"])?;
    assert_eq!(ids.lines().count(), 2, "{ids}");
    for id in ids.lines() {
        let deleted = app.redis()?.cli(&["DEL", &format!("session:{id}")])?;
        assert_eq!(deleted.trim(), "1");
    }
    for client in &mut alice {
        assert_eq!(client.user().await?, None);
    }
    assert_eq!(bob.user().await?.as_deref(), Some("bob"));
    app.redis()?.cli(&["FLUSHDB"])?;
    assert_eq!(bob.user().await?, None);
    Ok(())
}

#[actix_web::test]
async fn the_list_names_browsers_and_begins_with_this_session() -> Result<()> {
    let app = App::start(&[]).await?;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let hostile = format!("<script>alert(1)</script> {firefox}");
    let mut clients = Vec::new();
    for header in [firefox, &hostile, "unknown/1.0"] {
        let mut client = app.client();
        let request = client
            .request(Method::POST, &client.endpoint, "/login")
            .insert_header(("User-Agent", header))
            .content_type("application/json");
        (*client).send(request, r#"{"userId":"alice"}"#).await?;
        clients.push(client);
    }

    let list = sessions(&mut clients[0]).await?;
    let shown: Vec<_> = list
        .iter()
        .map(|it| (it["current"].as_bool(), it["browser"].as_str()))
        .collect();
    let known = Some("Firefox on Linux");
    let expected = [
        (Some(true), known),
        (Some(false), None),
        (Some(false), known),
    ];
    assert_eq!(shown, expected);

    let page = clients[0].page("/sessions").await?.body;
    for session in &list {
        let handle = session["handle"].as_str().context("no handle")?;
        let browser = session["browser"].as_str().unwrap_or("Unknown browser");
        let action = if session["current"] == true {
            "Log out"
        } else {
            "Revoke"
        };
        let begin = format!("aria-label=\"{action}: {browser}, started ");
        let ends = format!(", {handle}\">{action}</button>");
        assert!(page.contains(&begin) && page.contains(&ends), "{page}");
    }
    assert!(!page.contains("<script>"), "{page}");
    Ok(())
}

#[actix_web::test]
async fn the_list_knows_when_a_session_was_last_used() -> Result<()> {
    let mut app = App::start(&[("IDLE_TIMEOUT", "20m"), ("ABSOLUTE_TIMEOUT", "30m")]).await?;
    let mut laptop = app.logged_in("alice").await?;
    let mut phone = app.logged_in("alice").await?;
    let minutes_ago = async |laptop: &mut Client| {
        let list = sessions(laptop).await?;
        let phone = list.iter().find(|it| it["current"] == false);
        let time = phone.context("no phone")?["lastSeenAt"].as_str();
        let time = OffsetDateTime::parse(time.context("no time")?, &Rfc3339)?;
        let rounded = OffsetDateTime::now_utc() - time + Duration::from_secs(30);
        Ok::<_, anyhow::Error>(rounded.whole_minutes())
    };
    assert_eq!(minutes_ago(&mut laptop).await?, 0);

    // As if the phone had not used its session for ten minutes.
    let key = format!("session:{}", phone.id()?);
    app.redis()?.cli(&["EXPIRE", &key, "600"])?;
    assert_eq!(minutes_ago(&mut laptop).await?, 10);
    assert_eq!(minutes_ago(&mut laptop).await?, 10, "the list is no use");
    phone.get("/dashboard").await?;
    assert_eq!(minutes_ago(&mut laptop).await?, 0);

    // Shortly before the absolute timeout, the rest of the idle timeout is cut to it.
    let app = App::start(&[("IDLE_TIMEOUT", "20m"), ("ABSOLUTE_TIMEOUT", "20m")]).await?;
    let list = sessions(&mut app.logged_in("alice").await?).await?;
    assert_eq!(list[0]["lastSeenAt"], Value::Null, "{list:?}");
    Ok(())
}
