//! How a session ends by itself.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::{Deployment, TestEnv, Visitor, wait_until};

use crate::common::{deployment, signed_in, welcome_everywhere};

const PATIENCE: Duration = Duration::from_secs(10);

/// Waits until Redis holds nothing of `visitor`'s session, without asking the server, which would be a use of it.
async fn gone(deployment: &mut Deployment, visitor: &Visitor) -> Result<()> {
    let key = format!("session:{}", visitor.session_id().context("no session")?);
    let redis = deployment.redis()?;
    wait_until("the session to end", PATIENCE, async || {
        Ok((redis.cli(&["EXISTS", &key])?.trim() == "0").then_some(()))
    })
    .await
}

#[actix_web::test]
async fn a_session_that_is_not_used_ends_and_one_that_is_used_does_not() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[("IDLE_TIMEOUT", "1500ms")]).await?;
    let mut idle = signed_in(&deployment.endpoint, "alice").await?;
    let mut busy = signed_in(&deployment.endpoint, "alice").await?;
    let endpoint = deployment.endpoint.clone();
    let key = format!("session:{}", idle.session_id().context("no session")?);
    let redis = deployment.redis()?;
    wait_until("the idle session to end", PATIENCE, async || {
        assert_eq!(busy.get(&endpoint, "/dashboard").await?.status, 200);
        Ok((redis.cli(&["EXISTS", &key])?.trim() == "0").then_some(()))
    })
    .await?;
    assert_eq!(welcome_everywhere(&mut idle, &endpoint).await?, None);
    assert_eq!(
        welcome_everywhere(&mut busy, &endpoint).await?.as_deref(),
        Some("alice")
    );
    gone(&mut deployment, &busy).await?;
    assert_eq!(welcome_everywhere(&mut busy, &endpoint).await?, None);
    Ok(())
}

#[actix_web::test]
async fn a_session_ends_at_its_absolute_timeout_however_busy_it_is() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[("ABSOLUTE_TIMEOUT", "2s")]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut welcomes = 0;
    wait_until("the absolute timeout", PATIENCE, async || {
        let seen = alice.get(&deployment.endpoint, "/dashboard").await?;
        welcomes += u32::from(seen.status == 200);
        Ok((seen.status == 303).then_some(()))
    })
    .await?;
    assert!(welcomes > 1, "it was in use all the time");
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint).await?,
        None
    );
    Ok(())
}

#[actix_web::test]
async fn without_settings_a_session_has_half_an_hour_of_idleness_and_twelve_hours() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[]).await?;
    let alice = signed_in(&deployment.endpoint, "alice").await?;
    let key = format!("session:{}", alice.session_id().context("no session")?);
    let idle: u64 = deployment.redis()?.cli(&["PTTL", &key])?.trim().parse()?;
    assert!((29 * 60_000..=30 * 60_000).contains(&idle), "{idle} ms");

    let help = env
        .run(
            tokio::process::Command::new(testkit::binary("demo-login")?)
                .arg("--help")
                .env_clear(),
        )
        .await?;
    let help = String::from_utf8(help.stdout)?
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        help.contains("--absolute-timeout <TIME> Absolute timeout")
            && !help.contains("--session-max-age"),
        "{help}"
    );
    assert!(
        help.contains("[env: ABSOLUTE_TIMEOUT=] [default: 12h]"),
        "{help}"
    );
    Ok(())
}
