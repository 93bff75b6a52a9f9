//! How a server stops.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    ops::Range,
    time::{Duration, Instant},
};

use anyhow::Result;
use testkit::{Instance, Visitor, wait_until};

use crate::common::{connect, memory};

/// Milliseconds: the grace period of 2 s, and as much again for a slow machine.
const LONGEST: u128 = 4000;

/// Starts a POST whose body is still to come. The server asks for the body, so the request is in flight.
fn begin_post(server: &Instance) -> Result<TcpStream> {
    let head = b"POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 10\r\nExpect: 100-continue\r\n\r\n";
    let mut post = connect(server, head)?;
    let mut response = [0; 25];
    post.read_exact(&mut response)?;
    assert_eq!(&response, b"HTTP/1.1 100 Continue\r\n\r\n");
    Ok(post)
}

/// Checks that a server with so many requests `in_flight` is not ready while it stops, and still serves requests.
async fn assert_draining(server: &Instance, in_flight: usize) -> Result<()> {
    let requests = if in_flight == 1 {
        "request"
    } else {
        "requests"
    };
    let text = format!("stopping; {in_flight} {requests} in flight");
    wait_until(&text, Duration::from_secs(2), async || {
        Ok(server.log().contains(&text).then_some(()))
    })
    .await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    let ready = visitor.get(&endpoint, "/readyz").await?;
    assert_eq!((ready.status, ready.body.as_str()), (404, "stopping\n"));
    assert_eq!(ready.instance.as_deref(), Some("memory-1"));
    assert_eq!(visitor.get(&endpoint, "/").await?.status, 200);
    Ok(())
}

/// Waits until `server` ends with status 0, which must take a time in `range`, in milliseconds.
async fn assert_ends(server: &mut Instance, asked: Instant, range: Range<u128>) -> Result<()> {
    assert_eq!(server.ended().await?.code(), Some(0));
    let took = asked.elapsed().as_millis();
    assert!(range.contains(&took), "{took} ms");
    Ok(())
}

#[actix_web::test]
async fn an_idle_server_stops_at_once_on_either_signal() -> Result<()> {
    let (mut server, endpoint, mut visitor) = memory(&[]).await?;
    visitor.get(&endpoint, "/").await?;
    let asked = Instant::now();
    server.ask_to_stop()?;
    // After SIGTERM the server may be behind a load balancer, which needs this time to notice.
    assert_draining(&server, 0).await?;
    assert_ends(&mut server, asked, 750..1900).await?;

    // Ctrl-C works from the moment when the server prints its address.
    for _ in 0..5 {
        server.start().await?;
        let asked = Instant::now();
        server.interrupt()?;
        assert_ends(&mut server, asked, 0..1900).await?;
    }
    Ok(())
}

#[actix_web::test]
async fn open_connections_do_not_delay_the_stop() -> Result<()> {
    let (mut server, ..) = memory(&[("BEHIND_PROXY", "true")]).await?;
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut kept_alive = connect(&server, request)?;
    let mut status = [0; 12];
    kept_alive.read_exact(&mut status)?;
    assert_eq!(&status, b"HTTP/1.1 200");
    let _half_a_request = connect(&server, b"GET / HTTP/1.1\r\nHo")?;

    let asked = Instant::now();
    server.ask_to_stop()?;
    assert_ends(&mut server, asked, 0..3000).await
}

#[actix_web::test]
async fn requests_in_flight_are_finished_or_cut_off() -> Result<()> {
    let (mut server, ..) = memory(&[]).await?;
    for stop in [Instance::ask_to_stop, Instance::interrupt] {
        let mut post = begin_post(&server)?;
        let asked = Instant::now();
        stop(&server)?;
        assert_draining(&server, 1).await?;

        post.write_all(b"value=blue")?;
        let response = io::read_to_string(post)?;
        assert!(response.starts_with("HTTP/1.1 303 "), "{response}");
        assert!(response.contains("set-cookie: sessionID="), "{response}");
        assert_ends(&mut server, asked, 0..LONGEST).await?;
        server.start().await?;
    }

    // A stuck request is cut off after the grace period.
    let _stuck = begin_post(&server)?;
    let asked = Instant::now();
    server.interrupt()?;
    assert_ends(&mut server, asked, 1900..LONGEST).await
}
