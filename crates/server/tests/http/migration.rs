//! From cookie to Redis: visitors of demo-cookie meet demo-redis, under the same name and with the same secret.

use actix_web::cookie::{Cookie, CookieJar, Key};
use anyhow::{Context, Result};
use futures_util::future::try_join;
use testkit::{Demo, Endpoint, Instance, Persistence, Redis, Response, TestEnv, Visitor};
use uuid::Uuid;

use crate::common::{cookie, copy};

const SECRET: &str = "a secret that both demos share, with more than 32 bytes";

/// A visitor who came twice to demo-cookie and set `blue`.
async fn visitor_of_demo_cookie(env: &TestEnv) -> Result<Visitor> {
    let server = cookie(env, &[("SESSION_KEY", SECRET)]).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/").await?;
    visitor.get(&server.endpoint(), "/").await?;
    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    assert!(
        visitor.session_id().is_some_and(|id| id.contains('.')),
        "its session is in the cookie"
    );
    Ok(visitor)
}

/// A running demo-redis.
async fn demo_redis(
    env: &TestEnv,
    name: &str,
    redis: &Redis,
    settings: &[(&str, &str)],
) -> Result<Instance> {
    let url = redis.url();
    let settings: Vec<_> = [("REDIS_URL", &*url), ("SESSION_KEY", SECRET)]
        .into_iter()
        .chain(settings.iter().copied())
        .collect();
    let mut instance = Instance::new(env, Demo::Redis, name, &settings)?;
    instance.start().await?;
    Ok(instance)
}

/// Whether a session began just now, under an id.
fn assert_new(visitor: &Visitor, seen: &Response) {
    assert_eq!(
        (seen.status, seen.body.as_str()),
        (200, "Hello World #0\n"),
        "{seen:?}"
    );
    assert!(
        visitor
            .session_id()
            .is_some_and(|id| Uuid::parse_str(id).is_ok()),
        "{seen:?}"
    );
}

async fn get(visitor: &mut Visitor, endpoint: &Endpoint) -> Result<Response> {
    visitor.get(endpoint, "/").await
}

#[actix_web::test]
async fn a_visitor_with_a_session_in_the_cookie_begins_a_new_one_in_redis_without_an_error()
-> Result<()> {
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let server = demo_redis(&env, "redis-1", &redis, &[]).await?;
    let read = copy(&visitor)?.get(&server.endpoint(), "/session/").await?;
    assert_eq!((read.status, read.body.as_str()), (200, "no value set\n"));
    let seen = get(&mut visitor, &server.endpoint()).await?;
    assert_new(&visitor, &seen);
    assert_eq!(
        get(&mut visitor, &server.endpoint()).await?.count(),
        Some(1),
        "it is kept from now on"
    );
    assert!(
        !server.log().contains("ERROR") && !server.log().contains("WARN"),
        "{}",
        server.log()
    );
    Ok(())
}

#[actix_web::test]
async fn a_cookie_of_actix_sessions_own_cookie_store_begins_a_new_session_in_either_mode()
-> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let mut jar = CookieJar::new();
    let theirs = r#"{"visitCount":"7","value":"\"blue\""}"#;
    jar.signed_mut(&Key::derive_from(SECRET.as_bytes()))
        .add(Cookie::new("sessionID", theirs));
    let signed = jar
        .get("sessionID")
        .context("not signed")?
        .value()
        .to_owned();
    for (name, mode) in [("redis-1", "false"), ("redis-2", "true")] {
        let server = demo_redis(&env, name, &redis, &[("MIGRATE_COOKIES", mode)]).await?;
        let mut visitor = Visitor::new();
        visitor.forge("sessionID", &signed);
        let seen = get(&mut visitor, &server.endpoint()).await?;
        assert_new(&visitor, &seen);
    }
    Ok(())
}

#[actix_web::test]
async fn in_migration_mode_the_data_is_carried_over_once_and_holds_on_every_instance() -> Result<()>
{
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    let (kept, short) = (
        copy(&visitor)?,
        visitor.session_id().context("no session")?[..8].to_owned(),
    );
    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let settings = [("MIGRATE_COOKIES", "true"), ("ROTATION_GRACE", "0")];
    let one = demo_redis(&env, "redis-1", &redis, &settings).await?;
    let two = demo_redis(&env, "redis-2", &redis, &settings).await?;

    let seen = get(&mut visitor, &one.endpoint()).await?;
    assert_eq!(seen.body, "Hello World #2\nvalue: blue\n");
    let id = visitor.session_id().context("no session")?.to_owned();
    assert!(
        Uuid::parse_str(&id).is_ok() && !id.starts_with(&short),
        "{id}"
    );
    assert_eq!(
        get(&mut visitor, &two.endpoint()).await?.body,
        "Hello World #3\nvalue: blue\n"
    );
    assert_eq!(visitor.session_id(), Some(&*id));

    for server in [&two, &one] {
        let mut replayed = copy(&kept)?;
        assert_eq!(
            replayed.get(&server.endpoint(), "/session/").await?.body,
            "no value set\n"
        );
        let seen = get(&mut replayed, &server.endpoint()).await?;
        assert_new(&replayed, &seen);
        assert_ne!(replayed.session_id(), Some(&*id));
    }
    assert_eq!(
        get(&mut visitor, &one.endpoint()).await?.body,
        "Hello World #4\nvalue: blue\n",
        "and harms nobody"
    );
    Ok(())
}

