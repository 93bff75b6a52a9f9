//! Messages between logged-in users, and the ends of their streams.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use actix_web::{http::Method, rt::time::timeout};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use testkit::{Events, wait_until};

use crate::{
    common::{App, Client},
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

async fn assert_ended(streams: Vec<Events>) -> Result<()> {
    for mut stream in streams {
        assert_eq!(next(&mut stream).await?, None);
    }
    Ok(())
}

async fn send(client: &mut Client, message: &str) -> Result<()> {
    let json = json!({ "message": message }).to_string();
    assert_eq!(client.post_json("/message", &json).await?.status, 202);
    Ok(())
}

#[actix_web::test]
async fn only_logged_in_users_send_and_read() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut anonymous = app.client();
    anonymous.get("/api/counter").await?;
    let mut alice = app.logged_in("alice").await?;
    let mut logged_out = alice.copied()?;
    alice.post("/logout", "").await?;
    let refused = (403, r#"{"error":"log in first"}"#);
    for client in [&mut app.client(), &mut anonymous, &mut logged_out] {
        let response = client
            .post_json("/message", r#"{"message":"hello"}"#)
            .await?;
        assert_eq!((response.status, response.body.as_str()), refused);
        let response = client.get("/messages").await?;
        assert_eq!((response.status, response.body.as_str()), refused);
        assert_eq!(
            client.get("/chat").await?.header("location"),
            Some("/login")
        );
    }

    // A page that was made for alice gets no stream of bob.
    let mut bob = app.logged_in("bob").await?;
    for path in ["/messages?as=alice", "/messages?as="] {
        let response = bob.get(path).await?;
        assert_eq!((response.status, response.body.as_str()), refused, "{path}");
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
    assert_eq!(
        (response.status, response.body.as_str()),
        (202, r#"{"instances":2}"#)
    );
    for stream in &mut streams {
        let data = next(stream).await?.context("the stream ended")?;
        assert_eq!(data, r#"{"from":"alice","message":"<b>\nhello"}"#);
    }
    Ok(())
}

#[actix_web::test]
async fn a_bad_message_is_refused_by_field() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    send(&mut alice, &"\u{1}".repeat(2048)).await?;
    let message = |length| json!({ "message": "\u{1}".repeat(length) }).to_string();
    for (body, status, field) in [
        ("{}", 400, "message"),
        (r#"{"message":" \n"}"#, 400, "message"),
        ("x", 400, "body"),
        (&message(2049), 413, "message"),
        (&message(3000), 413, "body"),
    ] {
        let response = alice.post_json("/message", body).await?;
        let error: Value = serde_json::from_str(&response.body)?;
        assert_eq!(
            (response.status, &error["field"]),
            (status, &json!(field)),
            "{error}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn streams_end_with_their_session_only() -> Result<()> {
    let mut app = App::start(&[]).await?;
    let mut phone = app.logged_in("alice").await?;
    let others = streams(&app, &phone).await?;
    // An administrator deletes a session. Its streams end within 5 seconds, during what follows.
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
    send(&mut phone, "still here").await?;
    for mut stream in others {
        assert!(
            next(&mut stream)
                .await?
                .is_some_and(|data| data.contains("still here"))
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_stream_survives_a_rotation() -> Result<()> {
    let app = App::start(&[("ROTATE_AFTER", "300ms")]).await?;
    let mut alice = app.logged_in("alice").await?;
    let first = alice.id()?;
    let mut streams = streams(&app, &alice).await?;
    wait_until("a new ID", PATIENCE, async || {
        alice.get("/dashboard").await?;
        Ok((alice.id()? != first).then_some(()))
    })
    .await?;
    send(&mut alice, "rotated").await?;
    for stream in &mut streams {
        assert!(
            next(stream)
                .await?
                .is_some_and(|data| data.contains("rotated"))
        );
    }
    alice.post("/logout", "").await?;
    assert_ended(streams).await
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
    let mut second = streams.pop().context("two streams")?;
    // A third stream, because awc reads the end of a response and a cut connection alike.
    let mut third = TcpStream::connect(app.deployment.instances[0].address())?;
    let cookie = alice.cookie().context("no cookie")?.encoded().stripped();
    let head = format!("GET /messages HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
    third.write_all(head.as_bytes())?;
    assert!(third.read(&mut [0; 4096])? > 0);
    let start = Instant::now();
    app.deployment.instances[0].ask_to_stop()?;
    assert_ended(streams).await?;
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    let status = app.deployment.instances[0].ended().await?;
    assert_eq!(status.code(), Some(0));
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    let mut rest = String::new();
    third.read_to_string(&mut rest)?;
    assert!(rest.ends_with("0\r\n\r\n"), "{rest:?}");

    send(&mut alice, "one is left").await?;
    assert!(
        next(&mut second)
            .await?
            .is_some_and(|data| data.contains("one is left"))
    );
    Ok(())
}
