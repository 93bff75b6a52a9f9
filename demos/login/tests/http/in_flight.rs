//! Requests that began before the session's end, and finish after it: they don't bring it back.

use std::time::Duration;

use actix_web::rt;
use anyhow::{Context, Result, ensure};
use testkit::{Deployment, Endpoint, Instance, Response, TestEnv, Visitor, wait_until};

use crate::common::{deployment, sign_in, signed_in, welcome_everywhere};

/// A request that takes its time on the first instance, which has loaded its session by now, and that does `then` to it
/// in the end.
async fn slow(
    deployment: &Deployment,
    visitor: &Visitor,
    then: &str,
) -> Result<rt::task::JoinHandle<Result<(Response, Visitor)>>> {
    let instance = &deployment.instances[0];
    let (endpoint, path) = (instance.endpoint(), format!("/slow?for=1500ms&then={then}"));
    let mut tab = visitor.copied()?;
    let before = begun(instance);
    let request = rt::spawn(async move { Ok((tab.post(&endpoint, &path, "").await?, tab)) });
    wait_until(
        "the slow request to have begun",
        Duration::from_secs(5),
        async || Ok((begun(instance) > before).then_some(())),
    )
    .await?;
    Ok(request)
}

fn begun(instance: &Instance) -> usize {
    instance.log().matches("slow: begun").count()
}

/// What the slow request came to; it must have been in flight all the time.
async fn outcome(
    request: rt::task::JoinHandle<Result<(Response, Visitor)>>,
) -> Result<(Response, Visitor)> {
    ensure!(
        !request.is_finished(),
        "it was over before what should have happened meanwhile"
    );
    request.await.context("panicked")?
}

fn keys(deployment: &mut Deployment) -> Result<usize> {
    Ok(deployment
        .redis()?
        .cli(&["--scan", "--pattern", "session:*"])?
        .lines()
        .count())
}

#[actix_web::test]
async fn a_sign_out_on_another_instance_beats_a_request_in_flight_a_renewal_and_a_rotation()
-> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[("LAB", "true")]).await?;
    let endpoint: Endpoint = deployment.endpoint.clone();
    for then in ["count", "renew", "rotate"] {
        let mut alice = signed_in(&endpoint, "alice").await?;
        let mut copy = alice.copied()?;
        let request = slow(&deployment, &alice, then).await?;
        let elsewhere = deployment.instances[1].endpoint();
        assert_eq!(alice.post(&elsewhere, "/logout", "").await?.status, 303);
        let (seen, mut tab) = outcome(request).await?;
        assert_eq!(seen.status, 200, "{then}");
        for visitor in [&mut alice, &mut tab, &mut copy] {
            assert_eq!(
                welcome_everywhere(visitor, &endpoint).await?,
                None,
                "{then}"
            );
        }
    }
    let left = deployment
        .redis()?
        .cli(&["--scan", "--pattern", "session:*"])?;
    for key in left.lines() {
        assert_eq!(
            deployment.redis()?.cli(&["TYPE", key])?.trim(),
            "hash",
            "only words that an id is dead: {key}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_sign_out_with_the_old_id_ends_a_session_that_was_renewed_while_it_was_in_flight()
-> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[("LAB", "true")]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let mut other_tab = alice.copied()?;
    // Its answer, with the new id, has arrived; the other tab still has the old one.
    let renewed = alice
        .post(&deployment.endpoint, "/slow?for=1ms&then=rotate", "")
        .await?;
    assert_eq!(renewed.status, 200);
    other_tab.post(&deployment.endpoint, "/logout", "").await?;
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint).await?,
        None
    );
    Ok(())
}

#[actix_web::test]
async fn two_sign_ins_at_once_end_in_a_session_each_and_none_under_the_old_id() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[("LAB", "true")]).await?;
    let endpoint = deployment.endpoint.clone();
    let mut first = signed_in(&endpoint, "alice").await?;
    let mut old = first.copied()?;
    let request = slow(&deployment, &first, "sign-in").await?;
    sign_in(&mut first, &deployment.instances[1].endpoint(), "alice").await?;
    let (_, mut second) = outcome(request).await?;
    assert_ne!(first.session_id(), second.session_id());
    for visitor in [&mut first, &mut second] {
        assert_eq!(
            welcome_everywhere(visitor, &endpoint).await?.as_deref(),
            Some("alice")
        );
    }
    assert_eq!(welcome_everywhere(&mut old, &endpoint).await?, None);
    assert_eq!(
        keys(&mut deployment)?,
        3,
        "two sessions, and a word that the old id is dead"
    );
    Ok(())
}

#[actix_web::test]
async fn without_the_lab_there_is_no_slow_request_and_with_it_no_endless_one() -> Result<()> {
    let env = TestEnv::new()?;
    let quiet = deployment(&env, &[]).await?;
    assert_eq!(
        Visitor::new()
            .post(&quiet.endpoint, "/slow", "")
            .await?
            .status,
        404
    );
    let lab = deployment(&env, &[("LAB", "true"), ("INSTANCE", "lab")]).await?;
    for (query, field) in [
        ("for=1h", "for"),
        ("for=%3Cb%3E", "for"),
        ("then=%3Cb%3E", "query"),
    ] {
        let seen = Visitor::new()
            .post(&lab.endpoint, &format!("/slow?{query}"), "")
            .await?;
        let told: serde_json::Value = serde_json::from_str(&seen.body)?;
        assert_eq!(
            (seen.status, told["field"].as_str()),
            (400, Some(field)),
            "{query}"
        );
        assert!(!seen.body.contains("<b>"), "{query}");
    }
    Ok(())
}
