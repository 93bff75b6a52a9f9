//! The Redis commands that each request costs. Those in a script need no round trip of their own. The tests of
//! session-stores count them.

use std::time::Duration;

use anyhow::Result;
use testkit::{Demo, TestEnv, Topology, wait_until};

use crate::common::App;

/// Starts one instance with one worker. The load balancer's health checks would cost commands too.
async fn app(settings: &[(&str, &str)]) -> Result<App> {
    let settings = [&[("WORKERS", "1")], settings].concat();
    App::start_in(TestEnv::new()?, Topology::one(Demo::Login), &settings).await
}

/// Returns the commands that the instance has sent since the last call, in the order of the alphabet.
fn sent(app: &mut App) -> Result<String> {
    let redis = app.redis()?;
    let mut stats = redis.command_stats()?;
    redis.reset_command_stats()?;
    // Those of this function, and of the connection for messages, which checks itself.
    stats.retain(|name, _| !["info", "config|resetstat", "ping"].contains(&&**name));
    if stats.contains_key("evalsha") {
        stats.retain(|name, _| ["eval", "evalsha", "getex", "publish"].contains(&&**name));
    }
    let sent = stats
        .into_iter()
        .flat_map(|(name, stats)| (0..stats.calls).map(move |_| name.clone()));
    Ok(sent.collect::<Vec<_>>().join(" "))
}

#[actix_web::test]
async fn a_read_costs_one_command_a_change_and_a_logout_two() -> Result<()> {
    let app = &mut app(&[]).await?;
    let mut visitor = app.client();
    // At first Redis does not know the scripts.
    visitor.log_in("bob").await?;
    visitor.log_in("bob").await?;
    visitor.get("/api/counter").await?;
    visitor.post("/logout", "").await?;
    sent(app)?;

    for (path, commands) in [
        ("/dashboard", ""),
        ("/api/counter", "set"),
        ("/dashboard", "getex"),
        ("/api/counter", "evalsha getex"),
        ("/login", "evalsha getex"),
        // It removes the flash message.
        ("/dashboard", "evalsha getex"),
        ("/dashboard", "getex"),
        // The message that ends the streams of the session is not a command of the store.
        ("/logout", "evalsha getex publish"),
    ] {
        match path {
            "/login" => visitor.log_in("alice").await?,
            "/logout" => visitor.post(path, "").await?,
            _ => visitor.get(path).await?,
        };
        assert_eq!(sent(app)?, commands, "{path}");
    }
    Ok(())
}

#[actix_web::test]
async fn a_refused_message_or_login_costs_one_command() -> Result<()> {
    let settings = [("MESSAGES_PER_SESSION", "1"), ("LOGINS_PER_ADDRESS", "1")];
    let app = &mut app(&settings).await?;
    let mut alice = app.logged_in("alice").await?;
    for (path, json) in [
        ("/message", r#"{"message":"again"}"#),
        ("/login", r#"{"userId":"bob"}"#),
    ] {
        // A slow machine may take so long that more requests are allowed.
        wait_until("a refusal", Duration::from_secs(15), async || {
            sent(app)?;
            Ok((alice.post_json(path, json).await?.status == 429).then_some(()))
        })
        .await?;
        assert_eq!(sent(app)?, "getex", "{path}");
    }
    Ok(())
}

/// It shortens the time for which the old ID works.
#[actix_web::test]
async fn the_first_request_after_a_rotation_costs_two_commands() -> Result<()> {
    let app = &mut app(&[("ROTATE_AFTER", "2s")]).await?;
    // For the first user, Redis does not know the scripts.
    let [bob, alice] = [app.logged_in("bob").await?, app.logged_in("alice").await?];
    let [mut bob, mut alice] = [bob.rotated().await?, alice.rotated().await?];
    bob.get("/dashboard").await?;
    sent(app)?;
    for commands in ["evalsha getex", "getex"] {
        alice.get("/dashboard").await?;
        assert_eq!(sent(app)?, commands);
    }
    Ok(())
}
