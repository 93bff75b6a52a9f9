//! My sessions, and the end of some of them.

use actix_web::http::Method;
use anyhow::{Context, Result};
use serde_json::Value;
use testkit::{Endpoint, TestEnv, Visitor};

use crate::common::{ask, deployment, signed_in, welcome_everywhere};

async fn mine(visitor: &mut Visitor, endpoint: &Endpoint) -> Result<Vec<Value>> {
    let seen = visitor.get(endpoint, "/sessions").await?;
    assert_eq!(seen.status, 200, "{seen:?}");
    let told: Value = serde_json::from_str(&seen.body)?;
    Ok(told["sessions"].as_array().context("no list")?.clone())
}

/// The handle of the only session in `list` that is, or isn't, the one that asks.
fn handle(list: &[Value], current: bool) -> Result<String> {
    let mut handles = list
        .iter()
        .filter(|session| session["current"] == current)
        .filter_map(|session| session["handle"].as_str());
    let handle = handles.next().context("no such session")?.to_owned();
    assert_eq!(handles.next(), None);
    Ok(handle)
}

#[actix_web::test]
async fn a_user_sees_their_own_living_sessions_and_no_id_of_them() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut laptop = signed_in(&deployment.instances[0].endpoint(), "alice").await?;
    let phone = signed_in(&deployment.instances[1].endpoint(), "alice").await?;
    let mut gone = signed_in(&deployment.endpoint, "alice").await?;
    gone.post(&deployment.endpoint, "/logout", "").await?;
    signed_in(&deployment.endpoint, "bob").await?;

    let seen = laptop.get(&deployment.endpoint, "/sessions").await?;
    for visitor in [&laptop, &phone] {
        assert!(
            !seen
                .body
                .contains(&visitor.session_id().context("no session")?[..8])
        );
    }
    let list = mine(&mut laptop, &deployment.endpoint).await?;
    assert_eq!(list.len(), 2, "{list:?}");
    for (current, instance) in [(true, "webserver-1"), (false, "webserver-2")] {
        let session = list
            .iter()
            .find(|session| session["current"] == current)
            .context("not listed")?;
        assert_eq!(session["instance"], instance);
        let left = |name: &str| session[name].as_u64().context("no time left");
        assert!(
            (1790..=1800).contains(&left("idleSecondsLeft")?),
            "{session}"
        );
        assert!(
            (43_190..=43_200).contains(&left("absoluteSecondsLeft")?),
            "{session}"
        );
        for time in ["createdAt", "updatedAt"] {
            assert!(
                session[time]
                    .as_str()
                    .is_some_and(|time| time.ends_with('Z')),
                "{session}"
            );
        }
        assert_eq!(session["handle"].as_str().map(str::len), Some(16));
    }
    Ok(())
}

