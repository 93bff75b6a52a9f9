//! The limits of messages, logins and streams. Requests beyond them change nothing.

use std::{
    ops::DerefMut,
    time::{Duration, Instant},
};

use actix_web::http::Method;
use anyhow::Result;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use testkit::{Demo, Endpoint, Response, TestEnv, Topology, Visitor, wait_until};

use crate::common::App;

const PATIENCE: Duration = Duration::from_secs(15);

/// How many requests each test sends at the same time.
const CROWD: u32 = 12;

/// On a busy machine, Redis may take its time to answer a crowd.
const PATIENT: (&str, &str) = ("REDIS_TIMEOUT", "10s");

/// Starts one instance, which visitors reach directly.
async fn one(settings: &[(&str, &str)]) -> Result<App> {
    let settings = [settings, &[PATIENT]].concat();
    App::start_in(TestEnv::new()?, Topology::one(Demo::Login), &settings).await
}

/// Sends `requests` at the same time. Checks that those up to `limit` per second succeed with `status`, and that the
/// others are refused.
async fn assert_limited(
    limit: u32,
    status: u16,
    requests: impl IntoIterator<Item = impl Future<Output = Result<Response>>>,
) -> Result<()> {
    let started = Instant::now();
    let responses = try_join_all(requests).await?;
    // A slow machine takes so long that more of them are allowed.
    let allowed = f64::from(limit) * (1.0 + started.elapsed().as_secs_f64());
    let (done, refused): (Vec<_>, _) = responses.into_iter().partition(|it| it.status == status);
    let done = u32::try_from(done.len())?;
    assert!(
        done >= limit && f64::from(done) <= allowed,
        "{done} of {allowed}"
    );
    for response in refused {
        assert_refused(&response, 429, "1");
    }
    Ok(())
}

#[track_caller]
fn assert_refused(response: &Response, status: u16, retry_after: &str) {
    let seen = (response.status, response.header("retry-after"));
    assert_eq!(seen, (status, Some(retry_after)), "{response:?}");
    let error: Value = serde_json::from_str(&response.body).unwrap_or_default();
    assert!(error["error"].is_string(), "{response:?}");
}

/// Logs in as `user`, without a cookie, with headers that name another `address`.
async fn log_in_from(endpoint: &Endpoint, user: &str, address: &str) -> Result<Response> {
    let mut visitor = Visitor::new();
    let request = visitor
        .request(Method::POST, endpoint, "/login")
        .content_type("application/json")
        .insert_header(("X-Forwarded-For", address))
        .insert_header(("Forwarded", format!("for={address}")))
        .insert_header(("X-Real-IP", address));
    let json = json!({ "userId": user }).to_string();
    visitor.send(request, json).await
}

#[actix_web::test]
async fn a_session_sends_only_so_many_messages_a_second() -> Result<()> {
    let app = one(&[("MESSAGES_PER_SESSION", "3")]).await?;
    let alice = app.logged_in("alice").await?;
    let mut bob = app.logged_in("bob").await?;
    let send = async |_| {
        let mut tab = alice.copied()?;
        tab.post_json("/message", r#"{"message":"again"}"#).await
    };
    assert_limited(3, 202, (0..CROWD).map(send)).await?;

    bob.send_message("not affected").await?;
    let mut tab = alice.copied()?;
    wait_until("alice to send again", PATIENCE, async || {
        Ok(tab.send_message("later").await.ok())
    })
    .await?;
    Ok(())
}

#[actix_web::test]
async fn an_address_logs_a_user_in_only_so_often() -> Result<()> {
    let app = one(&[("LOGINS_PER_USER", "3")]).await?;
    let log_in = async |_| {
        app.client()
            .post_json("/login", r#"{"userId":"alice"}"#)
            .await
    };
    assert_limited(3, 200, (0..CROWD).map(log_in)).await?;
    app.logged_in("bob").await?;
    Ok(())
}

#[actix_web::test]
async fn an_address_logs_users_in_only_so_often() -> Result<()> {
    let app = one(&[("LOGINS_PER_ADDRESS", "3")]).await?;
    let log_in = async |n| {
        let json = json!({ "userId": format!("user{n}") }).to_string();
        app.client().post_json("/login", &json).await
    };
    assert_limited(3, 200, (0..CROWD).map(log_in)).await
}

/// The visitor is logged in as another user, and uses the form.
#[actix_web::test]
async fn a_login_beyond_the_limit_changes_nothing() -> Result<()> {
    let app = one(&[("LOGINS_PER_USER", "1")]).await?;
    let mut number = 0;
    let (mut alice, mut stream, response) = wait_until("a refusal", PATIENCE, async || {
        number += 1;
        let alice = app.logged_in(&format!("alice{number}")).await?;
        let stream = alice.listen(&alice.endpoint, "/messages").await?;
        app.client().log_in("bob").await.ok();
        let request = alice
            .request(Method::POST, &alice.endpoint, "/login")
            .content_type("application/x-www-form-urlencoded")
            .insert_header(("Accept", "text/html"));
        let response = alice
            .copied()?
            .deref_mut()
            .send(request, "userId=bob")
            .await?;
        Ok((response.status == 429).then_some((alice, stream, response)))
    })
    .await?;
    assert_eq!(response.header("retry-after"), Some("1"));
    for text in ["<title>Log in", "too many logins"] {
        assert!(response.body.contains(text), "{text} in {}", response.body);
    }
    let dashboard = alice.get("/dashboard").await?.body;
    assert!(dashboard.starts_with("Welcome alice"), "{dashboard}");
    alice.send_message("still here").await?;
    assert!(stream.next().await?.is_some(), "her stream has ended");
    Ok(())
}

#[actix_web::test]
async fn a_user_and_an_instance_have_only_so_many_streams() -> Result<()> {
    let app = one(&[("STREAMS_PER_USER", "2"), ("STREAMS_PER_INSTANCE", "3")]).await?;
    let [mut phone, mut laptop] = [app.logged_in("alice").await?, app.logged_in("alice").await?];
    let mut streams = Vec::new();
    for client in [&phone, &laptop] {
        streams.push(client.listen(&client.endpoint, "/messages").await?);
    }
    assert_refused(&phone.get("/messages").await?, 429, "5");
    let bob = app.logged_in("bob").await?;
    streams.push(bob.listen(&bob.endpoint, "/messages").await?);
    let mut carol = app.logged_in("carol").await?;
    assert_refused(&carol.get("/messages").await?, 503, "5");

    laptop.post("/logout", "").await?;
    wait_until("a stream for alice", PATIENCE, async || {
        Ok(phone.listen(&phone.endpoint, "/messages").await.ok())
    })
    .await
    .map(drop)
}

/// A client that invents addresses still counts as one client.
#[actix_web::test]
async fn a_forged_address_does_not_evade_the_limit() -> Result<()> {
    let limit = ("LOGINS_PER_ADDRESS", "3");
    let balanced = Topology {
        instances: 1,
        ..Topology::balanced(Demo::Login)
    };
    for topology in [Topology::one(Demo::Login), balanced] {
        let app = App::start_in(TestEnv::new()?, topology, &[limit, PATIENT]).await?;
        let endpoint = &app.deployment.endpoint;
        let log_in = async |n| log_in_from(endpoint, "alice", &format!("192.0.2.{n}")).await;
        assert_limited(3, 200, (0..CROWD).map(log_in)).await?;
    }
    Ok(())
}
