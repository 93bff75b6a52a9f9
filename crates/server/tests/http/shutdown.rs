//! The end of a server.

use std::time::{Duration, Instant};

use anyhow::Result;
use testkit::{Instance, TestEnv, Visitor, wait_until};

use crate::common::{Raw, memory};

/// Longest that a server may take to go, whatever holds it: 2 s for what is in flight, and some for a slow machine.
const LONGEST: Duration = Duration::from_secs(4);

/// A form of 10 bytes, of which none is sent yet. When the server asks for them, it serves the request.
fn begin_post(server: &Instance) -> Result<Raw> {
    let head = "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 10\r\nExpect: 100-continue\r\n\r\n";
    let mut post = Raw::open(server.address(), head.as_bytes())?;
    assert_eq!(
        post.wait_until("\r\n\r\n")?,
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    Ok(post)
}

async fn said(server: &Instance, text: &str) -> Result<()> {
    wait_until(text, Duration::from_secs(2), async || {
        Ok(server.log().contains(text).then_some(()))
    })
    .await
}

/// Waits for the end and tells how long it took and how it was.
async fn end(server: &mut Instance, since: Instant) -> Result<(Option<i32>, Duration)> {
    Ok((server.ended().await?.code(), since.elapsed()))
}

#[actix_web::test]
async fn an_idle_server_goes_at_once_and_in_order_at_sigterm_and_at_ctrl_c() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    for ask in [Instance::ask_to_stop, Instance::interrupt] {
        Visitor::new().get(&server.endpoint(), "/").await?;
        let asked = Instant::now();
        ask(&server)?;
        let (code, took) = end(&mut server, asked).await?;
        assert_eq!(code, Some(0));
        assert!(
            took < Duration::from_millis(1900),
            "less than what a stuck request may take: {took:?}"
        );
        assert!(server.log().contains("stopping; 0 requests in flight"));
        server.start().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn a_signal_that_comes_with_the_first_line_is_heeded() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    for _ in 0..5 {
        server.interrupt()?;
        assert_eq!(server.ended().await?.code(), Some(0));
        server.start().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn after_sigterm_an_idle_server_tells_its_balancer_before_it_goes() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    server.ask_to_stop()?;
    said(&server, "stopping").await?;
    let ready = Visitor::new().get(&server.endpoint(), "/readyz").await?;
    assert_eq!((ready.status, ready.body.as_str()), (503, "stopping\n"));
    assert_eq!(
        Visitor::new().get(&server.endpoint(), "/").await?.status,
        200,
        "who comes meanwhile is served"
    );
    assert_eq!(server.ended().await?.code(), Some(0));
    Ok(())
}

#[actix_web::test]
async fn a_connection_that_is_only_kept_alive_or_never_asks_does_not_hold_the_end() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    let mut kept = Raw::open(
        server.address(),
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )?;
    assert!(kept.wait_until("ok\n")?.starts_with("HTTP/1.1 200"));
    let half = Raw::open(server.address(), b"GET / HTTP/1.1\r\nHo")?;

    let asked = Instant::now();
    server.ask_to_stop()?;
    let (code, took) = end(&mut server, asked).await?;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(3), "{took:?}");
    drop((kept, half));
    Ok(())
}

#[actix_web::test]
async fn what_is_in_flight_is_finished_and_readyz_says_stopping_meanwhile() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    for ask in [Instance::ask_to_stop, Instance::interrupt] {
        let mut post = begin_post(&server)?;
        let asked = Instant::now();
        ask(&server)?;
        said(&server, "stopping; 1 requests in flight").await?;
        let ready = Visitor::new().get(&server.endpoint(), "/readyz").await?;
        assert_eq!((ready.status, ready.body.as_str()), (503, "stopping\n"));
        assert_eq!(ready.instance.as_deref(), Some("memory-1"));
        assert_eq!(
            Visitor::new().get(&server.endpoint(), "/").await?.status,
            200,
            "who comes meanwhile is served"
        );

        post.send(b"value=blue")?;
        let answer = post.rest()?;
        assert!(
            answer.starts_with("HTTP/1.1 303 ") && answer.contains("set-cookie: sessionID="),
            "{answer}"
        );
        let (code, took) = end(&mut server, asked).await?;
        assert_eq!(code, Some(0));
        assert!(took < LONGEST, "{took:?}");
        server.start().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn what_is_stuck_does_not_hold_the_end() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    let post = begin_post(&server)?;
    let asked = Instant::now();
    server.interrupt()?;
    let (code, took) = end(&mut server, asked).await?;
    assert_eq!(code, Some(0));
    assert!(
        (Duration::from_millis(1900)..LONGEST).contains(&took),
        "{took:?}"
    );
    drop(post);
    Ok(())
}
