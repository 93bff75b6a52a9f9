//! The secret that signs the cookies.

use anyhow::Result;
use testkit::{Demo, TestEnv, Visitor};

use crate::common::{memory, run};

#[actix_web::test]
async fn a_short_or_missing_secret_is_rejected() -> Result<()> {
    let env = TestEnv::new()?;
    let short = "only-31-bytes-of-a-secret-here.";
    let too_short = "SESSION_KEY has 31 bytes and needs at least 32";
    let ipv4 = "cannot listen on 0.0.0.0 without SESSION_KEY";
    let ipv6 = "cannot listen on :: without SESSION_KEY";
    for (arguments, variables, error) in [
        (&["--session-key", short][..], &[][..], too_short),
        (&[], &[("SESSION_KEY", short)], too_short),
        (&["--host", "0.0.0.0", "--port", "0"], &[], ipv4),
        (
            &["--host", "::", "--port", "0"],
            &[("SESSION_KEY", "")],
            ipv6,
        ),
    ] {
        let ended = run(&env, Demo::Memory, arguments, variables).await?;
        ended.assert_failed(1, &[error, "openssl rand -base64 48"]);
        assert!(!ended.output.contains(short), "{}", ended.output);
    }
    Ok(())
}

#[actix_web::test]
async fn the_demo_key_is_warned_about_once() -> Result<()> {
    let env = TestEnv::new()?;
    let settings = [("SESSION_KEY", "exactly-32-bytes-of-a-secret-it.")];
    let server = memory(&env, &settings).await?;
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    assert_eq!(seen.status, 200);
    assert!(!server.log().contains("WARN"), "{}", server.log());
    drop(server);

    let server = memory(&env, &[("SESSION_KEY", "")]).await?;
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    assert_eq!(seen.status, 200);
    let log = server.log();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert!(
        warnings.len() == 1 && warnings[0].contains("SESSION_KEY is not set"),
        "{log}"
    );
    Ok(())
}
