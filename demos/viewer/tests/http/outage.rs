//! Redis gone, frozen and back.

use std::time::Duration;

use anyhow::Result;
use testkit::{Response, TestEnv};

use crate::common::{ALICE, Viewed, first_button, record, viewed};

fn assert_unavailable(seen: &Response, viewed: &Viewed) {
    assert_eq!(seen.status, 503, "{seen:?}");
    assert_eq!(seen.header("retry-after"), Some("2"));
    assert!(
        seen.body.contains("Redis does not answer") && seen.body.contains("http-equiv=\"refresh\""),
        "{}",
        seen.body
    );
    assert!(
        !seen.body.contains(&viewed.redis.address()),
        "the cause is for the log: {}",
        seen.body
    );
    assert!(seen.took < Duration::from_secs(5), "{:?}", seen.took);
}

#[actix_web::test]
async fn while_redis_is_gone_the_page_is_503_and_when_it_is_back_so_is_the_page() -> Result<()> {
    let env = TestEnv::new()?;
    let mut viewed = viewed(&env, &[]).await?;
    viewed.lay(ALICE, &record(ALICE, "{}", ""))?;
    let button = first_button(&viewed.page().await?)?;

    viewed.redis.stop().await?;
    for path in ["/", "/rows", "/?cursor=7"] {
        assert_unavailable(&viewed.get(path).await?, &viewed);
    }
    assert_unavailable(
        &testkit::Visitor::new()
            .post(&viewed.viewer.endpoint(), "/end", &button)
            .await?,
        &viewed,
    );
    for path in ["/healthz", "/readyz", "/viewer.js"] {
        assert_eq!(viewed.get(path).await?.status, 200, "{path}");
    }
    let cause = format!(
        "cannot reach Redis at {}: connection refused",
        viewed.redis.address()
    );
    for what in ["cannot show sessions", "cannot end a session"] {
        assert!(
            viewed.viewer.log().contains(&format!("{what}: {cause}")),
            "{}",
            viewed.viewer.log()
        );
    }

    viewed.redis.resume().await?;
    assert!(
        viewed.page().await?.contains("No session lies here."),
        "this Redis keeps nothing"
    );
    Ok(())
}

#[actix_web::test]
async fn a_frozen_redis_is_503_in_bounded_time_and_holds_nobody_else() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[("REDIS_TIMEOUT", "500ms")]).await?;
    viewed.redis.freeze()?;
    assert_unavailable(&viewed.get("/").await?, &viewed);
    assert_eq!(viewed.get("/healthz").await?.status, 200);
    viewed.redis.thaw()?;
    viewed.page().await?;
    Ok(())
}