#[actix_web::test]
async fn a_user_ends_one_session_and_it_is_out_at_its_next_request_on_any_instance() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut laptop = signed_in(&deployment.endpoint, "alice").await?;
    let mut phone = signed_in(&deployment.endpoint, "alice").await?;
    let mut other_tab = phone.copied()?;
    let other = handle(&mine(&mut laptop, &deployment.endpoint).await?, false)?;
    let seen = ask(
        &mut laptop,
        Method::DELETE,
        &deployment.endpoint,
        &format!("/sessions/{other}"),
        &[],
    )
    .await?;
    assert_eq!(seen.status, 204);
    for visitor in [&mut phone, &mut other_tab] {
        assert_eq!(
            welcome_everywhere(visitor, &deployment.endpoint).await?,
            None
        );
    }
    assert_eq!(
        welcome_everywhere(&mut laptop, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    assert_eq!(mine(&mut laptop, &deployment.endpoint).await?.len(), 1);
    let again = ask(
        &mut laptop,
        Method::DELETE,
        &deployment.endpoint,
        &format!("/sessions/{other}"),
        &[],
    )
    .await?;
    assert_eq!(
        (again.status, again.body.as_str()),
        (
            404,
            r#"{"error":"you have no such session","field":"handle"}"#
        )
    );
    Ok(())
}

#[actix_web::test]
async fn a_user_ends_all_other_sessions_and_keeps_their_own() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut laptop = signed_in(&deployment.endpoint, "alice").await?;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(signed_in(&deployment.endpoint, "alice").await?);
    }
    let mut bob = signed_in(&deployment.endpoint, "bob").await?;
    let seen = laptop
        .post(&deployment.endpoint, "/sessions/revoke-others", "")
        .await?;
    assert_eq!((seen.status, seen.body.as_str()), (200, r#"{"ended":3}"#));
    for other in &mut others {
        assert_eq!(welcome_everywhere(other, &deployment.endpoint).await?, None);
    }
    assert_eq!(
        welcome_everywhere(&mut laptop, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    assert_eq!(
        welcome_everywhere(&mut bob, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("bob")
    );
    Ok(())
}

#[actix_web::test]
async fn nobody_ends_or_sees_a_session_of_somebody_else() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let hers = handle(&mine(&mut alice, &deployment.endpoint).await?, true)?;
    let mut bob = signed_in(&deployment.endpoint, "bob").await?;
    for handle in [hers.as_str(), "0000000000000000", "*", "%2e%2e"] {
        assert_eq!(
            ask(
                &mut bob,
                Method::DELETE,
                &deployment.endpoint,
                &format!("/sessions/{handle}"),
                &[]
            )
            .await?
            .status,
            404,
            "{handle}"
        );
    }
    let mut signed_out = bob.copied()?;
    bob.post(&deployment.endpoint, "/logout", "").await?;
    for nobody in [&mut Visitor::new(), &mut signed_out] {
        let told = r#"{"error":"sign in first"}"#;
        for (method, path) in [
            (Method::GET, "/sessions".to_owned()),
            (Method::DELETE, format!("/sessions/{hers}")),
            (Method::POST, format!("/sessions/{hers}")),
            (Method::POST, "/sessions/revoke-others".to_owned()),
        ] {
            let seen = ask(nobody, method.clone(), &deployment.endpoint, &path, &[]).await?;
            assert_eq!(
                (seen.status, seen.body.as_str()),
                (403, told),
                "{method} {path}"
            );
        }
        let page = ask(
            nobody,
            Method::GET,
            &deployment.endpoint,
            "/sessions",
            &[("Accept", "text/html")],
        )
        .await?;
        assert_eq!(
            (page.status, page.header("location")),
            (303, Some("/login"))
        );
    }
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}

#[actix_web::test]
async fn to_end_ones_own_session_is_to_sign_out() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let own = handle(&mine(&mut alice, &deployment.endpoint).await?, true)?;
    let seen = ask(
        &mut alice,
        Method::DELETE,
        &deployment.endpoint,
        &format!("/sessions/{own}"),
        &[],
    )
    .await?;
    assert_eq!(
        (seen.status, seen.header("location")),
        (303, Some("/login"))
    );
    assert!(seen.header("clear-site-data").is_some() && alice.cookie().is_none());
    Ok(())
}

#[actix_web::test]
async fn the_page_lists_the_sessions_with_a_button_for_each_end() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut laptop = signed_in(&deployment.endpoint, "alice").await?;
    let mut phone = signed_in(&deployment.endpoint, "alice").await?;
    let other = handle(&mine(&mut laptop, &deployment.endpoint).await?, false)?;
    let page = ask(
        &mut laptop,
        Method::GET,
        &deployment.endpoint,
        "/sessions",
        &[("Accept", "text/html")],
    )
    .await?;
    assert_eq!(page.body.matches("(this one)").count(), 1, "{}", page.body);
    assert!(
        page.body.contains(&format!(
            r#"<form method="post" action="/sessions/{other}">"#
        )),
        "{}",
        page.body
    );
    let seen = laptop
        .post(&deployment.endpoint, &format!("/sessions/{other}"), "")
        .await?;
    assert_eq!(
        (seen.status, seen.header("location")),
        (303, Some("/sessions"))
    );
    assert_eq!(
        welcome_everywhere(&mut phone, &deployment.endpoint).await?,
        None
    );
    Ok(())
}

#[actix_web::test]
async fn whoever_runs_redis_ends_all_sessions_of_a_user_or_of_everybody_at_once() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[]).await?;
    let endpoint = deployment.endpoint.clone();
    let (mut laptop, mut phone) = (
        signed_in(&endpoint, "alice").await?,
        signed_in(&endpoint, "alice").await?,
    );
    let mut bob = signed_in(&endpoint, "bob").await?;
    let ids = deployment
        .redis()?
        .cli(&["ZRANGE", "session-user:alice", "0", "-1"])?;
    assert_eq!(ids.lines().count(), 2, "the index tells which are alice's");
    for id in ids.lines() {
        assert_eq!(
            deployment
                .redis()?
                .cli(&["DEL", &format!("session:{id}")])?
                .trim(),
            "1"
        );
    }
    for visitor in [&mut laptop, &mut phone] {
        assert_eq!(welcome_everywhere(visitor, &endpoint).await?, None);
    }
    assert_eq!(
        welcome_everywhere(&mut bob, &endpoint).await?.as_deref(),
        Some("bob")
    );
    deployment.redis()?.cli(&["FLUSHDB"])?;
    assert_eq!(welcome_everywhere(&mut bob, &endpoint).await?, None);
    Ok(())
}
