//! The troubleshooting table of workshop.md: each trouble that can be made is made, and says what the table says.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::Command,
    time::Duration,
};

use anyhow::{Result, ensure};
use testkit::{
    Demo, Instance, Persistence, Port, Redis, TestEnv, Visitor, binary, root, wait_until,
};

fn page() -> Result<String> {
    Ok(std::fs::read_to_string(root().join("workshop.md"))?)
}

/// Whether the table has `text`, which `address` of the example took the place of `real` in.
fn table_has(text: &str, real: &str, address: &str) -> Result<()> {
    let text = text.replace(real, address);
    let page = page()?;
    // The table leaves out the advice, which its second column gives at length.
    let shown = text.split_once("; ").map_or_else(
        || format!("`{text}`"),
        |(trouble, _)| format!("`{trouble}; …`"),
    );
    let shown_with_advice = text
        .split_once(": set it")
        .map(|(trouble, _)| format!("`{trouble}: …`"));
    assert!(
        page.contains(&shown) || shown_with_advice.is_some_and(|shown| page.contains(&shown)),
        "the table lacks {text}"
    );
    Ok(())
}

/// What a demo says that can't start.
fn refusal(demo: Demo, settings: &[(&str, &str)]) -> Result<String> {
    let output = Command::new(binary(&format!("demo-{}", demo.name()))?)
        .env_clear()
        .envs(settings.iter().copied())
        .output()?;
    let text = String::from_utf8(output.stderr)?;
    ensure!(
        output.status.code() == Some(1),
        "it ended with {}: {text}",
        output.status
    );
    let line = text.lines().find_map(|line| line.strip_prefix("Error: "));
    Ok(line.unwrap_or_default().to_owned())
}

#[actix_rt::test]
async fn redis_is_not_there() -> Result<()> {
    let nobody = Port::claim()?;
    let address = format!("127.0.0.1:{}", nobody.number());
    let said = refusal(
        Demo::Redis,
        &[
            ("APP_PORT", "0"),
            ("REDIS_URL", &format!("redis://{address}")),
        ],
    )?;
    table_has(&said, &address, "127.0.0.1:6379")
}

#[actix_rt::test]
async fn redis_wants_a_password_or_another_one() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start_with(&env, Persistence::None, Some("right"), &[]).await?;
    let address = redis.address();
    for login in ["", ":wrong@"] {
        let said = refusal(
            Demo::Redis,
            &[
                ("APP_PORT", "0"),
                ("REDIS_URL", &format!("redis://{login}{address}")),
            ],
        )?;
        table_has(&said, &address, "127.0.0.1:6379")?;
    }
    Ok(())
}

#[test]
fn the_port_is_in_use() -> Result<()> {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = taken.local_addr()?.port().to_string();
    let said = refusal(Demo::Memory, &[("APP_PORT", &port)])?;
    table_has(&said, &format!("127.0.0.1:{port}"), "127.0.0.1:5000")
}

#[actix_rt::test]
async fn the_idle_timeout_is_too_short() -> Result<()> {
    let env = TestEnv::new()?;
    let mut instance = Instance::new(&env, Demo::Memory, "memory-1", &[("IDLE_TIMEOUT", "50ms")])?;
    instance.start().await?;
    let mut visitor = Visitor::new();
    assert_eq!(
        visitor.get(&instance.endpoint(), "/").await?.count(),
        Some(0)
    );
    let mut pause = Duration::from_millis(50);
    wait_until(
        "the count to start again",
        Duration::from_secs(10),
        async || {
            // Asking renews the timeout: only who stays away long enough starts again.
            tokio::time::sleep(pause).await;
            pause += pause / 2;
            Ok((visitor.get(&instance.endpoint(), "/").await?.count() == Some(0)).then_some(()))
        },
    )
    .await
}

