//! Clients that begin many sessions.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context, Result, bail};
use testkit::{
    Balancer, Demo, Deployment, Endpoint, Instance, Persistence, Redis, Response, TestEnv,
    Topology, Visitor, wait_until,
};

/// Sends requests of new clients, each with the `cookie`, until HAProxy refuses one.
async fn refused(endpoint: &Endpoint, cookie: Option<(&str, &str)>) -> Result<Response> {
    for _ in 0..100 {
        let mut client = Visitor::new();
        if let Some((name, value)) = cookie {
            client.forge(name, value);
        }
        let response = client.get(endpoint, "/").await?;
        if response.status == 429 {
            return Ok(response);
        }
        assert_eq!(response.status, 200, "{response:?}");
    }
    bail!("no request of 100 was refused")
}

#[actix_web::test]
async fn too_many_new_sessions_get_429_and_others_are_served() -> Result<()> {
    let settings = [("NEW_SESSIONS_PER_ADDRESS", "5")];
    let topology = Topology::balanced(Demo::Redis);
    let mut deployment = Deployment::start_with(&TestEnv::new()?, topology, &settings).await?;
    let endpoint = deployment.endpoint.clone();
    let (mut visitor, mut leaving) = (Visitor::new(), Visitor::new());
    for visitor in [&mut visitor, &mut leaving] {
        assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(0));
    }

    let response = refused(&endpoint, None).await?;
    assert_eq!(response.header("retry-after"), Some("1"));
    assert_eq!(response.instance, None);
    for count in 1..10 {
        let response = visitor.get(&endpoint, "/").await?;
        assert_eq!(response.count(), Some(count), "{response:?}");
    }

    // An invented cookie does not help, and neither does the cookie of a session that has ended.
    refused(&endpoint, Some(("sessionID", "invented"))).await?;
    let former = leaving.cookie().cloned().context("no cookie")?;
    let id = leaving.session_id().context("no session")?;
    let key = format!("session:{id}");
    deployment.redis()?.cli(&["DEL", &key])?;
    refused(&endpoint, Some((former.name(), former.value()))).await?;
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(10));

    let statistics = endpoint.named("stats.localhost");
    assert_eq!(Visitor::new().get(&statistics, "/").await?.status, 200);

    wait_until(
        "a new visitor to be served",
        Duration::from_secs(5),
        async || {
            let response = Visitor::new().get(&endpoint, "/").await?;
            Ok((response.status == 200).then_some(()))
        },
    )
    .await
}

// HAProxy compares the first 64 characters of a cookie only. With one more at its end, the instance rejects the cookie
// and begins a session.
#[actix_web::test]
async fn a_valid_cookie_does_not_allow_many_new_sessions() -> Result<()> {
    let settings = [("NEW_SESSIONS_PER_ADDRESS", "5")];
    let topology = Topology::balanced(Demo::Redis);
    let deployment = Deployment::start_with(&TestEnv::new()?, topology, &settings).await?;
    let mut client = Visitor::new();
    for _ in 0..100 {
        let response = client.get(&deployment.endpoint, "/").await?;
        if response.status == 429 {
            return Ok(());
        }
        assert_eq!(response.count(), Some(0), "{response:?}");
        let cookie = client.cookie().context("no cookie")?;
        let altered = format!("{}x", cookie.value());
        client.forge("sessionID", &altered);
    }
    bail!("no request of 100 was refused")
}

#[actix_web::test]
async fn demo_cookie_may_change_its_cookie_any_number_of_times() -> Result<()> {
    let settings = [("NEW_SESSIONS_PER_ADDRESS", "5")];
    let topology = Topology::balanced(Demo::Cookie);
    let deployment = Deployment::start_with(&TestEnv::new()?, topology, &settings).await?;
    let mut visitor = Visitor::new();
    for count in 0..50 {
        let response = visitor.get(&deployment.endpoint, "/").await?;
        assert_eq!(response.count(), Some(count), "{response:?}");
    }
    Ok(())
}

// While the secret is replaced, an instance that signs with the new one and an instance that signs with the old one
// alternate. Each signs the cookies of the other again.
#[actix_web::test]
async fn a_cookie_that_is_signed_again_is_no_new_session() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let (old, new) = (
        "the old secret of at least thirty-two bytes",
        "the new secret of at least thirty-two bytes",
    );
    let mut instances = Vec::new();
    for (name, secret, accepted) in [("webserver-1", new, old), ("webserver-2", old, new)] {
        let settings = [
            ("REDIS_URL", &*redis.url()),
            ("SESSION_KEY", secret),
            ("ACCEPTED_SESSION_KEYS", accepted),
        ];
        instances.push(Instance::started(&env, Demo::Login, name, &settings).await?);
    }
    let servers = instances.iter().map(Instance::address).collect();
    let limit = [("NEW_SESSIONS_PER_ADDRESS", "2")];
    let balancer = Balancer::start(&env, &[(Demo::Login, servers)], &limit).await?;
    let endpoint = balancer.endpoint().named(&Demo::Login.host_name());

    let (mut visitor, mut cookies) = (Visitor::new(), HashSet::new());
    for count in 1..=30 {
        let response = visitor.get(&endpoint, "/api/counter").await?;
        assert_eq!(response.count(), Some(count), "{response:?}");
        cookies.extend(visitor.cookie().map(ToString::to_string));
    }
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    Ok(())
}
