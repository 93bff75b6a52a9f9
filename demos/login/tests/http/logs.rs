//! What the log tells, and what it never tells.

use anyhow::{Context, Result};
use testkit::{TestEnv, Visitor};

use crate::common::{deployment, sign_in, signed_in};

#[actix_web::test]
async fn the_log_has_no_more_of_an_id_than_its_beginning_at_any_level() -> Result<()> {
    let env = TestEnv::new()?;
    let mut deployment = deployment(&env, &[("RUST_LOG", "trace")]).await?;
    let mut alice = Visitor::new();
    alice.get(&deployment.endpoint, "/api/counter").await?;
    let mut secrets = vec![alice.cookie().context("no cookie")?.value().to_owned()];
    let mut attacker = alice.copied()?;
    sign_in(&mut alice, &deployment.endpoint, "alice").await?;
    secrets.push(alice.cookie().context("no cookie")?.value().to_owned());
    attacker.get(&deployment.endpoint, "/dashboard").await?;
    alice.get(&deployment.endpoint, "/dashboard").await?;
    let mut copy = alice.copied()?;
    deployment.redis()?.stop().await?;
    assert_eq!(
        alice.get(&deployment.endpoint, "/dashboard").await?.status,
        503
    );
    deployment.redis()?.resume().await?;
    alice.post(&deployment.endpoint, "/logout", "").await?;
    copy.post(&deployment.endpoint, "/logout", "").await?;

    let log: String = deployment
        .instances
        .iter()
        .map(testkit::Instance::log)
        .collect();
    for secret in secrets {
        let (signature, id) = secret.split_at(44);
        assert!(log.contains(&id[..8]), "the beginning is there");
        for (what, part) in [
            ("most of the id", &id[..13]),
            ("the cookie", &signature[..20]),
        ] {
            let leaks: Vec<_> = log.lines().filter(|line| line.contains(part)).collect();
            assert!(leaks.is_empty(), "{what}: {leaks:#?}");
        }
    }
    Ok(())
}

#[actix_web::test]
async fn who_signs_in_and_out_is_logged_in_one_line_whatever_the_name() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let name = r#"a"b\c'd"#;
    let mut visitor = signed_in(&deployment.endpoint, name).await?;
    visitor.post(&deployment.endpoint, "/logout", "").await?;
    let log: String = deployment
        .instances
        .iter()
        .map(testkit::Instance::log)
        .collect();
    assert!(
        log.contains(r#"Login Called with user id: a\"b\\c\'d sessionID="#),
        "{log}"
    );
    assert!(
        log.contains(r#"Logout Called by user id: a\"b\\c\'d sessionID="#),
        "{log}"
    );
    Ok(())
}
