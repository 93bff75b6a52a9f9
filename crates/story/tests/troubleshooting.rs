//! The troubleshooting table of workshop.md: each test causes a problem and expects what the table
//! describes.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::Command,
    time::Duration,
};

use anyhow::{Result, ensure};
use testkit::{
    Demo, Instance, Persistence, Port, Redis, TestEnv, Visitor, binary, root, wait_until,
};

const PATIENCE: Duration = Duration::from_secs(10);

/// Fails unless the table has `message`.
fn assert_in_table(message: &str) -> Result<()> {
    let page = std::fs::read_to_string(root().join("workshop.md"))?;
    // The first column has no advice, because the second one gives it in more detail.
    let without_advice =
        [("; ", "; …"), (": set it", ": …")]
            .into_iter()
            .filter_map(|(advice, ellipsis)| {
                Some(format!("`{}{ellipsis}`", message.split_once(advice)?.0))
            });
    let mut shown = without_advice.chain([format!("`{message}`")]);
    ensure!(
        shown.any(|shown| page.contains(&shown)),
        "the table does not have {message}"
    );
    Ok(())
}

/// Starts `demo`, which must fail, and returns its error message.
fn startup_error(demo: Demo, settings: &[(&str, &str)]) -> Result<String> {
    let output = Command::new(binary(&format!("demo-{}", demo.name()))?)
        .env_clear()
        .env("APP_PORT", "0")
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

/// Starts `demo` with `settings`, and with the URL of `redis`.
async fn instance(
    env: &TestEnv,
    demo: Demo,
    redis: Option<&Redis>,
    settings: &[(&str, &str)],
) -> Result<Instance> {
    let url = redis.map(Redis::url).unwrap_or_default();
    let mut settings = settings.to_vec();
    if redis.is_some() {
        settings.push(("REDIS_URL", &url));
    }
    Instance::started(env, demo, demo.name(), &settings).await
}

#[actix_rt::test]
async fn redis_does_not_run() -> Result<()> {
    let unused = Port::claim()?;
    let address = format!("127.0.0.1:{}", unused.number());
    let url = format!("redis://{address}");
    let message = startup_error(Demo::Redis, &[("REDIS_URL", &url)])?;
    assert_in_table(&message.replace(&address, "127.0.0.1:6379"))
}

#[actix_rt::test]
async fn redis_wants_a_password_or_another_one() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start_with(&env, Persistence::None, Some("right"), &[]).await?;
    let address = redis.address();
    for login in ["", ":wrong@"] {
        let url = format!("redis://{login}{address}");
        let message = startup_error(Demo::Redis, &[("REDIS_URL", &url)])?;
        assert_in_table(&message.replace(&address, "127.0.0.1:6379"))?;
    }
    Ok(())
}

#[test]
fn the_port_is_in_use() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let port = address.port().to_string();
    let message = startup_error(Demo::Memory, &[("APP_PORT", &port)])?;
    assert_in_table(&message.replace(&address.to_string(), "127.0.0.1:5000"))
}

#[actix_rt::test]
async fn the_idle_timeout_is_too_short() -> Result<()> {
    let env = TestEnv::new()?;
    let settings = [("IDLE_TIMEOUT", "50ms")];
    let instance = instance(&env, Demo::Memory, None, &settings).await?;
    let endpoint = instance.endpoint();
    let mut visitor = Visitor::new();
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(0));
    let mut pause = Duration::from_millis(50);
    wait_until("the count to start again", PATIENCE, async || {
        // Each request renews the timeout, so the visitor must stay away long enough between two.
        tokio::time::sleep(pause).await;
        pause += pause / 2;
        Ok((visitor.get(&endpoint, "/").await?.count() == Some(0)).then_some(()))
    })
    .await
}

#[actix_rt::test]
async fn redis_evicts_sessions() -> Result<()> {
    let env = TestEnv::new()?;
    let policy = ["--maxmemory-policy", "allkeys-random"];
    let redis = Redis::start_with(&env, Persistence::None, None, &policy).await?;
    let instance = instance(&env, Demo::Redis, Some(&redis), &[]).await?;
    let endpoint = instance.endpoint();
    let mut visitor = Visitor::new();
    visitor.get(&endpoint, "/").await?;
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(1));

    // Redis uses more than this already, so the next write evicts every key.
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"])?;
    wait_until("Redis to evict the session", PATIENCE, async || {
        Visitor::new().get(&endpoint, "/").await?;
        Ok((redis.cli(&["DBSIZE"])? == "0").then_some(()))
    })
    .await?;

    assert!(!redis.cli(&["INFO", "stats"])?.contains("evicted_keys:0"));
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"])?;
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(0));
    Ok(())
}

#[actix_rt::test]
async fn redis_is_full_and_then_frozen() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let instance = instance(&env, Demo::Redis, Some(&redis), &[]).await?;
    let endpoint = instance.endpoint();
    let mut visitor = Visitor::new();
    visitor.get(&endpoint, "/").await?;
    for message in ["OOM command not allowed", "did not answer within 500ms"] {
        if message.starts_with("OOM") {
            redis.cli(&["CONFIG", "SET", "maxmemory", "1"])?;
        } else {
            redis.freeze()?;
        }
        assert_eq!(visitor.get(&endpoint, "/").await?.status, 503);
        assert!(instance.log().contains(message), "{}", instance.log());
        assert_in_table(message)?;
    }
    Ok(())
}

#[actix_rt::test]
async fn curl_without_a_cookie_jar_counts_from_0() -> Result<()> {
    let env = TestEnv::new()?;
    let instance = instance(&env, Demo::Memory, None, &[]).await?;
    let url = format!("http://{}/", instance.address());
    for _ in 0..3 {
        let output = Command::new("curl").args(["-sS", &url]).output()?;
        assert_eq!(String::from_utf8(output.stdout)?, "Hello World #0\n");
    }
    Ok(())
}

#[actix_rt::test]
async fn the_secrets_differ() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let mut instances = Vec::new();
    for secret in [
        "the secret of one instance, long enough",
        "the secret of another instance, long enough",
    ] {
        let settings = [("SESSION_KEY", secret)];
        instances.push(instance(&env, Demo::Redis, Some(&redis), &settings).await?);
    }
    let mut visitor = Visitor::new();
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
    let settings = [("ABSOLUTE_TIMEOUT", "1h")];
    let instance = instance(&env, Demo::Redis, Some(&redis), &settings).await?;
    let endpoint = instance.endpoint();
    let mut visitor = Visitor::new();
    visitor.get(&endpoint, "/").await?;
    let before = visitor.get(&endpoint, "/").await?;
    assert_eq!(before.count(), Some(1));

    // An instance whose clock is behind would store a start like this one.
    let key = redis.cli(&["--scan"])?;
    let mut record: serde_json::Value = serde_json::from_str(&redis.cli(&["GET", &key])?)?;
    record["CreatedAt"] = "2026-01-01T10:00:00Z".into();
    redis.cli(&["SET", &key, &record.to_string(), "KEEPTTL"])?;

    let after = visitor.get(&endpoint, "/").await?;
    assert_eq!(after.count(), Some(0));
    assert_ne!(after.session, before.session);
    Ok(())
}
