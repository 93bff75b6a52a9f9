//! Signing out, and other ends of a session.

use anyhow::{Context, Result};
use testkit::{TestEnv, Visitor};

use crate::common::{deployment, signed_in, welcome_everywhere};

#[actix_web::test]
async fn a_sign_out_on_one_instance_is_one_on_both_and_a_copied_cookie_is_worth_nothing()
-> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut thief = alice.copied()?;
    let id = alice.session_id().context("no session")?.to_owned();
    assert_eq!(
        welcome_everywhere(&mut thief, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );

    let seen = alice.post(&deployment.endpoint, "/logout", "").await?;
    assert_eq!(
        (seen.status, seen.header("location")),
        (303, Some("/login"))
    );
    assert!(alice.cookie().is_none(), "the cookie is removed");
    for visitor in [&mut alice, &mut thief] {
        assert_eq!(
            welcome_everywhere(visitor, &deployment.endpoint).await?,
            None
        );
    }
    assert_eq!(
        deployment
            .redis()?
            .cli(&["EXISTS", &format!("session:{id}")])?
            .trim(),
        "0",
        "nothing of it is at rest"
    );
    Ok(())
}

#[actix_web::test]
async fn a_sign_out_tells_the_browser_to_forget_also_where_the_session_was_dead_already()
-> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut other_tab = alice.copied()?;
    for visitor in [&mut alice, &mut other_tab, &mut Visitor::new()] {
        let seen = visitor.post(&deployment.endpoint, "/logout", "").await?;
        assert_eq!(seen.status, 303);
        assert_eq!(
            seen.header("clear-site-data"),
            Some("\"cache\", \"storage\"")
        );
        let cookies: Vec<_> = seen
            .headers
            .get_all("set-cookie")
            .filter_map(|value| value.to_str().ok())
            .collect();
        assert!(
            matches!(cookies[..], [cookie] if cookie.starts_with("sessionID=;") && cookie.contains("Max-Age=0")),
            "{cookies:?}"
        );
        assert!(visitor.cookie().is_none());
    }
    Ok(())
}

#[actix_web::test]
async fn one_session_of_a_user_ends_without_the_others() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let (mut laptop, mut phone) = (
        signed_in(&deployment.endpoint, "alice").await?,
        signed_in(&deployment.endpoint, "alice").await?,
    );
    laptop.post(&deployment.endpoint, "/logout", "").await?;
    assert_eq!(
        welcome_everywhere(&mut laptop, &deployment.endpoint).await?,
        None
    );
    assert_eq!(
        welcome_everywhere(&mut phone, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}
