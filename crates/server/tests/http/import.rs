//! A visitor of demo-cookie comes to demo-redis, under the same name and with the same secret.

use actix_web::cookie::{Cookie, CookieJar, Key};
use anyhow::{Context, Result};
use testkit::{Demo, Endpoint, Instance, Persistence, Redis, TestEnv, Visitor};
use uuid::Uuid;

const SECRET: &str = "a secret that both demos share, with more than 32 bytes";

/// Returns a visitor with a session of demo-cookie, in which the next count is 1 and the value is blue.
async fn visitor_of_demo_cookie(env: &TestEnv) -> Result<Visitor> {
    let settings = [("SESSION_KEY", SECRET)];
    let server = Instance::started(env, Demo::Cookie, "cookie-1", &settings).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/").await?;
    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    Ok(visitor)
}

async fn demo_redis(env: &TestEnv, name: &str, redis: &Redis, migrate: &str) -> Result<Instance> {
    let settings = [
        ("REDIS_URL", &*redis.url()),
        ("SESSION_KEY", SECRET),
        ("MIGRATE_COOKIES", migrate),
    ];
    Instance::started(env, Demo::Redis, name, &settings).await
}

/// Checks that `visitor` gets a new session in Redis.
async fn assert_new_session(visitor: &mut Visitor, endpoint: &Endpoint) -> Result<()> {
    let seen = visitor.get(endpoint, "/").await?;
    assert_eq!((seen.status, &*seen.body), (200, "Hello World #0\n"));
    let id = visitor.session_id().context("no session")?;
    assert!(Uuid::parse_str(id).is_ok(), "{id}");
    Ok(())
}

#[actix_web::test]
async fn a_session_in_a_cookie_can_be_ignored_without_error() -> Result<()> {
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    // actix-session's own CookieSessionStore puts the bare data into the cookie.
    let mut jar = CookieJar::new();
    jar.signed_mut(&Key::derive_from(SECRET.as_bytes()))
        .add(Cookie::new("sessionID", r#"{"visitCount":"7"}"#));
    let cookie_of_actix = jar.get("sessionID").context("not signed")?.value();

    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    for (name, migrate) in [("redis-1", "false"), ("redis-2", "true")] {
        let server = demo_redis(&env, name, &redis, migrate).await?;
        if migrate == "false" {
            assert_new_session(&mut visitor, &server.endpoint()).await?;
        }
        let mut other = Visitor::new();
        other.forge("sessionID", cookie_of_actix);
        assert_new_session(&mut other, &server.endpoint()).await?;
        let log = server.log();
        assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
    }
    Ok(())
}

#[actix_web::test]
async fn an_import_waits_in_the_cookie_while_redis_is_down() -> Result<()> {
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    let cookie = visitor.cookie().cloned();
    let mut redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let server = demo_redis(&env, "redis-1", &redis, "true").await?;

    redis.stop().await?;
    let seen = visitor.get(&server.endpoint(), "/").await?;
    assert_eq!((seen.status, visitor.cookie()), (503, cookie.as_ref()));

    redis.resume().await?;
    // A request that changes nothing finds the data, and leaves it in the cookie.
    let seen = visitor.get(&server.endpoint(), "/session/").await?;
    assert_eq!((&*seen.body, visitor.cookie()), ("blue\n", cookie.as_ref()));
    assert_eq!(redis.cli(&["DBSIZE"])?, "0");
    let seen = visitor.get(&server.endpoint(), "/").await?;
    assert_eq!(seen.body, "Hello World #1\nvalue: blue\n");
    assert_ne!(visitor.cookie(), cookie.as_ref());
    Ok(())
}
