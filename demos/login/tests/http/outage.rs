//! Redis gone and frozen: nobody is let in, nobody is let out, nobody learns why.

use std::time::Duration;

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Response, TestEnv, Visitor, wait_until};

use crate::common::{ask, deployment, signed_in, welcome_everywhere};

fn assert_refused(seen: &Response) {
    let told = r#"{"error":"the session store is not available; try again in a moment"}"#;
    assert_eq!(
        (seen.status, seen.body.as_str()),
        (503, told),
        "and neither address nor cause"
    );
    assert!(
        seen.header("retry-after").is_some() && seen.header("cache-control") == Some("no-store"),
        "{seen:?}"
    );
    assert!(
        seen.header("set-cookie").is_none() && seen.header("clear-site-data").is_none(),
        "nothing is claimed: {seen:?}"
    );
}

#[actix_web::test]
async fn without_the_store_nobody_is_let_in_or_told_that_they_are_out() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[("WORKERS", "1")]).await?;
    let endpoint = deployment.endpoint.clone();
    let mut alice = signed_in(&endpoint, "alice").await?;
    for frozen in [false, true] {
        if frozen {
            deployment.redis()?.freeze()?;
        } else {
            deployment.redis()?.stop().await?;
        }
        assert_refused(&alice.get(&endpoint, "/dashboard").await?);
        assert_refused(&alice.get(&endpoint, "/api/counter").await?);
        assert_refused(&alice.post(&endpoint, "/logout", "").await?);
        assert_refused(
            &alice
                .post_json(&endpoint, "/login", r#"{"userId":"bob"}"#)
                .await?,
        );
        assert_refused(
            &Visitor::new()
                .post_json(&endpoint, "/login", r#"{"userId":"bob"}"#)
                .await?,
        );
        assert_eq!(
            Visitor::new().get(&endpoint, "/dashboard").await?.status,
            303,
            "who has no session gets nowhere"
        );
        assert_eq!(
            ask(&mut alice, Method::GET, &endpoint, "/healthz", &[])
                .await?
                .status,
            200
        );
        if frozen {
            deployment.redis()?.thaw()?;
        } else {
            deployment.redis()?.resume().await?;
        }
        // After a timeout, requests fail without asking for a moment, on each instance.
        for instance in &deployment.instances {
            wait_until(
                "the store to be back",
                Duration::from_secs(10),
                async || {
                    Ok(
                        (alice.get(&instance.endpoint(), "/dashboard").await?.status != 503)
                            .then_some(()),
                    )
                },
            )
            .await?;
        }
        assert_eq!(
            welcome_everywhere(&mut alice, &endpoint).await?.as_deref(),
            Some("alice"),
            "the sign-out was not done, nor bob's sign-in"
        );
    }
    Ok(())
}
