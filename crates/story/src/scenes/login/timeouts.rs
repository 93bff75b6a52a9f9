//! The idle and the absolute timeout.

use std::time::Duration;

use anyhow::Result;
use testkit::{Demo, wait_until};

use super::{to_login, welcome};
use crate::narrator::Narrator;

/// The longest wait on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn timeouts(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The idle timeout, here 1 second, counts from the last request.")?;
    let settings = [("IDLE_TIMEOUT", "1s")];
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &settings).await?;
    narrator.log_in(&mut alice, "alice").await?;
    narrator.hurry();
    narrator.get(&mut alice, "/dashboard", welcome()).await?;
    let mut pause = Duration::from_secs(1);
    let away = wait_until("the idle timeout", PATIENCE, async || {
        // Each request renews the timeout, so alice must stay away long enough between two.
        tokio::time::sleep(pause).await;
        pause += pause / 2;
        Ok((alice.get("/dashboard").await?.status == 303).then_some(()))
    });
    narrator.act("alice stays away", away).await?;
    narrator.get(&mut alice, "/dashboard", to_login()).await?;

    narrator.say(
        "The absolute timeout, here 1 second, counts from the start of the session, \
         however busy alice is.",
    )?;
    let settings = [("ABSOLUTE_TIMEOUT", "1s")];
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &settings).await?;
    narrator.log_in(&mut alice, "alice").await?;
    let busy = wait_until("the absolute timeout", PATIENCE, async || {
        Ok((alice.get("/dashboard").await?.status == 303).then_some(()))
    });
    narrator
        .act("alice sends one request after the other", busy)
        .await?;
    narrator.get(&mut alice, "/dashboard", to_login()).await?;
    narrator.reset(Demo::Login).await
}
