//! Flags and environment variables.

use std::net::TcpListener;

use anyhow::{Context, Result};
use testkit::{Demo, Endpoint, TestEnv, Visitor};

use crate::common::{memory, run};

#[actix_web::test]
async fn help_lists_every_flag_with_its_variable_and_default() -> Result<()> {
    let env = TestEnv::new()?;
    let common = [
        ("--port", "APP_PORT", "5000"),
        ("--host", "APP_HOST", "127.0.0.1"),
        (
            "--instance",
            "INSTANCE",
            "host:port; on all addresses, the machine's name",
        ),
        ("--workers", "WORKERS", "one for each core"),
        ("--session-key", "SESSION_KEY", "a published demo key"),
        ("--idle-timeout", "IDLE_TIMEOUT", "30m"),
        ("--absolute-timeout", "ABSOLUTE_TIMEOUT", "0"),
        ("--secure-cookie", "SECURE_COOKIE", ""),
        ("--cookie-domain", "COOKIE_DOMAIN", ""),
    ];
    let file = [(
        "--session-dir",
        "SESSION_DIR",
        "one for each port, in your cache folder",
    )];
    let redis = [
        ("--redis-url", "REDIS_URL", "redis://127.0.0.1:6379"),
        ("--session-prefix", "SESSION_PREFIX", "session:"),
        ("--redis-timeout", "REDIS_TIMEOUT", "500ms"),
        ("--rotation-grace", "ROTATION_GRACE", "10s"),
        ("--migrate-cookies", "MIGRATE_COOKIES", ""),
    ];
    for (demo, own) in [
        (Demo::Memory, &[][..]),
        (Demo::File, &file),
        (Demo::Redis, &redis),
    ] {
        let help = run(&env, demo, &["--help"], &[]).await?;
        assert_eq!(help.code, Some(0));
        // One paragraph for each flag, however its lines were broken.
        let text = help.output.split_whitespace().collect::<Vec<_>>().join(" ");
        for (flag, variable, default) in common.iter().chain(own) {
            let about = text
                .split_once(&format!(" {flag} "))
                .with_context(|| format!("no {flag} in {text}"))?
                .1;
            let about = about.split_once(" --").map_or(about, |(about, _)| about);
            assert!(
                about.contains(&format!("[env: {variable}")),
                "{flag}: {about}"
            );
            assert!(
                default.is_empty() || about.contains(&format!("[default: {default}]")),
                "{flag}: {about}"
            );
        }
    }
    Ok(())
}

#[actix_web::test]
async fn help_does_not_tell_secrets_of_the_environment() -> Result<()> {
    let env = TestEnv::new()?;
    let secrets = [
        ("SESSION_KEY", "the-key-in-the-environment-of-32-bytes"),
        ("REDIS_URL", "redis://:the-password@127.0.0.1:6379"),
    ];
    let help = run(&env, Demo::Redis, &["--help"], &secrets).await?;
    assert!(help.code == Some(0) && help.output.contains("[env: SESSION_KEY]"));
    assert!(
        !help.output.contains("the-key") && !help.output.contains("the-password"),
        "{}",
        help.output
    );
    Ok(())
}

