//! The session cookie.

use anyhow::{Context, Result};
use testkit::{Response, TestEnv, Visitor};

use crate::common::{deployment, signed_in};

/// The attributes of the only cookie in an answer, in order.
fn attributes(seen: &Response) -> Result<Vec<&str>> {
    assert_eq!(seen.headers.get_all("set-cookie").count(), 1, "{seen:?}");
    let mut parts: Vec<_> = seen
        .header("set-cookie")
        .context("no cookie")?
        .split("; ")
        .skip(1)
        .collect();
    parts.sort_unstable();
    Ok(parts)
}

#[actix_web::test]
async fn the_cookie_is_out_of_scripts_reach_stays_with_this_site_and_lasts_45_minutes() -> Result<()>
{
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let seen = Visitor::new()
        .post_json(&deployment.endpoint, "/login", r#"{"userId":"alice"}"#)
        .await?;
    assert_eq!(
        attributes(&seen)?,
        ["HttpOnly", "Max-Age=2700", "Path=/", "SameSite=Lax"]
    );
    Ok(())
}

#[actix_web::test]
async fn the_cookie_is_sent_anew_while_it_is_used() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    alice.get(&deployment.endpoint, "/dashboard").await?;
    for _ in 0..2 {
        let seen = alice.get(&deployment.endpoint, "/dashboard").await?;
        assert!(
            attributes(&seen)?.contains(&"Max-Age=2700"),
            "nothing has changed but the time: {seen:?}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn over_https_the_cookie_is_secure_and_of_this_host_alone_from_sign_in_to_sign_out()
-> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[("SECURE_COOKIE", "true")]).await?;
    let mut alice = Visitor::new();
    let seen = alice
        .post_json(&deployment.endpoint, "/login", r#"{"userId":"alice"}"#)
        .await?;
    assert!(
        seen.header("set-cookie")
            .is_some_and(|cookie| cookie.starts_with("__Host-sessionID=")),
        "{seen:?}"
    );
    assert_eq!(
        attributes(&seen)?,
        [
            "HttpOnly",
            "Max-Age=2700",
            "Path=/",
            "SameSite=Lax",
            "Secure"
        ]
    );
    assert_eq!(
        alice.get(&deployment.endpoint, "/dashboard").await?.status,
        200
    );

    let mut dead = alice.copied()?;
    for visitor in [&mut alice, &mut dead] {
        let seen = visitor.post(&deployment.endpoint, "/logout", "").await?;
        assert!(
            seen.header("set-cookie")
                .is_some_and(|cookie| cookie.starts_with("__Host-sessionID=;")),
            "{seen:?}"
        );
        assert!(
            attributes(&seen)?.contains(&"Secure"),
            "without it a browser would ignore the removal"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn the_id_reaches_the_browser_in_the_cookie_alone() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = Visitor::new();
    let mut answers = vec![
        alice
            .post_json(&deployment.endpoint, "/login", r#"{"userId":"alice"}"#)
            .await?,
    ];
    let id = alice.session_id().context("no session")?.to_owned();
    for path in crate::browser::PAGES {
        for accept in ["text/html", "application/json", "*/*"] {
            answers.push(
                crate::common::ask(
                    &mut alice,
                    actix_web::http::Method::GET,
                    &deployment.endpoint,
                    path,
                    &[("Accept", accept)],
                )
                .await?,
            );
        }
    }
    for seen in answers {
        let elsewhere = seen
            .headers
            .iter()
            .filter(|(name, _)| name.as_str() != "set-cookie");
        let told = elsewhere
            .map(|(_, value)| value.to_str().unwrap_or_default())
            .chain([seen.body.as_str()])
            .collect::<String>();
        assert!(!told.contains(&id[..8]), "{told}");
    }
    Ok(())
}
