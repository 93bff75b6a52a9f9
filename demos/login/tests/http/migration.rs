//! Visitors of demo-cookie, whose session is in their cookie, come to the sign-in.

use anyhow::{Context, Result};
use serde_json::Value;
use testkit::{Instance, TestEnv, Visitor, binary};
use uuid::Uuid;

use crate::common::{deployment, sign_in, welcome_everywhere};

/// A visitor who has set `blue` at demo-cookie.
async fn visitor_of_demo_cookie(env: &TestEnv) -> Result<Visitor> {
    let mut server = Instance::of(env, binary("demo-cookie")?, "cookie-1", &[])?;
    server.start().await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    Ok(visitor)
}

#[actix_web::test]
async fn the_first_request_carries_the_session_over_also_if_it_only_reads() -> Result<()> {
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    let mut replayed = visitor.copied()?;
    let mut deployment = deployment(
        &env,
        &[("MIGRATE_COOKIES", "true"), ("ROTATION_GRACE", "0")],
    )
    .await?;
    let endpoint = deployment.endpoint.clone();

    assert_eq!(visitor.get(&endpoint, "/login").await?.status, 200);
    let id = visitor.session_id().context("no session")?.to_owned();
    assert!(
        Uuid::parse_str(&id).is_ok(),
        "the visitor is told the new id: {id}"
    );
    let at_rest: Value = serde_json::from_str(
        &deployment
            .redis()?
            .cli(&["GET", &format!("session:{id}")])?,
    )?;
    assert_eq!(at_rest["Data"]["value"], "blue");
    visitor.get(&endpoint, "/login").await?;
    assert_eq!(visitor.session_id(), Some(&*id), "and goes on under it");

    let brought = replayed.session_id().map(str::to_owned);
    replayed.get(&endpoint, "/login").await?;
    assert!(
        replayed
            .session_id()
            .is_none_or(|now| Some(now) == brought.as_deref()),
        "nothing is brought twice"
    );
    assert_eq!(
        deployment
            .redis()?
            .cli(&["--scan", "--pattern", "session:*"])?
            .lines()
            .count(),
        2,
        "the session, and what remembers the cookie"
    );
    Ok(())
}

#[actix_web::test]
async fn who_signs_in_with_such_a_cookie_keeps_the_data_and_not_the_cookie() -> Result<()> {
    let env = TestEnv::new()?;
    let mut visitor = visitor_of_demo_cookie(&env).await?;
    let mut thief = visitor.copied()?;
    let mut deployment = deployment(&env, &[("MIGRATE_COOKIES", "true")]).await?;
    let endpoint = deployment.endpoint.clone();
    sign_in(&mut visitor, &endpoint, "alice").await?;
    assert_eq!(
        welcome_everywhere(&mut visitor, &endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    let id = visitor.session_id().context("no session")?.to_owned();
    let at_rest: Value = serde_json::from_str(
        &deployment
            .redis()?
            .cli(&["GET", &format!("session:{id}")])?,
    )?;
    assert_eq!(
        (&at_rest["User"], &at_rest["Data"]["value"]),
        (&"alice".into(), &"blue".into())
    );
    assert_eq!(
        welcome_everywhere(&mut thief, &endpoint).await?,
        None,
        "at once, whatever the grace"
    );
    Ok(())
}