#[actix_web::test]
async fn a_bad_setting_is_refused_by_flag_and_value() -> Result<()> {
    let env = TestEnv::new()?;
    for (variable, value, flag) in [
        ("IDLE_TIMEOUT", "abc", "--idle-timeout"),
        ("IDLE_TIMEOUT", "30", "--idle-timeout"),
        ("APP_PORT", "70000", "--port"),
        ("WORKERS", "0", "--workers"),
        ("INSTANCE", "two words", "--instance"),
        ("COOKIE_DOMAIN", "a b", "--cookie-domain"),
        ("SECURE_COOKIE", "perhaps", "--secure-cookie"),
    ] {
        let refused = run(&env, Demo::Memory, &[], &[(variable, value)]).await?;
        assert_eq!(refused.code, Some(2), "{variable}={value}");
        assert!(
            refused
                .output
                .contains(&format!("invalid value '{value}' for '{flag}")),
            "{}",
            refused.output
        );
    }
    let flag = run(&env, Demo::Memory, &["--idle-timeout", "abc"], &[]).await?;
    assert!(
        flag.code == Some(2) && flag.output.contains("'abc' for '--idle-timeout <TIME>'"),
        "{}",
        flag.output
    );
    let host = run(&env, Demo::Memory, &["--host", "no such host"], &[]).await?;
    assert!(
        host.code == Some(1)
            && host
                .output
                .contains("--host \"no such host\" has no address"),
        "{}",
        host.output
    );
    Ok(())
}

#[actix_web::test]
async fn renamed_variables_give_an_error_with_the_new_name() -> Result<()> {
    let env = TestEnv::new()?;
    for demo in Demo::ALL {
        for (old, new) in [
            ("SESSION_TTL", "IDLE_TIMEOUT"),
            ("SESSION_MAX_AGE", "ABSOLUTE_TIMEOUT"),
        ] {
            let refused = run(&env, demo, &[], &[(old, "30m")]).await?;
            assert_eq!(refused.code, Some(2), "{}", refused.output);
            let expected = format!("{old} was renamed: use --");
            assert!(
                refused.output.contains(&expected) && refused.output.contains(new),
                "{}",
                refused.output
            );
        }
    }
    Ok(())
}

#[actix_web::test]
async fn secure_cookie_and_cookie_domain_exclude_each_other() -> Result<()> {
    let env = TestEnv::new()?;
    let refused = run(
        &env,
        Demo::Memory,
        &[
            "--port",
            "0",
            "--secure-cookie",
            "--cookie-domain",
            "example.com",
        ],
        &[],
    )
    .await?;
    assert_eq!(refused.code, Some(1), "{}", refused.output);
    assert!(
        refused
            .output
            .contains("--cookie-domain and --secure-cookie exclude each other"),
        "{}",
        refused.output
    );
    Ok(())
}

#[actix_web::test]
async fn a_taken_port_is_named_with_the_way_out() -> Result<()> {
    let env = TestEnv::new()?;
    let holder = TcpListener::bind("127.0.0.1:0")?;
    let port = holder.local_addr()?.port().to_string();
    let refused = run(&env, Demo::Memory, &["--port", &port], &[]).await?;
    assert_eq!(refused.code, Some(1));
    let expected = format!(
        "cannot listen on 127.0.0.1:{port}: address in use; choose another with --port or APP_PORT"
    );
    assert!(refused.output.contains(&expected), "{}", refused.output);
    assert!(
        !refused.output.contains("listening on"),
        "{}",
        refused.output
    );

    // Compose files make empty variables of unset ones; these get as far as the port.
    let empty = [
        ("INSTANCE", ""),
        ("COOKIE_DOMAIN", ""),
        ("SESSION_KEY", ""),
        ("SESSION_TTL", ""),
        ("SESSION_MAX_AGE", ""),
    ];
    let refused = run(&env, Demo::Memory, &["--port", &port], &empty).await?;
    assert!(refused.output.contains(&expected), "{}", refused.output);
    Ok(())
}

#[actix_web::test]
async fn port_0_takes_any_free_one_and_prints_it() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[("APP_PORT", "0"), ("INSTANCE", "")]).await?;
    let log = server.log();
    let address = log
        .lines()
        .find_map(|line| line.strip_prefix("listening on http://"))
        .context("not said")?;
    assert!(!address.ends_with(":0"), "{address}");
    let seen = Visitor::new()
        .get(&Endpoint::new(address.parse()?), "/")
        .await?;
    assert_eq!(
        (seen.status, seen.instance.as_deref()),
        (200, Some(address))
    );
    Ok(())
}
