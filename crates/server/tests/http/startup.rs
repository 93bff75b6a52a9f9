//! The errors of a server that cannot start, and the folder of the file store.

use std::fs;

use anyhow::{Context, Result};
use testkit::{Demo, Instance, Persistence, Redis, TestEnv, Visitor};

use crate::common::run;

/// Every secret in the table contains "hidden". The store's own tests check its messages.
#[actix_web::test]
async fn a_server_that_cannot_start_hides_its_secrets() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start_with(&env, Persistence::None, Some("hidden"), &[]).await?;
    let address = redis.address();
    let wrong_password = ("REDIS_URL", &*format!("redis://:hidden2@{address}"));
    let unknown_user = ("REDIS_URL", &*format!("redis://user:hidden@{address}"));
    let slash = ("REDIS_URL", "redis://:hidden/2@127.0.0.1");
    let file = env.folder("file")?.join("file");
    fs::write(&file, "")?;
    let below_file = file.join("sessions");
    let below_file = ("SESSION_DIR", below_file.to_str().context("not UTF-8")?);

    let key = ("SESSION_KEY", "hidden: a secret with 31 bytes.");
    let key_flag = format!("--session-key={}", key.1);
    let too_short =
        "SESSION_KEY has 31 bytes and needs at least 32; make a key with: openssl rand -base64 48";
    let ipv4 = "cannot listen on 0.0.0.0 without SESSION_KEY, because";
    let ipv6 =
        "cannot listen on :: without SESSION_KEY, because the demo key is published; make a key";
    let no_host = "--host \"no such host\" has no address";
    let domain = ("COOKIE_DOMAIN", "example.com");
    let exclusive = "--cookie-domain and --secure-cookie exclude each other";
    let log_filter = ("RUST_LOG", "info,(((");
    let no_module = "RUST_LOG has \"(((\"";
    let folder = "--session-dir or SESSION_DIR";
    let private = ("SESSION_COOKIE", "private");
    let not_a_folder = &*format!("not a directory; name another with {folder}");
    // Not even root can create a folder in /proc.
    let no_home = ("HOME", "/proc/none");
    let (any, no_key) = ("--port=0", ("SESSION_KEY", ""));
    for (demo, argument, variable, error) in [
        (Demo::Memory, any, key, too_short),
        (Demo::Memory, &key_flag, no_key, too_short),
        (Demo::Memory, "--host=0.0.0.0", no_key, ipv4),
        (Demo::Memory, "--host=::", no_key, ipv6),
        (Demo::Memory, "--host=no such host", no_key, no_host),
        (Demo::Memory, "--secure-cookie", domain, exclusive),
        (Demo::Memory, any, log_filter, no_module),
        (
            Demo::Login,
            any,
            private,
            "--cookie private is for the counter demos",
        ),
        (Demo::Redis, any, wrong_password, &address),
        (Demo::Redis, any, unknown_user, &address),
        (Demo::Redis, any, slash, "REDIS_URL"),
        (Demo::File, any, below_file, not_a_folder),
        (Demo::File, any, no_home, folder),
    ] {
        let ended = run(demo, &[argument], &[variable, ("RUST_BACKTRACE", "1")]).await?;
        ended.assert_failed(1, &["Error: ", error]);
        let lines = ended.output.lines().filter(|line| !line.starts_with('['));
        assert_eq!(lines.count(), 1, "no backtrace: {}", ended.output);
        assert!(!ended.output.contains("hidden"), "{}", ended.output);
    }
    Ok(())
}

#[actix_web::test]
async fn each_port_has_its_own_session_folder_by_default() -> Result<()> {
    let env = TestEnv::new()?;
    let cache = env.folder("cache")?;
    let settings = [
        ("SESSION_DIR", ""),
        ("XDG_CACHE_HOME", cache.to_str().context("not UTF-8")?),
    ];
    let mut one = Instance::started(&env, Demo::File, "file-1", &settings).await?;
    let two = Instance::started(&env, Demo::File, "file-2", &settings).await?;
    for server in [&one, &two] {
        let port = server.address().port();
        let folder = cache.join(format!("session-workshop/file-{port}"));
        let line = format!("sessions in {}", folder.display());
        let log = server.log();
        assert!(log.contains(&line) && folder.is_dir(), "no {line} in {log}");
    }

    let mut visitor = Visitor::new();
    visitor.get(&one.endpoint(), "/").await?;
    let other = visitor.get(&two.endpoint(), "/").await?;
    assert_eq!(other.count(), Some(0), "the other port, the other folder");
    one.restart().await?;
    let restarted = visitor.get(&one.endpoint(), "/").await?;
    assert_eq!(restarted.count(), Some(1), "the same port, the same folder");
    Ok(())
}
