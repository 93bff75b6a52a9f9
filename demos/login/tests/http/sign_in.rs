//! Signing in.

use anyhow::{Context, Result};
use testkit::{TestEnv, Visitor};

use crate::common::{deployment, sign_in, signed_in, welcome_everywhere};

#[actix_web::test]
async fn who_signs_in_on_one_instance_is_welcome_on_both() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = Visitor::new();
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint).await?,
        None
    );

    let seen = alice
        .post_json(&deployment.endpoint, "/login", r#"{"userId":"alice"}"#)
        .await?;
    assert_eq!(
        (seen.status, seen.body.as_str()),
        (200, r#"{"userId":"alice"}"#)
    );
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    assert!(
        deployment
            .instances
            .iter()
            .any(|instance| instance.log().contains("Login Called with user id: alice "))
    );
    Ok(())
}

#[actix_web::test]
async fn the_form_leads_to_the_dashboard_and_says_that_there_is_no_password() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = Visitor::new();
    let form = alice.get(&deployment.endpoint, "/login").await?;
    assert!(
        form.status == 200 && form.body.contains("There is no password."),
        "{form:?}"
    );
    assert!(
        form.header("set-cookie").is_none(),
        "looking at a form begins no session"
    );

    let seen = alice
        .post(&deployment.endpoint, "/login", "userId=alice")
        .await?;
    assert_eq!(
        (seen.status, seen.header("location")),
        (303, Some("/dashboard"))
    );
    assert_eq!(
        alice.get(&deployment.endpoint, "/dashboard").await?.body,
        "Welcome alice!\nSigned in as alice\n"
    );
    Ok(())
}

#[actix_web::test]
async fn a_sign_in_gets_a_new_id_and_the_old_one_is_dead_on_every_instance() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[]).await?;
    let mut alice = Visitor::new();
    alice.get(&deployment.endpoint, "/api/counter").await?;
    // Whoever has fixed or seen the id before the sign-in must gain nothing by it.
    for user in ["alice", "alice"] {
        let before = alice.session_id().context("no session")?.to_owned();
        let mut attacker = alice.copied()?;
        sign_in(&mut alice, &deployment.endpoint, user).await?;
        let after = alice.session_id().context("no session")?.to_owned();
        assert_ne!(before, after);
        assert_eq!(
            welcome_everywhere(&mut alice, &deployment.endpoint)
                .await?
                .as_deref(),
            Some("alice")
        );
        assert_eq!(
            welcome_everywhere(&mut attacker, &deployment.endpoint).await?,
            None
        );
        assert_ne!(
            attacker
                .get(&deployment.endpoint, "/api/counter")
                .await?
                .session
                .as_deref(),
            Some(&before[..8])
        );
        let held = deployment
            .redis()?
            .cli(&["EXISTS", &format!("session:{after}")])?;
        assert_eq!(held.trim(), "1");
    }
    Ok(())
}

#[actix_web::test]
async fn an_id_is_made_anew_for_each_session_and_none_is_taken_from_a_visitor() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..10 {
        let alice = signed_in(&deployment.endpoint, "alice").await?;
        ids.insert(alice.session_id().context("no session")?.to_owned());
    }
    assert_eq!(ids.len(), 10);

    let mut forger = Visitor::new();
    let alice = signed_in(&deployment.endpoint, "alice").await?;
    let id = alice.session_id().context("no session")?.to_owned();
    let unsigned = [
        id.clone(),
        format!("{}{id}", "A".repeat(43) + "="),
        "alice".to_owned(),
    ];
    for value in unsigned {
        forger.forge("sessionID", &value);
        assert_eq!(
            welcome_everywhere(&mut forger, &deployment.endpoint).await?,
            None,
            "{value}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn what_was_in_the_session_before_the_sign_in_stays_but_not_for_somebody_else() -> Result<()>
{
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut browser = Visitor::new();
    for (user, count) in [
        (None, 1),
        (None, 2),
        (Some("alice"), 3),
        (Some("alice"), 4),
        (Some("bob"), 1),
    ] {
        if let Some(user) = user {
            sign_in(&mut browser, &deployment.endpoint, user).await?;
        }
        let seen = browser.get(&deployment.endpoint, "/api/counter").await?;
        assert_eq!(
            seen.body,
            format!(r#"{{"count":{count},"storage":"redis"}}"#),
            "{user:?}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn the_greeting_after_a_sign_in_is_shown_once_on_whichever_instance_comes_next() -> Result<()>
{
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    for place in 0..2 {
        let mut alice = signed_in(&deployment.instances[place].endpoint(), "alice").await?;
        let next = deployment.instances[1 - place].endpoint();
        assert_eq!(
            alice.get(&next, "/dashboard").await?.body,
            "Welcome alice!\nSigned in as alice\n"
        );
        for instance in &deployment.instances {
            assert_eq!(
                alice.get(&instance.endpoint(), "/dashboard").await?.body,
                "Welcome alice!\n"
            );
        }
    }
    Ok(())
}