#[actix_rt::test]
async fn redis_evicts_sessions() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start_with(
        &env,
        Persistence::None,
        None,
        &["--maxmemory-policy", "allkeys-random"],
    )
    .await?;
    let mut instance = Instance::new(&env, Demo::Redis, "redis-1", &[("REDIS_URL", &redis.url())])?;
    instance.start().await?;
    let mut visitor = Visitor::new();
    visitor.get(&instance.endpoint(), "/").await?;
    assert_eq!(
        visitor.get(&instance.endpoint(), "/").await?.count(),
        Some(1)
    );
    // Less than it uses already: the next write evicts what there is.
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"])?;
    wait_until(
        "Redis to evict the session",
        Duration::from_secs(10),
        async || {
            Visitor::new().get(&instance.endpoint(), "/").await?;
            Ok((redis.cli(&["DBSIZE"])? == "0").then_some(()))
        },
    )
    .await?;
    assert!(!redis.cli(&["INFO", "stats"])?.contains("evicted_keys:0"));
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"])?;
    assert_eq!(
        visitor.get(&instance.endpoint(), "/").await?.count(),
        Some(0)
    );
    Ok(())
}

#[actix_rt::test]
async fn redis_is_full_and_then_frozen() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let mut instance = Instance::new(&env, Demo::Redis, "redis-1", &[("REDIS_URL", &redis.url())])?;
    instance.start().await?;
    let mut visitor = Visitor::new();
    visitor.get(&instance.endpoint(), "/").await?;
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"])?;
    assert_eq!(visitor.get(&instance.endpoint(), "/").await?.status, 503);
    let page = page()?;
    for words in ["OOM command not allowed", "did not answer within 500ms"] {
        if words.starts_with("did not") {
            redis.freeze()?;
            assert_eq!(visitor.get(&instance.endpoint(), "/").await?.status, 503);
        }
        assert!(instance.log().contains(words), "{}", instance.log());
        assert!(
            page.contains(&format!("`{words}`")),
            "the table lacks {words}"
        );
    }
    Ok(())
}

#[actix_rt::test]
async fn the_cookie_jar_is_forgotten() -> Result<()> {
    let env = TestEnv::new()?;
    let mut instance = Instance::new(&env, Demo::Memory, "memory-1", &[])?;
    instance.start().await?;
    for _ in 0..3 {
        let output = Command::new("curl")
            .args(["-sS", &format!("http://{}/", instance.address())])
            .output()?;
        assert_eq!(String::from_utf8(output.stdout)?, "Hello World #0\n");
    }
    Ok(())
}

#[actix_rt::test]
async fn the_secrets_differ() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let mut visitor = Visitor::new();
    let mut instances = Vec::new();
    for (name, secret) in [
        ("one", "the secret of one server, of a good length"),
        ("two", "and that of another, of a good length too"),
    ] {
        let mut instance = Instance::new(
            &env,
            Demo::Redis,
            name,
            &[("REDIS_URL", &redis.url()), ("SESSION_KEY", secret)],
        )?;
        instance.start().await?;
        instances.push(instance);
    }
    let mut before = None;
    for visit in 0..4 {
        let seen = visitor.get(&instances[visit % 2].endpoint(), "/").await?;
        assert_eq!(seen.count(), Some(0));
        assert_ne!(seen.session, before);
        before = seen.session;
    }
    Ok(())
}

#[actix_rt::test]
async fn the_clocks_differ() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let mut instance = Instance::new(
        &env,
        Demo::Redis,
        "redis-1",
        &[("REDIS_URL", &redis.url()), ("ABSOLUTE_TIMEOUT", "1h")],
    )?;
    instance.start().await?;
    let mut visitor = Visitor::new();
    visitor.get(&instance.endpoint(), "/").await?;
    let before = visitor.get(&instance.endpoint(), "/").await?;
    assert_eq!(before.count(), Some(1));
    // As a server writes it whose clock is two hours behind this one's.
    let key = redis.cli(&["--scan"])?;
    let mut record: serde_json::Value = serde_json::from_str(&redis.cli(&["GET", &key])?)?;
    record["CreatedAt"] = "2026-01-01T10:00:00Z".into();
    redis.cli(&["SET", &key, &record.to_string(), "KEEPTTL"])?;
    let after = visitor.get(&instance.endpoint(), "/").await?;
    assert_eq!(after.count(), Some(0));
    assert_ne!(after.session, before.session);
    Ok(())
}
