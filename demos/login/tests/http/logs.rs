//! The log.

use anyhow::{Context, Result};

use crate::common::App;

#[actix_web::test]
async fn the_log_masks_session_ids_and_escapes_users() -> Result<()> {
    let mut app = App::start(&[("RUST_LOG", "trace")]).await?;
    let mut alice = app.client();
    alice.get("/api/counter").await?;
    let mut secrets = vec![alice.cookie().context("no cookie")?.value().to_owned()];
    let mut attacker = alice.copied()?;
    alice.log_in(r#"a"b\c'd"#).await?;
    secrets.push(alice.cookie().context("no cookie")?.value().to_owned());
    attacker.get("/dashboard").await?;
    alice.get("/dashboard").await?;
    let mut copy = alice.copied()?;
    app.redis()?.stop().await?;
    assert_eq!(alice.get("/dashboard").await?.status, 503);
    app.redis()?.resume().await?;
    alice.post("/logout", "").await?;
    copy.post("/logout", "").await?;

    let log = app.log();
    for secret in secrets {
        let (signature, id) = secret.split_at(44);
        let session = format!("sessionID={}", &id[..8]);
        let mut lines = log.lines().filter(|line| line.contains("::access_log] "));
        assert!(lines.any(|line| line.ends_with(&session)), "{session}");
        for part in [&id[..13], &signature[..20]] {
            let leaks: Vec<_> = log.lines().filter(|line| line.contains(part)).collect();
            assert!(leaks.is_empty(), "{leaks:#?}");
        }
    }
    for line in [
        r#"Login Called with user id: a\"b\\c\'d sessionID="#,
        r#"Logout Called by user id: a\"b\\c\'d sessionID="#,
    ] {
        assert!(log.contains(line), "{line}");
    }
    Ok(())
}
