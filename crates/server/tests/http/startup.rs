//! What demo-redis says when its Redis isn't there, or wants something else.

use std::time::Duration;

use anyhow::Result;
use testkit::{Demo, Persistence, Redis, TestEnv};

use crate::common::{Ended, run};

async fn refused(env: &TestEnv, url: &str) -> Result<Ended> {
    let ended = run(env, Demo::Redis, &["--port", "0"], &[("REDIS_URL", url)]).await?;
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    assert!(ended.took < Duration::from_secs(3), "{:?}", ended.took);
    assert!(!ended.output.contains("listening on"), "{}", ended.output);
    assert!(!ended.output.contains("panicked"), "{}", ended.output);
    Ok(ended)
}

#[actix_web::test]
async fn an_unreachable_redis_is_named_with_the_way_to_start_it() -> Result<()> {
    let env = TestEnv::new()?;
    let mut redis = Redis::start(&env, Persistence::None).await?;
    redis.stop().await?;
    let ended = refused(&env, &redis.url()).await?;
    let said = format!(
        "cannot reach Redis at {}: connection refused; start it with `redis-server`",
        redis.address()
    );
    assert!(ended.output.contains(&said), "{}", ended.output);
    Ok(())
}

#[actix_web::test]
async fn a_frozen_redis_is_given_up_in_time() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    redis.freeze()?;
    let ended = refused(&env, &redis.url()).await?;
    assert!(
        ended.output.contains(&format!(
            "Redis at {} did not answer within 500ms",
            redis.address()
        )),
        "{}",
        ended.output
    );
    redis.thaw()
}

#[actix_web::test]
async fn a_wrong_or_missing_password_is_said_and_never_shown() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start_with(&env, Persistence::None, Some("the-right-one"), &[]).await?;
    let address = redis.address();
    for login in [
        ":the-wrong-one",
        "default:the-wrong-one",
        "nobody:the-right-one",
    ] {
        let ended = refused(&env, &format!("redis://{login}@{address}")).await?;
        assert!(
            ended.output.contains(&format!(
                "Redis at {address} refused the password in REDIS_URL"
            )),
            "{}",
            ended.output
        );
        assert!(!ended.output.contains("-one"), "{}", ended.output);
    }
    let ended = refused(&env, &format!("redis://{address}")).await?;
    assert!(
        ended.output.contains(&format!(
            "Redis at {address} wants a password (NOAUTH): set it in REDIS_URL"
        )),
        "{}",
        ended.output
    );
    Ok(())
}

#[actix_web::test]
async fn a_url_that_can_not_be_read_is_not_shown() -> Result<()> {
    let env = TestEnv::new()?;
    for url in [
        "http://:the-password@127.0.0.1",
        "redis://:the/password@127.0.0.1",
        "the-password",
        "redis://:the-password@:port",
    ] {
        let ended = refused(&env, url).await?;
        assert!(
            ended.output.contains("REDIS_URL is not a Redis URL"),
            "{url}: {}",
            ended.output
        );
        assert!(
            !ended.output.contains("the-password") && !ended.output.contains("the/password"),
            "{url}: {}",
            ended.output
        );
    }
    Ok(())
}
