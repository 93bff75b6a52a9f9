//! Messages between everybody who is signed in.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::{TestEnv, Visitor, wait_until};

use crate::{
    common::{ask, deployment, sign_in, signed_in, welcome_everywhere},
    stream::Stream,
};

/// A stream of `visitor`'s on each instance.
async fn streams(deployment: &testkit::Deployment, visitor: &Visitor) -> Result<Vec<Stream>> {
    let mut streams = Vec::new();
    for instance in &deployment.instances {
        streams.push(Stream::open(&instance.endpoint(), visitor).await?);
    }
    Ok(streams)
}

#[actix_web::test]
async fn nobody_sends_or_reads_without_a_sign_in() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut counted = Visitor::new();
    counted.get(&deployment.endpoint, "/api/counter").await?;
    let mut out = signed_in(&deployment.endpoint, "alice").await?;
    let mut copy = out.copied()?;
    out.post(&deployment.endpoint, "/logout", "").await?;
    for visitor in [&mut Visitor::new(), &mut counted, &mut copy] {
        let told = r#"{"error":"sign in first"}"#;
        let seen = visitor
            .post_json(&deployment.endpoint, "/message", r#"{"message":"hello"}"#)
            .await?;
        assert_eq!((seen.status, seen.body.as_str()), (403, told));
        let seen = visitor.get(&deployment.endpoint, "/messages").await?;
        assert_eq!((seen.status, seen.body.as_str()), (403, told));
        assert_eq!(
            visitor
                .get(&deployment.endpoint, "/chat")
                .await?
                .header("location"),
            Some("/login")
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_message_reaches_everybody_on_every_instance_from_who_is_signed_in() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let bob = signed_in(&deployment.endpoint, "bob").await?;
    let mut readers = streams(&deployment, &bob).await?;
    for _ in 0..2 {
        let seen = alice
            .post_json(
                &deployment.endpoint,
                "/message",
                r#"{"message":"<b>\nhello","from":"carol"}"#,
            )
            .await?;
        assert_eq!(
            (seen.status, seen.body.as_str()),
            (202, r#"{"instances":2}"#)
        );
        for reader in &mut readers {
            reader
                .wait_until("data: {\"from\":\"alice\",\"message\":\"<b>\\nhello\"}\n\n")
                .await?;
        }
    }
    Ok(())
}

#[actix_web::test]
async fn a_page_that_was_made_for_somebody_else_hears_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut bob = signed_in(&deployment.endpoint, "bob").await?;
    for path in ["/messages?as=alice", "/messages?as="] {
        let seen = bob.get(&deployment.endpoint, path).await?;
        assert_eq!(
            (seen.status, seen.body.as_str()),
            (403, r#"{"error":"sign in first"}"#),
            "{path}"
        );
    }
    assert_eq!(
        bob.get(&deployment.endpoint, "/messages?as=a&as=b")
            .await?
            .status,
        400
    );
    Ok(())
}

#[actix_web::test]
async fn a_bad_message_is_refused_by_field() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let message = |length| serde_json::json!({ "message": "\u{1}".repeat(length) }).to_string();
    assert_eq!(
        alice
            .post_json(&deployment.endpoint, "/message", &message(2048))
            .await?
            .status,
        202
    );
    let huge = message(3000);
    let cases = [
        ("{}", 400, "message"),
        (r#"{"message":" \n"}"#, 400, "message"),
        ("x", 400, "body"),
        (&message(2049), 413, "message"),
        (&huge, 413, "body"),
    ];
    for (body, status, field) in cases {
        let seen = alice
            .post_json(&deployment.endpoint, "/message", body)
            .await?;
        let told: serde_json::Value = serde_json::from_str(&seen.body)?;
        assert_eq!(
            (seen.status, told["field"].as_str()),
            (status, Some(field)),
            "{told}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_sign_out_ends_the_sessions_streams_on_every_instance_and_nobody_elses() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut phone = signed_in(&deployment.endpoint, "alice").await?;
    let ending = streams(&deployment, &alice).await?;
    let mut others = streams(&deployment, &phone).await?;
    alice.post(&deployment.endpoint, "/logout", "").await?;
    for stream in ending {
        stream.end().await?;
    }
    assert_eq!(
        phone
            .post_json(
                &deployment.endpoint,
                "/message",
                r#"{"message":"still here"}"#
            )
            .await?
            .status,
        202
    );
    for stream in &mut others {
        stream.wait_until("still here").await?;
    }
    Ok(())
}

#[actix_web::test]
async fn a_new_sign_in_ends_the_streams_of_the_session_before_it() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    for next in ["alice", "bob"] {
        let mut browser = signed_in(&deployment.endpoint, "alice").await?;
        let ending = streams(&deployment, &browser).await?;
        sign_in(&mut browser, &deployment.endpoint, next).await?;
        for stream in ending {
            stream.end().await?;
        }
    }
    Ok(())
}

#[actix_web::test]
async fn a_stream_goes_on_through_a_rotation_and_ends_with_the_session_all_the_same() -> Result<()>
{
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[("ROTATE_AFTER", "300ms")]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let first = alice.session_id().map(str::to_owned);
    let mut streams = streams(&deployment, &alice).await?;
    wait_until("a rotation", Duration::from_secs(10), async || {
        alice.get(&deployment.endpoint, "/dashboard").await?;
        Ok((alice.session_id() != first.as_deref()).then_some(()))
    })
    .await?;
    assert_eq!(
        alice
            .post_json(&deployment.endpoint, "/message", r#"{"message":"rotated"}"#)
            .await?
            .status,
        202
    );
    for stream in &mut streams {
        stream.wait_until("rotated").await?;
    }
    alice.post(&deployment.endpoint, "/logout", "").await?;
    for stream in streams {
        stream.end().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn a_session_that_its_user_ends_elsewhere_loses_its_streams() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let (phone, tablet) = (
        signed_in(&deployment.endpoint, "alice").await?,
        signed_in(&deployment.endpoint, "alice").await?,
    );
    let mut laptop = signed_in(&deployment.endpoint, "alice").await?;
    let ending = [
        streams(&deployment, &phone).await?,
        streams(&deployment, &tablet).await?,
    ];
    let list: serde_json::Value =
        serde_json::from_str(&laptop.get(&deployment.endpoint, "/sessions").await?.body)?;
    let sessions = list["sessions"].as_array().context("no list")?;
    let other = sessions
        .iter()
        .find(|session| session["current"] == false)
        .and_then(|session| session["handle"].as_str())
        .context("none")?;
    ask(
        &mut laptop,
        actix_web::http::Method::DELETE,
        &deployment.endpoint,
        &format!("/sessions/{other}"),
        &[],
    )
    .await?;
    laptop
        .post(&deployment.endpoint, "/sessions/revoke-others", "")
        .await?;
    for stream in ending.into_iter().flatten() {
        stream.end().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn a_stream_ends_soon_after_a_session_that_was_ended_in_redis_itself() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[]).await?;
    let alice = signed_in(&deployment.endpoint, "alice").await?;
    let ending = streams(&deployment, &alice).await?;
    let key = format!("session:{}", alice.session_id().context("no session")?);
    deployment.redis()?.cli(&["DEL", &key])?;
    for stream in ending {
        stream.end().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn an_open_stream_keeps_no_session_alive() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[("IDLE_TIMEOUT", "1500ms")]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    for stream in streams(&deployment, &alice).await? {
        stream.end().await?;
    }
    assert_eq!(
        alice.get(&deployment.endpoint, "/messages").await?.status,
        403
    );
    Ok(())
}

#[actix_web::test]
async fn at_sigterm_streams_end_at_once_and_do_not_hold_the_server() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[]).await?;
    let alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut streams = streams(&deployment, &alice).await?;
    let asked = std::time::Instant::now();
    deployment.instances[0].ask_to_stop()?;
    let second = streams.pop().context("two streams")?;
    streams.pop().context("two streams")?.end().await?;
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(deployment.instances[0].ended().await?.code(), Some(0));
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "{:?}",
        asked.elapsed()
    );

    let mut alice = alice;
    let mut second = second;
    assert_eq!(
        alice
            .post_json(
                &deployment.endpoint,
                "/message",
                r#"{"message":"one is left"}"#
            )
            .await?
            .status,
        202
    );
    second.wait_until("one is left").await?;
    Ok(())
}

#[actix_web::test]
async fn a_restarted_redis_ends_streams_and_serves_those_that_return() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let ending = streams(&deployment, &alice).await?;
    deployment.redis()?.restart().await?;
    for stream in ending {
        stream.end().await?;
    }
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    let mut back = streams(&deployment, &alice).await?;
    wait_until(
        "messages to be heard by both instances",
        Duration::from_secs(10),
        async || {
            let seen = alice
                .post_json(
                    &deployment.endpoint,
                    "/message",
                    r#"{"message":"back again"}"#,
                )
                .await?;
            Ok((seen.body == r#"{"instances":2}"#).then_some(()))
        },
    )
    .await?;
    for stream in &mut back {
        stream.wait_until("back again").await?;
    }
    Ok(())
}

#[actix_web::test]
async fn the_page_loads_its_script_from_here_and_writes_no_markup() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "<i>alice").await?;
    let page = alice.get(&deployment.endpoint, "/chat").await?;
    assert!(
        page.status == 200
            && page
                .body
                .contains(r#"<script src="/chat.js" defer></script>"#),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("&lt;i&gt;alice") && page.body.contains(r#"action="/logout""#),
        "{}",
        page.body
    );
    let policy = page
        .header("content-security-policy")
        .context("no policy")?;
    assert!(
        policy.contains("script-src 'self'; connect-src 'self'")
            && !policy.contains("script-src 'unsafe"),
        "{policy}"
    );
    let script = alice.get(&deployment.endpoint, "/chat.js").await?;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert!(script.body.contains("textContent") && !script.body.contains("innerHTML"));
    Ok(())
}
