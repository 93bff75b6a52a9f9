//! The troubleshooting table of workshop.md: each test causes a problem and expects what the table describes.
//!
//! Other tests have the problems that are a property of the stores: timeouts, clocks, and secrets that differ.

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

async fn instance(env: &TestEnv, redis: &Redis) -> Result<Instance> {
    let url = redis.url();
    Instance::started(env, Demo::Redis, "redis-1", &[("REDIS_URL", &url)]).await
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
async fn redis_evicts_sessions() -> Result<()> {
    let env = TestEnv::new()?;
    let policy = ["--maxmemory-policy", "allkeys-random"];
    let redis = Redis::start_with(&env, Persistence::None, None, &policy).await?;
    let instance = instance(&env, &redis).await?;
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

    assert_ne!(redis.info("evicted_keys")?.as_deref(), Some("0"));
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"])?;
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(0));
    Ok(())
}

#[actix_rt::test]
async fn redis_is_full_and_then_frozen() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let instance = instance(&env, &redis).await?;
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
