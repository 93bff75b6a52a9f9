//! Redis gone and frozen: nobody is let in, nobody is let out, nobody learns why.

use std::time::Duration;

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Observation, Stage, Visitor, until};

use crate::common::{ask, signed_in, welcome_everywhere, world};

fn assert_refused(seen: &Observation) {
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
    let stage = Stage::new()?;
    let mut world = world(&stage, &[("WORKERS", "1")]).await?;
    let front = world.front.clone();
    let mut alice = signed_in(&front, "alice").await?;
    for frozen in [false, true] {
        if frozen {
            world.redis()?.freeze()?;
        } else {
            world.redis()?.stop().await?;
        }
        assert_refused(&alice.get(&front, "/dashboard").await?);
        assert_refused(&alice.get(&front, "/api/counter").await?);
        assert_refused(&alice.post(&front, "/logout", "").await?);
        assert_refused(
            &alice
                .post_json(&front, "/login", r#"{"userId":"bob"}"#)
                .await?,
        );
        assert_refused(
            &Visitor::new()
                .post_json(&front, "/login", r#"{"userId":"bob"}"#)
                .await?,
        );
        assert_eq!(
            Visitor::new().get(&front, "/dashboard").await?.status,
            303,
            "who has no session gets nowhere"
        );
        assert_eq!(
            ask(&mut alice, Method::GET, &front, "/healthz", &[])
                .await?
                .status,
            200
        );
        if frozen {
            world.redis()?.thaw()?;
        } else {
            world.redis()?.resume().await?;
        }
        // After a timeout, requests fail without asking for a moment, on each instance.
        for instance in &world.instances {
            until(
                "the store to be back",
                Duration::from_secs(10),
                async || {
                    Ok(
                        (alice.get(&instance.front(), "/dashboard").await?.status != 503)
                            .then_some(()),
                    )
                },
            )
            .await?;
        }
        assert_eq!(
            welcome_everywhere(&mut alice, &front).await?.as_deref(),
            Some("alice"),
            "the sign-out was not done, nor bob's sign-in"
        );
    }
    Ok(())
}
