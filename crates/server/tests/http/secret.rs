//! The secret that signs the cookies.

use anyhow::Result;
use testkit::{Demo, TestEnv, Visitor};

use crate::common::{memory, run};

#[actix_web::test]
async fn a_short_secret_is_refused_with_the_way_to_make_one_and_not_shown() -> Result<()> {
    let env = TestEnv::new()?;
    let short = "only-31-bytes-of-a-secret-here.";
    assert_eq!(short.len(), 31);
    for (arguments, environment) in [
        (&["--session-key", short][..], &[][..]),
        (&[], &[("SESSION_KEY", short)]),
    ] {
        let refused = run(&env, Demo::Memory, arguments, environment).await?;
        assert_eq!(refused.code, Some(1));
        assert!(
            refused
                .output
                .contains("SESSION_KEY has 31 bytes and needs at least 32"),
            "{}",
            refused.output
        );
        assert!(
            refused.output.contains("openssl rand -base64 48"),
            "{}",
            refused.output
        );
        assert!(!refused.output.contains(short), "{}", refused.output);
    }
    Ok(())
}

#[actix_web::test]
async fn a_secret_of_32_bytes_is_taken_without_a_warning() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[("SESSION_KEY", "exactly-32-bytes-of-a-secret-it.")]).await?;
    assert_eq!(
        Visitor::new().get(&server.endpoint(), "/").await?.status,
        200
    );
    assert!(!server.log().contains("demo key"), "{}", server.log());
    Ok(())
}

#[actix_web::test]
async fn without_a_secret_a_server_warns_once_and_serves_this_machine() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[("SESSION_KEY", "")]).await?;
    assert_eq!(
        Visitor::new().get(&server.endpoint(), "/").await?.status,
        200
    );
    let log = server.log();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert!(
        warnings.len() == 1 && warnings[0].contains("SESSION_KEY is not set"),
        "{log}"
    );
    Ok(())
}

#[actix_web::test]
async fn without_a_secret_no_other_machine_is_served() -> Result<()> {
    let env = TestEnv::new()?;
    for host in ["0.0.0.0", "::"] {
        for environment in [&[][..], &[("SESSION_KEY", "")]] {
            let refused = run(
                &env,
                Demo::Memory,
                &["--host", host, "--port", "0"],
                environment,
            )
            .await?;
            assert_eq!(refused.code, Some(1), "{}", refused.output);
            let expected =
                format!("without SESSION_KEY only a loopback host can be served, not {host}");
            assert!(
                refused.output.contains(&expected)
                    && refused.output.contains("openssl rand -base64 48"),
                "{}",
                refused.output
            );
        }
    }
    Ok(())
}
