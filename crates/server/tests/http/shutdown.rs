//! How a server stops.

use std::time::{Duration, Instant};

use anyhow::Result;
use testkit::{Instance, TestEnv, Visitor, wait_until};

use crate::common::{Raw, memory};

/// The grace period of 2 s, and as much again for a slow machine.
const LONGEST: Duration = Duration::from_secs(4);

/// Starts a POST whose body is still to come. The server asks for the body, so the request is in flight.
fn begin_post(server: &Instance) -> Result<Raw> {
    let head = "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 10\r\nExpect: 100-continue\r\n\r\n";
    let mut post = Raw::open(server.address(), head.as_bytes())?;
    let response = post.read_until("\r\n\r\n")?;
    assert_eq!(response, "HTTP/1.1 100 Continue\r\n\r\n");
    Ok(post)
}

async fn wait_for_log(server: &Instance, text: &str) -> Result<()> {
    wait_until(text, Duration::from_secs(2), async || {
        Ok(server.log().contains(text).then_some(()))
    })
    .await
}

/// Waits until `server` has ended with status 0. Returns how long that took.
async fn end(server: &mut Instance, since: Instant) -> Result<Duration> {
    assert_eq!(server.ended().await?.code(), Some(0));
    Ok(since.elapsed())
}

/// Checks that a stopping server is not ready and still serves requests.
async fn assert_draining(server: &Instance) -> Result<()> {
    let ready = Visitor::new().get(&server.endpoint(), "/readyz").await?;
    assert_eq!((ready.status, ready.body.as_str()), (503, "stopping\n"));
    assert_eq!(ready.instance.as_deref(), Some("memory-1"));
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    assert_eq!(seen.status, 200);
    Ok(())
}

#[actix_web::test]
async fn an_idle_server_stops_at_once_on_either_signal() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    for (stop, drains) in [
        (Instance::ask_to_stop as fn(&Instance) -> Result<()>, true),
        (Instance::interrupt, false),
    ] {
        Visitor::new().get(&server.endpoint(), "/").await?;
        let asked = Instant::now();
        stop(&server)?;
        wait_for_log(&server, "stopping; 0 requests in flight").await?;
        // After SIGTERM the server may be behind a load balancer.
        if drains {
            assert_draining(&server).await?;
        }
        let took = end(&mut server, asked).await?;
        assert!(took < Duration::from_millis(1900), "{took:?}");
        // The load balancer needs this time to notice.
        assert!(!drains || took >= Duration::from_millis(750), "{took:?}");
        server.start().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn a_signal_right_after_the_first_line_stops_it() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    for _ in 0..5 {
        server.interrupt()?;
        end(&mut server, Instant::now()).await?;
        server.start().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn open_connections_do_not_delay_the_stop() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut kept_alive = Raw::open(server.address(), request)?;
    assert!(kept_alive.read_until("ok\n")?.starts_with("HTTP/1.1 200"));
    let half_a_request = Raw::open(server.address(), b"GET / HTTP/1.1\r\nHo")?;

    let asked = Instant::now();
    server.ask_to_stop()?;
    let took = end(&mut server, asked).await?;
    assert!(took < Duration::from_secs(3), "{took:?}");
    drop((kept_alive, half_a_request));
    Ok(())
}

#[actix_web::test]
async fn requests_in_flight_are_finished_before_the_stop() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    for stop in [Instance::ask_to_stop, Instance::interrupt] {
        let mut post = begin_post(&server)?;
        let asked = Instant::now();
        stop(&server)?;
        wait_for_log(&server, "stopping; 1 requests in flight").await?;
        assert_draining(&server).await?;

        post.send(b"value=blue")?;
        let response = post.read_to_end()?;
        assert!(
            response.starts_with("HTTP/1.1 303 ") && response.contains("set-cookie: sessionID="),
            "{response}"
        );
        let took = end(&mut server, asked).await?;
        assert!(took < LONGEST, "{took:?}");
        server.start().await?;
    }
    Ok(())
}

#[actix_web::test]
async fn a_stuck_request_is_cut_off_after_the_grace_period() -> Result<()> {
    let env = TestEnv::new()?;
    let mut server = memory(&env, &[]).await?;
    let post = begin_post(&server)?;
    let asked = Instant::now();
    server.interrupt()?;
    let took = end(&mut server, asked).await?;
    let expected = Duration::from_millis(1900)..LONGEST;
    assert!(expected.contains(&took), "{took:?}");
    drop(post);
    Ok(())
}
