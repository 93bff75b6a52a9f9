//! The access log, and the secrets that must not appear in any log line.

use std::io;

use actix_web::http::Method;
use anyhow::{Context, Result};
use testkit::{Demo, Instance, Persistence, Redis, TestEnv, Visitor};

use crate::common::{connect, memory, send};

#[actix_web::test]
async fn each_request_is_one_line_and_health_checks_are_none() -> Result<()> {
    // Health checks are logged at debug level.
    let (server, endpoint, mut visitor) = memory(&[("RUST_LOG", "server=debug")]).await?;
    let first = visitor.get(&endpoint, "/").await?;
    visitor.get(&endpoint, "/session/set/blue").await?;
    visitor.post(&endpoint, "/session", "unset=1").await?;
    visitor.get(&endpoint, "/session/set/%FF").await?;
    Visitor::new().get(&endpoint, "/session/").await?;
    visitor.get(&endpoint, "/nothing?a=b").await?;
    send(&mut Visitor::new(), Method::PUT, &endpoint, "/", &[], "").await?;
    for path in ["/healthz", "/readyz"] {
        Visitor::new().get(&endpoint, path).await?;
    }

    let log = server.log();
    let id = first.session.context("no session")?;
    let mut seen = Vec::new();
    for line in log.lines().filter(|line| line.contains("::access_log]")) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [_time, level, _module, request @ .., duration, session] = &words[..] else {
            panic!("{line}")
        };
        let millis: f64 = duration.strip_suffix("ms").context("no unit")?.parse()?;
        assert!((0.0..10_000.0).contains(&millis), "{line}");
        let session = session.replace(&id, "ID");
        seen.push(format!("{level} {} {session}", request.join(" ")));
    }
    let expected = [
        "INFO memory-1 GET / 200 sessionID=ID",
        "INFO memory-1 GET /session/set/blue 200 sessionID=ID",
        "INFO memory-1 POST /session 303 sessionID=ID",
        "INFO memory-1 GET /session/set/%FF 400 sessionID=ID",
        "INFO memory-1 GET /session/ 200 sessionID=-",
        "INFO memory-1 GET /nothing 404 sessionID=-",
        "INFO memory-1 PUT / 405 sessionID=-",
        "DEBUG memory-1 GET /healthz 200 sessionID=-",
        "DEBUG memory-1 GET /readyz 200 sessionID=-",
    ];
    assert_eq!(seen, expected);
    Ok(())
}

#[actix_web::test]
async fn no_secret_is_logged_at_any_level() -> Result<()> {
    let env = TestEnv::new()?;
    let password = "the-password-of-redis";
    let key = "a secret for the tests of the log, with more than 32 bytes";
    let mut redis = Redis::start_with(&env, Persistence::None, Some(password), &[]).await?;
    let settings = [
        ("REDIS_URL", &*redis.url()),
        ("SESSION_KEY", key),
        ("RUST_LOG", "trace"),
    ];
    let mut server = Instance::started(&env, Demo::Redis, "redis-1", &settings).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());

    for path in ["/", "/session/set/blue", "/session/set/%FF"] {
        visitor.get(&endpoint, path).await?;
    }
    let cookie = visitor.cookie().context("no cookie")?.clone();
    let id = visitor.session_id().context("no session")?.to_owned();
    let mut forger = Visitor::new();
    forger.forge("sessionID", &format!("x{}", cookie.value()));
    forger.get(&endpoint, "/").await?;
    let name = format!("session:{id}");
    for command in [&["DEL", &*name][..], &["SET", &name, "{\"ID\":"]] {
        redis.cli(command)?;
        visitor.get(&endpoint, "/session/").await?;
    }
    redis.stop().await?;
    assert_eq!(visitor.get(&endpoint, "/").await?.status, 503);
    server.stop().await?;

    let log = server.log();
    for part in ["session load failed", &id[..8]] {
        assert!(log.contains(part), "no {part} in {log}");
    }
    // Parts of the ID and of its signature count too.
    for secret in [&id[..13], &cookie.value()[..20], key, password] {
        let leaks: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(leaks.is_empty(), "{secret}: {leaks:#?}");
    }
    Ok(())
}

/// actix-web rejects most of these paths. The log escapes those that it lets through.
#[actix_web::test]
async fn a_path_cannot_inject_lines_or_terminal_codes() -> Result<()> {
    let (server, endpoint, mut visitor) = memory(&[]).await?;
    let end = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for path in [
        &b"/a\x1b[31mred"[..],
        b"/a\nINJECTED",
        b"/a\rINJECTED",
        b"/a\x7f",
        b"/a%0D%0AINJECTED%1B[2J",
        b"/a\xc2\x9b31m",
        b"/a\xc2\x85INJECTED",
        b"/a\xe2\x80\xaeINJECTED",
        b"/a\xff\xfe",
    ] {
        let stream = connect(&server, &[b"GET ", path, end].concat())?;
        let response = io::read_to_string(stream)?;
        assert!(response.starts_with("HTTP/1.1 4"), "{path:?}: {response}");
    }
    assert_eq!(visitor.get(&endpoint, "/").await?.status, 200);

    let log = server.log();
    for line in log.lines() {
        let ours = line.starts_with('[') || line.starts_with("listening on ");
        let harmful = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(ours && !line.contains(harmful), "{line:?}");
    }
    assert!(log.contains("GET /a%0D%0AINJECTED%1B[2J 404"), "{log}");
    Ok(())
}
