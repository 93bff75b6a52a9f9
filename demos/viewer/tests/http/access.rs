//! Host names, the address to listen on, the access log, and stopping.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::Result;
use testkit::{TestEnv, Visitor, binary, wait_until};
use tokio::process::Command;

use crate::common::{Fixture, assert_contains};

#[actix_web::test]
async fn only_names_of_this_machine_are_served() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    let endpoint = it.viewer.endpoint();
    for (name, status) in [
        ("localhost", 200),
        ("sessions.localhost", 200),
        ("127.0.0.1", 200),
        ("[::1]", 200),
        ("Sessions.LOCALHOST", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("notlocalhost", 421),
        ("192.168.1.1", 421),
        ("127.0.0.1.evil.example", 421),
    ] {
        for path in ["/", "/rows", "/viewer.js", "/healthz"] {
            let response = Visitor::new().get(&endpoint.named(name), path).await?;
            assert_eq!(response.status, status, "{name}{path}");
        }
    }

    // A load balancer's health check has no Host header.
    let mut balancer = TcpStream::connect(it.viewer.address())?;
    balancer.write_all(b"GET /readyz HTTP/1.0\r\n\r\n")?;
    let mut response = String::new();
    balancer.read_to_string(&mut response)?;
    assert!(response.starts_with("HTTP/1.0 200 OK\r\n"), "{response}");
    assert!(response.ends_with("\r\n\r\nready\n"), "{response}");
    Ok(())
}

#[actix_web::test]
async fn listening_beyond_loopback_needs_behind_proxy() -> Result<()> {
    let env = TestEnv::new()?;
    let mut command = Command::new(binary("demo-viewer")?);
    command
        .env_clear()
        .args(["--port", "0", "--host", "0.0.0.0"]);
    let refused = env.run(&mut command).await?;
    let error = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{error}");
    assert_contains(
        &error,
        &["other machines can reach 0.0.0.0", "--behind-proxy"],
    );

    let it = Fixture::start(&[("APP_HOST", "0.0.0.0"), ("BEHIND_PROXY", "true")]).await?;
    it.page().await?;
    Ok(())
}

#[actix_web::test]
async fn a_stopping_viewer_is_not_ready() -> Result<()> {
    let mut it = Fixture::start(&[]).await?;
    it.viewer.ask_to_stop()?;
    wait_until("404", Duration::from_secs(5), async || {
        let ready = it.get("/readyz").await?;
        Ok((ready.status == 404 && ready.body == "stopping\n").then_some(()))
    })
    .await?;
    assert!(it.viewer.ended().await?.success());
    Ok(())
}

#[actix_web::test]
async fn the_log_leaves_out_what_is_polled() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    for path in ["/rows", "/", "/healthz"] {
        it.get(path).await?;
    }
    let log = it.viewer.log();
    assert_contains(&log, &["viewer GET / 200 ", "ms sessionID=-"]);
    assert_eq!(log.matches("viewer GET ").count(), 1, "{log}");
    Ok(())
}
