//! demo-cookie: the session lives in the visitor's cookie.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use testkit::{TestEnv, Visitor, wait_until};

use crate::common::{cookie, copy, memory};

#[actix_web::test]
async fn any_server_with_the_secret_goes_on_with_the_session_also_after_a_restart() -> Result<()> {
    let env = TestEnv::new()?;
    let mut one = cookie(&env, &[]).await?;
    let two = cookie(&env, &[("INSTANCE", "cookie-2")]).await?;
    let mut visitor = Visitor::new();
    assert_eq!(visitor.get(&one.endpoint(), "/").await?.count(), Some(0));
    visitor.get(&two.endpoint(), "/session/set/blue").await?;
    one.restart().await?;
    let seen = visitor.get(&one.endpoint(), "/").await?;
    assert_eq!(seen.body, "Hello World #1\nvalue: blue\n");
    assert_eq!(
        visitor.get(&two.endpoint(), "/session/").await?.body,
        "blue\n"
    );
    Ok(())
}

#[actix_web::test]
async fn the_session_goes_by_one_short_id_in_the_log_whatever_its_cookie_is_like() -> Result<()> {
    let env = TestEnv::new()?;
    let server = cookie(&env, &[]).await?;
    let mut visitor = Visitor::new();
    let first = visitor.get(&server.endpoint(), "/").await?;
    let (cookie, short) = (
        visitor.cookie().context("no cookie")?.value().to_owned(),
        first.session.clone().context("no id")?,
    );
    let second = visitor.get(&server.endpoint(), "/").await?;
    assert_eq!(first.session, second.session);
    assert_ne!(
        visitor.cookie().context("no cookie")?.value(),
        cookie,
        "every change is another cookie"
    );
    let log = server.log();
    assert_eq!(
        log.matches(&format!("sessionID={short}\n")).count(),
        4,
        "{log}"
    );
    assert!(!log.contains(&cookie[..60]), "{log}");
    Ok(())
}

#[actix_web::test]
async fn a_copy_of_the_cookie_goes_on_with_what_its_owner_has_taken_back_since() -> Result<()> {
    let env = TestEnv::new()?;
    let server = cookie(&env, &[]).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    let mut thief = copy(&visitor)?;
    visitor.get(&server.endpoint(), "/session/unset/").await?;
    assert_eq!(
        thief.get(&server.endpoint(), "/session/").await?.body,
        "blue\n",
        "nobody on the server can end that, a logout neither"
    );
    Ok(())
}

#[actix_web::test]
async fn a_replayed_cookie_is_refused_once_its_time_is_over_whatever_the_browser_thinks()
-> Result<()> {
    let env = TestEnv::new()?;
    for limit in ["IDLE_TIMEOUT", "ABSOLUTE_TIMEOUT"] {
        let server = cookie(&env, &[(limit, "300ms")]).await?;
        let mut visitor = Visitor::new();
        let given = Instant::now();
        visitor.get(&server.endpoint(), "/session/set/blue").await?;
        wait_until(
            "the end of the session",
            Duration::from_secs(10),
            async || {
                let seen = copy(&visitor)?.get(&server.endpoint(), "/session/").await?;
                assert!(
                    seen.status == 200 && ["blue\n", "no value set\n"].contains(&&*seen.body),
                    "{seen:?}"
                );
                Ok((seen.body != "blue\n").then_some(()))
            },
        )
        .await?;
        // Times are kept to the millisecond.
        assert!(
            given.elapsed() >= Duration::from_millis(298),
            "{limit}: over after {:?}",
            given.elapsed()
        );
        assert_eq!(visitor.get(&server.endpoint(), "/").await?.count(), Some(0));
    }
    Ok(())
}

#[actix_web::test]
async fn no_cookie_is_larger_than_browsers_take_and_what_does_not_fit_is_503_and_loses_nothing()
-> Result<()> {
    let env = TestEnv::new()?;
    let domain = format!("{}.example.com", "a".repeat(48));
    let server = cookie(&env, &[("COOKIE_DOMAIN", &domain)]).await?;
    let endpoint = server.endpoint();
    let mut visitor = Visitor::new();
    visitor.get(&endpoint, "/").await?;
    let mut largest = 0;
    // A control character is six in JSON: 1024 of them are over 6 KB.
    for size in (0..1024).step_by(64) {
        let before = visitor.cookie().context("no cookie")?.value().to_owned();
        let seen = visitor
            .get(&endpoint, &format!("/session/set/x{}", "%01".repeat(size)))
            .await?;
        if seen.status == 200 {
            largest = largest.max(seen.header("set-cookie").context("no cookie")?.len());
            continue;
        }
        assert_eq!((seen.status, seen.header("set-cookie")), (503, None));
        assert!(
            seen.header("retry-after").is_some() && !seen.body.contains("bytes"),
            "{seen:?}"
        );
        let log = server.log();
        assert!(
            log.contains("session update failed: the session has grown to "),
            "{log}"
        );
        assert!(
            log.contains("a cookie has room for 3840; keep less in it, or keep sessions in Redis"),
            "{log}"
        );
        assert_eq!(visitor.cookie().context("no cookie")?.value(), before);
        assert_eq!(
            visitor.get(&endpoint, "/").await?.count(),
            Some(1),
            "and it goes on"
        );
        assert!((3500..=4096).contains(&largest), "{largest}");
        return Ok(());
    }
    bail!("everything fits, up to {largest} bytes")
}

#[actix_web::test]
async fn what_is_no_session_of_its_own_begins_a_new_one_and_never_an_error() -> Result<()> {
    let env = TestEnv::new()?;
    let server = cookie(&env, &[]).await?;
    let elsewhere = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();
    visitor.get(&elsewhere.endpoint(), "/").await?;
    let id = visitor.session_id().context("no session")?.to_owned();
    assert_eq!(
        visitor.get(&server.endpoint(), "/").await?.body,
        "Hello World #0\n",
        "an id alone says nothing here"
    );
    assert!(!visitor.session_id().context("no session")?.starts_with(&id));

    let genuine = visitor.cookie().context("no cookie")?.value().to_owned();
    for tampered in [
        format!("{genuine}x"),
        genuine.replace('.', ""),
        genuine[..genuine.len() - 1].to_owned(),
    ] {
        let mut forger = Visitor::new();
        forger.forge("sessionID", &tampered);
        let seen = forger.get(&server.endpoint(), "/").await?;
        assert_eq!((seen.status, seen.count()), (200, Some(0)), "{tampered}");
    }
    Ok(())
}
