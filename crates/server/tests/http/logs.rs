//! The access log, and the secrets that must not appear in any log line.

use actix_web::http::Method;
use anyhow::{Context, Result};
use testkit::{Demo, Instance, Persistence, Redis, TestEnv, Visitor};

use crate::common::{Raw, memory, send};

const SECRET: &str = "a secret for the tests of the log, with more than 32 bytes";

/// Splits the access log's lines, without time and level: instance, method, path, status, milliseconds, session.
fn requests(log: &str) -> Vec<Vec<&str>> {
    log.lines()
        .filter_map(|line| line.split_once("::access_log] "))
        .map(|(_, line)| line.split(' ').collect())
        .collect()
}

#[actix_web::test]
async fn each_request_is_one_line_and_health_checks_are_none() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    let first = visitor.get(&endpoint, "/").await?;
    visitor.get(&endpoint, "/session/set/blue").await?;
    visitor.post(&endpoint, "/session", "unset=1").await?;
    visitor.get(&endpoint, "/session/set/%FF").await?;
    Visitor::new().get(&endpoint, "/session/").await?;
    visitor.get(&endpoint, "/nothing?a=b").await?;
    send(&mut Visitor::new(), Method::PUT, &endpoint, "/", &[]).await?;
    for path in ["/healthz", "/readyz"] {
        visitor.get(&endpoint, path).await?;
    }

    let log = server.log();
    let lines = requests(&log);
    let seen: Vec<_> = lines
        .iter()
        .map(|line| (line[0], line[1], line[2], line[3], line[5]))
        .collect();
    let session = format!("sessionID={}", first.session.context("no session")?);
    assert_eq!(
        seen,
        [
            ("memory-1", "GET", "/", "200", session.as_str()),
            ("memory-1", "GET", "/session/set/blue", "200", &session),
            ("memory-1", "POST", "/session", "303", &session),
            ("memory-1", "GET", "/session/set/%FF", "400", &session),
            ("memory-1", "GET", "/session/", "200", "sessionID=-"),
            ("memory-1", "GET", "/nothing", "404", "sessionID=-"),
            ("memory-1", "PUT", "/", "405", "sessionID=-"),
        ]
    );
    for line in lines {
        let millis: f64 = line[4].strip_suffix("ms").context("no unit")?.parse()?;
        assert!(
            line.len() == 6 && (0.0..10_000.0).contains(&millis),
            "{line:?}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn health_checks_are_logged_at_debug_level() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[("RUST_LOG", "server=debug")]).await?;
    for path in ["/healthz", "/readyz"] {
        Visitor::new().get(&server.endpoint(), path).await?;
    }
    let log = server.log();
    let paths: Vec<_> = requests(&log).into_iter().map(|line| line[2]).collect();
    assert_eq!(paths, ["/healthz", "/readyz"]);
    Ok(())
}

#[actix_web::test]
async fn no_secret_is_logged_at_any_level() -> Result<()> {
    let env = TestEnv::new()?;
    let mut redis = Redis::start_with(
        &env,
        Persistence::AppendOnly,
        Some("the-password-of-redis"),
        &[],
    )
    .await?;
    let settings = [
        ("REDIS_URL", &*redis.url()),
        ("SESSION_KEY", SECRET),
        ("RUST_LOG", "trace"),
    ];
    let mut server = Instance::started(&env, Demo::Redis, "redis-1", &settings).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());

    visitor.get(&endpoint, "/").await?;
    visitor.get(&endpoint, "/session/set/blue").await?;
    visitor.get(&endpoint, "/session/set/%FF").await?;
    let cookie = visitor.cookie().context("no cookie")?.clone();
    let id = visitor.session_id().context("no session")?.to_owned();
    let mut forger = Visitor::new();
    forger.forge("sessionID", &format!("x{}", cookie.value()));
    forger.get(&endpoint, "/").await?;
    redis.cli(&["DEL", &format!("session:{id}")])?;
    visitor.get(&endpoint, "/session/").await?;
    redis.cli(&["SET", &format!("session:{id}"), "{\"ID\":"])?;
    visitor.get(&endpoint, "/session/").await?;
    redis.stop().await?;
    assert_eq!(visitor.get(&endpoint, "/").await?.status, 503);
    server.stop().await?;

    let log = server.log();
    assert!(
        log.contains("session load failed") && log.contains(&id[..8]),
        "{log}"
    );
    let (signature, _) = cookie.value().split_at(44);
    for (name, secret) in [
        ("the ID", id.as_str()),
        ("most of the ID", &id[..13]),
        ("the cookie", &signature[..20]),
        ("the secret", SECRET),
        ("the password", "the-password-of-redis"),
    ] {
        let leaks: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(leaks.is_empty(), "{name}: {leaks:#?}");
    }
    Ok(())
}

/// actix-web rejects most of these paths. The log escapes those that it lets through.
#[actix_web::test]
async fn a_path_cannot_inject_lines_or_terminal_codes() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let paths: [&[u8]; 9] = [
        b"/a\x1b[31mred",
        b"/a\nINJECTED",
        b"/a\rINJECTED",
        b"/a\x7f",
        b"/a%0D%0AINJECTED%1B[2J",
        b"/a\xc2\x9b31m",
        b"/a\xc2\x85INJECTED",
        b"/a\xe2\x80\xaeINJECTED",
        b"/a\xff\xfe",
    ];
    let end = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for path in paths {
        let request = [b"GET ", path, end].concat();
        let response = Raw::open(server.address(), &request)?.read_to_end()?;
        assert!(response.starts_with("HTTP/1.1 4"), "{path:?}: {response}");
    }
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    assert_eq!(seen.status, 200);

    let log = server.log();
    for line in log.lines() {
        let ours = line.starts_with('[') || line.starts_with("listening on ");
        let harmful = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(ours && !line.contains(harmful), "{line:?}");
    }
    let harmless = "GET /a%0D%0AINJECTED%1B[2J 404";
    assert!(log.contains(harmless), "unchanged: {log}");
    Ok(())
}
