//! How a session ends by itself.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::{Stage, Visitor, World, until};

use crate::common::{signed_in, welcome_everywhere, world};

const PATIENCE: Duration = Duration::from_secs(10);

/// Waits until Redis holds nothing of `visitor`'s session, without asking the server, which would be a use of it.
async fn gone(world: &mut World, visitor: &Visitor) -> Result<()> {
    let key = format!("session:{}", visitor.session_id().context("no session")?);
    let redis = world.redis()?;
    until("the session to end", PATIENCE, async || {
        Ok((redis.cli(&["EXISTS", &key])?.trim() == "0").then_some(()))
    })
    .await
}

#[actix_web::test]
async fn a_session_that_is_not_used_ends_and_one_that_is_used_does_not() -> Result<()> {
    let stage = Stage::new()?;
    let mut world = world(&stage, &[("SESSION_TTL", "1500ms")]).await?;
    let mut idle = signed_in(&world.front, "alice").await?;
    let mut busy = signed_in(&world.front, "alice").await?;
    let front = world.front.clone();
    let key = format!("session:{}", idle.session_id().context("no session")?);
    let redis = world.redis()?;
    until("the idle session to end", PATIENCE, async || {
        assert_eq!(busy.get(&front, "/dashboard").await?.status, 200);
        Ok((redis.cli(&["EXISTS", &key])?.trim() == "0").then_some(()))
    })
    .await?;
    assert_eq!(welcome_everywhere(&mut idle, &front).await?, None);
    assert_eq!(
        welcome_everywhere(&mut busy, &front).await?.as_deref(),
        Some("alice")
    );
    gone(&mut world, &busy).await?;
    assert_eq!(welcome_everywhere(&mut busy, &front).await?, None);
    Ok(())
}

#[actix_web::test]
async fn a_session_ends_at_its_absolute_timeout_however_busy_it_is() -> Result<()> {
    let stage = Stage::new()?;
    let world = world(&stage, &[("ABSOLUTE_TIMEOUT", "2s")]).await?;
    let mut alice = signed_in(&world.front, "alice").await?;
    let mut welcomes = 0;
    until("the absolute timeout", PATIENCE, async || {
        let seen = alice.get(&world.front, "/dashboard").await?;
        welcomes += u32::from(seen.status == 200);
        Ok((seen.status == 303).then_some(()))
    })
    .await?;
    assert!(welcomes > 1, "it was in use all the time");
    assert_eq!(welcome_everywhere(&mut alice, &world.front).await?, None);
    Ok(())
}

#[actix_web::test]
async fn without_settings_a_session_has_half_an_hour_of_idleness_and_twelve_hours() -> Result<()> {
    let stage = Stage::new()?;
    let mut world = world(&stage, &[]).await?;
    let alice = signed_in(&world.front, "alice").await?;
    let key = format!("session:{}", alice.session_id().context("no session")?);
    let idle: u64 = world.redis()?.cli(&["PTTL", &key])?.trim().parse()?;
    assert!((29 * 60_000..=30 * 60_000).contains(&idle), "{idle} ms");

    let help = stage
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