#[actix_web::test]
async fn a_request_that_only_reads_finds_the_data_and_leaves_it_to_the_next_to_carry_it_over()
-> Result<()> {
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    let brought = visitor.session_id().map(str::to_owned);
    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let server = demo_redis(&env, "redis-1", &redis, &[("MIGRATE_COOKIES", "true")]).await?;
    for _ in 0..2 {
        let seen = visitor.get(&server.endpoint(), "/session/").await?;
        assert_eq!(
            (seen.body.as_str(), seen.header("set-cookie")),
            ("blue\n", None)
        );
        assert_eq!(
            (
                visitor.session_id().map(str::to_owned),
                redis.cli(&["DBSIZE"])?.as_str()
            ),
            (brought.clone(), "0")
        );
    }
    assert_eq!(
        get(&mut visitor, &server.endpoint()).await?.body,
        "Hello World #2\nvalue: blue\n"
    );
    assert_ne!(visitor.session_id().map(str::to_owned), brought);
    Ok(())
}

#[actix_web::test]
async fn two_tabs_at_once_end_up_in_one_session() -> Result<()> {
    let env = TestEnv::new()?;
    let mut one = visitor_of_demo_cookie(&env).await?;
    let mut two = copy(&one)?;
    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let here = demo_redis(&env, "redis-1", &redis, &[("MIGRATE_COOKIES", "true")]).await?;
    let there = demo_redis(&env, "redis-2", &redis, &[("MIGRATE_COOKIES", "true")]).await?;
    let (here, there) = (here.endpoint(), there.endpoint());
    let seen = try_join(get(&mut one, &here), get(&mut two, &there)).await?;
    for seen in [seen.0, seen.1] {
        assert!(
            seen.status == 200 && seen.count() >= Some(2) && seen.value() == Some("blue"),
            "{seen:?}"
        );
    }
    assert_eq!(one.session_id(), two.session_id());
    let after = get(&mut one, &there).await?.count().context("no count")?;
    assert_eq!(
        get(&mut two, &here).await?.count(),
        Some(after + 1),
        "they count together"
    );
    Ok(())
}

#[actix_web::test]
async fn while_redis_is_gone_the_session_stays_in_its_cookie() -> Result<()> {
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    let brought = visitor.session_id().map(str::to_owned);
    let mut redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let server = demo_redis(&env, "redis-1", &redis, &[("MIGRATE_COOKIES", "true")]).await?;
    redis.stop().await?;
    let seen = get(&mut visitor, &server.endpoint()).await?;
    assert_eq!(
        (seen.status, visitor.session_id().map(str::to_owned)),
        (503, brought)
    );
    redis.resume().await?;
    assert_eq!(
        get(&mut visitor, &server.endpoint()).await?.body,
        "Hello World #2\nvalue: blue\n"
    );
    Ok(())
}

#[actix_web::test]
async fn the_timeouts_of_the_redis_demo_rule_what_is_carried_over() -> Result<()> {
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    // Whatever it took to start, it was longer than that.
    for (name, limit) in [("redis-1", "IDLE_TIMEOUT"), ("redis-2", "ABSOLUTE_TIMEOUT")] {
        let server = demo_redis(
            &env,
            name,
            &redis,
            &[("MIGRATE_COOKIES", "true"), (limit, "1ms")],
        )
        .await?;
        let mut visitor = copy(&visitor)?;
        let seen = get(&mut visitor, &server.endpoint()).await?;
        assert_new(&visitor, &seen);
    }
    let server = demo_redis(
        &env,
        "redis-3",
        &redis,
        &[("MIGRATE_COOKIES", "true"), ("ABSOLUTE_TIMEOUT", "1h")],
    )
    .await?;
    get(&mut visitor, &server.endpoint()).await?;
    let left: i64 = redis
        .cli(&[
            "PTTL",
            &format!("session:{}", visitor.session_id().context("no session")?),
        ])?
        .parse()?;
    assert!((1..=1_800_000).contains(&left), "{left}");
    Ok(())
}
