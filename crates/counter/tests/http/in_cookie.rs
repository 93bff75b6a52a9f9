//! demo-cookie: the session lives in the visitor's cookie.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use base64::{Engine, prelude::*};
use testkit::{Demo, Instance, TestEnv, Visitor, wait_until};

async fn cookie(env: &TestEnv, name: &str, settings: &[(&str, &str)]) -> Result<Instance> {
    Instance::started(env, Demo::Cookie, name, settings).await
}

/// Another instance and a restarted one have the same secret and need nothing else.
#[actix_web::test]
async fn any_instance_with_the_secret_continues_the_session() -> Result<()> {
    let env = TestEnv::new()?;
    let mut one = cookie(&env, "cookie-1", &[]).await?;
    let two = cookie(&env, "cookie-2", &[]).await?;
    let mut visitor = Visitor::new();

    let first = visitor.get(&one.endpoint(), "/").await?;
    assert_eq!(first.count(), Some(0));
    let cookie = visitor.cookie().context("no cookie")?.value().to_owned();
    visitor.get(&two.endpoint(), "/session/set/blue").await?;
    one.restart().await?;
    let last = visitor.get(&one.endpoint(), "/").await?;
    assert_eq!(last.body, "Hello World #1\nvalue: blue\n");

    // Each change makes another cookie, and the log still shows one session.
    assert_ne!(visitor.cookie().context("no cookie")?.value(), cookie);
    assert_eq!(first.session, last.session);
    let (log, short) = (one.log(), first.session.context("no session")?);
    let lines = log.matches(&format!("sessionID={short}\n")).count();
    assert_eq!(lines, 4, "{log}");
    assert!(!log.contains(&cookie[..60]), "{log}");
    Ok(())
}

/// The server checks the times in the cookie, which a browser could keep for ever.
#[actix_web::test]
async fn a_copied_cookie_expires_with_either_timeout() -> Result<()> {
    let env = TestEnv::new()?;
    for timeout in ["IDLE_TIMEOUT", "ABSOLUTE_TIMEOUT"] {
        let server = cookie(&env, "cookie-1", &[(timeout, "300ms")]).await?;
        let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
        let start = Instant::now();
        visitor.get(&endpoint, "/session/set/blue").await?;
        wait_until(timeout, Duration::from_secs(10), async || {
            let seen = visitor.copied()?.get(&endpoint, "/session/").await?;
            assert_eq!(seen.status, 200);
            Ok((seen.body == "no value set\n").then_some(()))
        })
        .await?;
        // Times are stored in milliseconds, so a session may expire a little early.
        let lasted = start.elapsed();
        assert!(
            lasted >= Duration::from_millis(298),
            "{timeout}: {lasted:?}"
        );
        assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(0));
    }
    Ok(())
}

/// Decodes the cookie's base64, as a visitor can.
fn readable(visitor: &Visitor) -> Result<String> {
    let cookie = visitor.cookie().context("no cookie")?;
    let decode = |part: &str| {
        let part = part.trim_end_matches('=');
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(part);
        decoded.or_else(|_| BASE64_STANDARD_NO_PAD.decode(part))
    };
    // A signed cookie has the session behind the dot. An encrypted one has no dot.
    let last = cookie.value().rsplit('.').next().map(decode);
    let bytes = last.context("no part")??;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[actix_web::test]
async fn a_visitor_can_read_a_signed_cookie_not_a_private_one() -> Result<()> {
    let env = TestEnv::new()?;
    for (protection, is_readable) in [("signed", true), ("private", false)] {
        let server = cookie(&env, "cookie-1", &[("SESSION_COOKIE", protection)]).await?;
        let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
        visitor.get(&endpoint, "/session/set/secretly").await?;
        let text = readable(&visitor)?;
        for part in ["value", "secretly"] {
            assert_eq!(text.contains(part), is_readable, "{protection}: {text}");
        }
        let seen = visitor.get(&endpoint, "/").await?;
        assert_eq!(seen.body, "Hello World #0\nvalue: secretly\n");
    }
    Ok(())
}

/// A server that signs its cookies rejects encrypted ones, and a server that encrypts them rejects signed ones.
#[actix_web::test]
async fn the_other_protection_starts_a_new_session() -> Result<()> {
    let env = TestEnv::new()?;
    let signed = cookie(&env, "cookie-1", &[]).await?;
    let private = cookie(&env, "cookie-2", &[("SESSION_COOKIE", "private")]).await?;
    for (first, second) in [(&signed, &private), (&private, &signed)] {
        let mut visitor = Visitor::new();
        for (server, count) in [(first, 0), (first, 1), (second, 0), (second, 1)] {
            let seen = visitor.get(&server.endpoint(), "/").await?;
            assert_eq!(seen.count(), Some(count), "{}", server.name());
        }
    }
    Ok(())
}

/// The tests of the server show what happens to a session that is too large.
#[actix_web::test]
async fn the_largest_cookie_fits_into_a_browser() -> Result<()> {
    let env = TestEnv::new()?;
    // A long domain makes the cookie as large as it can get.
    let domain = format!("{}.example.com", "a".repeat(48));
    for (protection, limit) in [("signed", 3840), ("private", 2700)] {
        let settings = [("COOKIE_DOMAIN", &*domain), ("SESSION_COOKIE", protection)];
        let server = cookie(&env, "cookie-1", &settings).await?;
        let mut largest = 0;
        // JSON takes six bytes for each control character.
        for size in (0..1024).step_by(64) {
            let path = format!("/session/set/x{}", "%01".repeat(size));
            let seen = Visitor::new().get(&server.endpoint(), &path).await?;
            if seen.status == 413 {
                let log = server.log();
                let text = format!(", and the store takes {limit}; ");
                assert!(log.contains(&text), "{log}");
                break;
            }
            assert_eq!(seen.status, 200);
            largest = seen.header("set-cookie").context("no cookie")?.len();
        }
        // Browsers take 4096 bytes.
        let fits = (3400..=4096).contains(&largest);
        assert!(fits, "{protection}: {largest}");
    }
    Ok(())
}
