//! A login, and the session that it begins.

use anyhow::Result;
use testkit::Demo;

use super::{to_login, welcome};
use crate::{expect::Expect, narrator::Narrator};

pub(crate) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Two instances share one Redis. Until alice logs in, both send her to the login page.",
    )?;
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &[]).await?;
    narrator.dashboards(&mut alice, to_login).await?;
    narrator.log_in(&mut alice, "alice").await?;
    narrator.say(
        "The session holds a greeting. The next instance shows it, and the one after \
         that does not.",
    )?;
    let greeting = welcome().second_line("Logged in as alice");
    let first = narrator.get(&mut alice, "/dashboard", greeting).await?;
    let expect = welcome().second_line("").other_instance(&first);
    narrator
        .get(&mut alice, "/dashboard", expect)
        .await
        .map(drop)
}

pub(crate) async fn fixation(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator
        .say("An attacker has made alice use a session ID that the attacker knows. She logs in.")?;
    let (_servers, mut alice) = narrator.balanced(Demo::Login, &[]).await?;
    let before = narrator
        .get(&mut alice, "/api/counter", Expect::default())
        .await?;
    let mut attacker = alice.copied()?;
    let json = r#"{"userId":"alice"}"#;
    let expect = Expect::text(json).new_session(&before);
    narrator.post(&mut alice, "/login", json, expect).await?;
    narrator.say("Alice, on both instances:")?;
    narrator.dashboards(&mut alice, welcome).await?;
    narrator.say("The attacker with the old ID, on both instances:")?;
    narrator.dashboards(&mut attacker, to_login).await
}
