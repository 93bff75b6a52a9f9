//! What a browser is told to keep, to run and to forget.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{TestEnv, Visitor};

use crate::common::{ask, deployment, signed_in};

/// Everything that can be read.
pub(crate) const PAGES: [&str; 5] = ["/login", "/dashboard", "/api/counter", "/chat", "/sessions"];

#[actix_web::test]
async fn no_answer_is_to_be_kept_so_back_shows_nothing_after_a_sign_out() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut answers = Vec::new();
    for path in PAGES {
        answers.push(alice.get(&deployment.endpoint, path).await?);
        answers.push(Visitor::new().get(&deployment.endpoint, path).await?);
    }
    answers.push(
        alice
            .post(&deployment.endpoint, "/login", "userId=")
            .await?,
    );
    answers.push(alice.post(&deployment.endpoint, "/logout", "").await?);
    answers.push(
        ask(
            &mut alice,
            Method::POST,
            &deployment.endpoint,
            "/logout",
            &[("Sec-Fetch-Site", "cross-site")],
        )
        .await?,
    );
    answers.push(
        ask(
            &mut alice,
            Method::PUT,
            &deployment.endpoint,
            "/dashboard",
            &[],
        )
        .await?,
    );
    for seen in answers {
        assert_eq!(seen.header("cache-control"), Some("no-store"), "{seen:?}");
        assert_eq!(
            seen.header("x-content-type-options"),
            Some("nosniff"),
            "{seen:?}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_page_shows_who_is_welcome_escaped_and_runs_nothing_from_elsewhere() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let user = "<script>alert('1')</script>";
    let mut alice = signed_in(&deployment.endpoint, user).await?;
    for path in PAGES {
        let seen = ask(
            &mut alice,
            Method::GET,
            &deployment.endpoint,
            path,
            &[("Accept", "text/html")],
        )
        .await?;
        assert_eq!(seen.status, 200);
        if seen
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
        {
            assert!(
                !seen.body.contains(user) && seen.body.contains("&lt;script&gt;"),
                "{path}: {}",
                seen.body
            );
            assert!(
                seen.header("content-security-policy")
                    .is_some_and(|policy| policy.starts_with("default-src 'none';")),
                "{path}"
            );
        }
    }
    Ok(())
}

#[actix_web::test]
async fn every_page_for_somebody_signed_in_has_the_button_that_signs_out() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    for path in ["/dashboard", "/chat", "/sessions"] {
        let seen = ask(
            &mut alice,
            Method::GET,
            &deployment.endpoint,
            path,
            &[("Accept", "text/html")],
        )
        .await?;
        assert!(
            seen.body
                .contains(r#"<form method="post" action="/logout">"#),
            "{path}: {}",
            seen.body
        );
    }
    Ok(())
}
