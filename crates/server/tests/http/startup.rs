//! How a demo starts with its store, and what it prints if it cannot.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use testkit::{Demo, Instance, Persistence, Redis, TestEnv, Visitor};

use crate::common::run;

/// The server ends and prints the error of the store, but no password. The store's own tests check its messages.
#[actix_web::test]
async fn an_unusable_redis_ends_the_server_with_the_cause() -> Result<()> {
    let env = TestEnv::new()?;
    let mut stopped = Redis::start(&env, Persistence::None).await?;
    stopped.stop().await?;
    let frozen = Redis::start(&env, Persistence::None).await?;
    frozen.freeze()?;
    let locked = Redis::start_with(&env, Persistence::None, Some("the-right-one"), &[]).await?;
    let address = locked.address();

    for (url, cause) in [
        (stopped.url(), stopped.address().as_str()),
        (frozen.url(), &frozen.address()),
        (format!("redis://{address}"), &address),
        (format!("redis://:a-wrong-one@{address}"), &address),
        (format!("redis://user:the-right-one@{address}"), &address),
        ("redis://:not-this/one@127.0.0.1".to_owned(), "REDIS_URL"),
        ("http://:not-this-one@127.0.0.1".to_owned(), "REDIS_URL"),
    ] {
        let ended = run(&env, Demo::Redis, &["--port", "0"], &[("REDIS_URL", &url)]).await?;
        ended.assert_failed(1, &["Error: ", cause]);
        for password in ["-one", "not-this/one"] {
            assert!(!ended.output.contains(password), "{}", ended.output);
        }
        assert!(ended.took < Duration::from_secs(3), "{ended:?}");
    }
    frozen.thaw()
}

#[actix_web::test]
async fn an_unusable_session_folder_ends_the_server() -> Result<()> {
    let env = TestEnv::new()?;
    let file = env.folder("file")?.join("file");
    fs::write(&file, "")?;
    let below = file.join("sessions");
    let below = below.to_str().context("not UTF-8")?;
    // Not even root can create a folder in /proc.
    let no_home = [("XDG_CACHE_HOME", ""), ("HOME", "/proc/none")];
    for (variables, error) in [
        (&[("SESSION_DIR", below)][..], "not a directory"),
        (&no_home, "session"),
    ] {
        let ended = run(&env, Demo::File, &["--port", "0"], variables).await?;
        ended.assert_failed(1, &[error, "--session-dir or SESSION_DIR"]);
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
    let mut one = Instance::new(&env, Demo::File, "file-1", &settings)?;
    let mut two = Instance::new(&env, Demo::File, "file-2", &settings)?;
    one.start().await?;
    two.start().await?;
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
