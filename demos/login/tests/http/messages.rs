//! Messages between logged-in users, and the ends of their streams.

use std::time::{Duration, Instant};

use actix_web::{http::Method, rt::time::timeout};
use anyhow::{Context, Result};
use serde_json::json;
use testkit::{Events, wait_until};

use crate::{
    common::{App, Client, LOG_IN_FIRST, assert_error},
    sessions::path,
};

const PATIENCE: Duration = Duration::from_secs(15);

/// Opens a stream with the cookie of `client` on each instance.
async fn streams(app: &App, client: &Client) -> Result<Vec<Events>> {
    let mut streams = Vec::new();
    for instance in &app.deployment.instances {
        streams.push(client.listen(&instance.endpoint(), "/messages").await?);
    }
    Ok(streams)
}

/// Returns the next message of a stream, or `None` at its end.
async fn next(stream: &mut Events) -> Result<Option<String>> {
    timeout(PATIENCE, stream.next())
        .await
        .context("nothing arrived")?
}

async fn assert_read(streams: &mut [Events], text: &str) -> Result<()> {
    for stream in streams {
        let data = next(stream).await?.context("the stream ended")?;
        assert!(data.contains(text), "{data}");
    }
    Ok(())
}

async fn assert_ended(streams: Vec<Events>) -> Result<()> {
    for mut stream in streams {
        assert_eq!(next(&mut stream).await?, None);
    }
    Ok(())
}

/// The page was made for alice, and bob has logged in with the same browser since.
#[actix_web::test]
async fn a_page_of_another_user_gets_no_stream() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut bob = app.logged_in("bob").await?;
    for path in ["/messages?as=alice", "/messages?as="] {
        let response = bob.get(path).await?;
        assert_eq!((response.status, &*response.body), LOG_IN_FIRST, "{path}");
    }
    assert_eq!(bob.get("/messages?as=a&as=b").await?.status, 400);
    Ok(())
}

#[actix_web::test]
async fn a_message_has_its_sender_from_the_session() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let bob = app.logged_in("bob").await?;
    let response = bob
        .request(Method::GET, &bob.endpoint, "/messages")
        .send()
        .await;
    let response = response.map_err(|error| anyhow::anyhow!("{error}"))?;
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(response.headers().get(name).context(name)?, value);
    }

    let mut streams = streams(&app, &bob).await?;
    let forged = r#"{"message":"<b>\nhello","from":"carol"}"#;
    let response = alice.post_json("/message", forged).await?;
    assert_eq!(response.status, 202);
    assert_eq!(response.body, r#"{"instances":2}"#);
    let expected = r#"{"from":"alice","message":"<b>\nhello"}"#;
    assert_read(&mut streams, expected).await
}

#[actix_web::test]
async fn a_bad_message_is_refused_by_field() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    alice.send_message(&"\u{1}".repeat(2048)).await?;
    let message = |length| json!({ "message": "\u{1}".repeat(length) }).to_string();
    for (body, status, field) in [
        ("{}", 400, "message"),
        (r#"{"message":" \n"}"#, 400, "message"),
        ("x", 400, "body"),
        (&message(2049), 413, "message"),
        (&message(3000), 413, "body"),
    ] {
        assert_error(&alice.post_json("/message", body).await?, status, field);
    }
    Ok(())
}

#[actix_web::test]
async fn streams_end_with_their_session_only() -> Result<()> {
    let mut app = App::start(&[("LAB", "true")]).await?;
    let mut phone = app.logged_in("alice").await?;
    let mut others = streams(&app, &phone).await?;
    // A stream survives the rotation of its session's ID.
    let rotate = "/slow?for=0s&then=rotate";
    assert_eq!(phone.post(rotate, "").await?.status, 204);
    // An administrator deletes a session. Its streams end within 10 seconds, during what follows.
    let deleted = app.logged_in("alice").await?;
    let ending_later = streams(&app, &deleted).await?;
    let key = format!("session:{}", deleted.id()?);
    app.redis()?.cli(&["DEL", &key])?;

    let mut laptop = app.client();
    for next_user in ["alice", "bob"] {
        laptop.log_in("alice").await?;
        let ending = streams(&app, &laptop).await?;
        laptop.log_in(next_user).await?;
        assert_ended(ending).await?;
    }

    let ending = streams(&app, &laptop).await?;
    laptop.post(rotate, "").await?;
    laptop.post("/logout", "").await?;
    assert_ended(ending).await?;

    laptop.log_in("alice").await?;
    let ending = streams(&app, &laptop).await?;
    let handle = path(&mut phone, false).await?;
    phone.send(Method::DELETE, &handle, &[]).await?;
    assert_ended(ending).await?;

    laptop.log_in("alice").await?;
    let ending = streams(&app, &laptop).await?;
    phone.post("/sessions/revoke-others", "").await?;
    assert_ended(ending).await?;

    assert_ended(ending_later).await?;
    phone.send_message("still here").await?;
    assert_read(&mut others, "still here").await
}

/// Each instance looks every 5 seconds for the sessions with open streams.
#[actix_web::test]
async fn a_check_that_fails_ends_no_stream() -> Result<()> {
    let mut app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let mut streams = streams(&app, &alice).await?;
    let redis = app.redis()?;
    redis.cli(&["ACL", "SETUSER", "default", "-evalsha"])?;
    wait_until("both instances to check", PATIENCE, async || {
        let stats = redis.command_stats()?;
        let rejected = stats.get("evalsha").map_or(0, |stats| stats.rejected);
        Ok((rejected >= 2).then_some(()))
    })
    .await?;
    redis.cli(&["ACL", "SETUSER", "default", "+evalsha"])?;
    alice.send_message("still here").await?;
    assert_read(&mut streams, "still here").await
}

#[actix_web::test]
async fn an_open_stream_keeps_no_session_alive() -> Result<()> {
    let app = App::start(&[("IDLE_TIMEOUT", "1500ms")]).await?;
    let mut alice = app.logged_in("alice").await?;
    assert_ended(streams(&app, &alice).await?).await?;
    assert_eq!(alice.get("/messages").await?.status, 403);
    Ok(())
}

#[actix_web::test]
async fn sigterm_ends_streams_and_does_not_wait_for_them() -> Result<()> {
    let mut app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let mut streams = streams(&app, &alice).await?;
    let mut second = streams.split_off(1);
    let start = Instant::now();
    app.deployment.instances[0].ask_to_stop()?;
    assert_ended(streams).await?;
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
    let status = app.deployment.instances[0].ended().await?;
    assert_eq!(status.code(), Some(0));
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");

    alice.send_message("one is left").await?;
    assert_read(&mut second, "one is left").await
}
