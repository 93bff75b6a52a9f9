//! Flags and environment variables.

use std::net::TcpListener;

use anyhow::{Context, Result};
use testkit::{Demo, Endpoint, TestEnv, Visitor};

use crate::common::{memory, run};

#[actix_web::test]
async fn help_lists_each_flag_with_variable_and_default() -> Result<()> {
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
    let secrets = [
        ("SESSION_KEY", "a secret-key in the environment"),
        ("REDIS_URL", "redis://:secret-password@127.0.0.1:6379"),
    ];
    for (demo, own) in [
        (Demo::Memory, &[][..]),
        (Demo::File, &file),
        (Demo::Redis, &redis),
    ] {
        let help = run(&env, demo, &["--help"], &secrets).await?;
        assert_eq!(help.code, Some(0));
        assert!(!help.output.contains("secret-"), "{}", help.output);
        // Join the lines, which may break anywhere.
        let text = help.output.split_whitespace().collect::<Vec<_>>().join(" ");
        for (flag, variable, default) in common.iter().chain(own) {
            let about = text
                .split_once(&format!(" {flag} "))
                .with_context(|| format!("no {flag} in {text}"))?
                .1;
            let about = about.split_once(" --").map_or(about, |(about, _)| about);
            assert!(
                about.contains(&format!("[env: {variable}"))
                    && (default.is_empty() || about.contains(&format!("[default: {default}]"))),
                "{flag}: {about}"
            );
        }
    }
    let login = run(&env, Demo::Login, &["--help"], &[]).await?.output;
    let login = login.split_whitespace().collect::<Vec<_>>().join(" ");
    let limit = "[env: ABSOLUTE_TIMEOUT=] [default: 12h]";
    assert!(login.contains(limit), "no {limit} in {login}");
    Ok(())
}

#[actix_web::test]
async fn a_bad_setting_is_rejected_with_flag_and_value() -> Result<()> {
    let env = TestEnv::new()?;
    for (variable, value, flag) in [
        ("IDLE_TIMEOUT", "abc", "--idle-timeout"),
        ("IDLE_TIMEOUT", "30", "--idle-timeout"),
        ("APP_PORT", "70000", "--port"),
        ("WORKERS", "x", "--workers <N>': use a number from 1 to 512"),
        ("WORKERS", "513", "--workers"),
        ("WORKERS", "0", "--workers"),
        ("INSTANCE", "two words", "--instance"),
        ("COOKIE_DOMAIN", "a b", "--cookie-domain"),
        ("SECURE_COOKIE", "perhaps", "--secure-cookie"),
    ] {
        let ended = run(&env, Demo::Memory, &[], &[(variable, value)]).await?;
        ended.assert_failed(2, &[&format!("invalid value '{value}' for '{flag}")]);
    }
    let no_host = "--host \"no such host\" has no address";
    let exclusive = "--cookie-domain and --secure-cookie exclude each other";
    let domain = ["--secure-cookie", "--cookie-domain", "example.com"];
    for (code, arguments, error) in [
        (
            2,
            &["--idle-timeout", "abc"][..],
            "'abc' for '--idle-timeout <TIME>'",
        ),
        (1, &["--host", "no such host"], no_host),
        (1, &domain, exclusive),
    ] {
        let ended = run(&env, Demo::Memory, arguments, &[]).await?;
        ended.assert_failed(code, &[error]);
    }
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
            let ended = run(&env, demo, &[], &[(old, "30m")]).await?;
            ended.assert_failed(2, &[&format!("{old} was renamed: use --"), new]);
        }
    }
    Ok(())
}

#[actix_web::test]
async fn a_taken_port_is_an_error_that_says_what_to_do() -> Result<()> {
    let env = TestEnv::new()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port().to_string();
    let error = format!(
        "cannot listen on 127.0.0.1:{port}: address in use; choose another with --port or APP_PORT"
    );
    // Compose files pass an unset variable as an empty one. With these the server gets as far as the port.
    let empty = [("INSTANCE", ""), ("COOKIE_DOMAIN", ""), ("SESSION_KEY", "")];
    for variables in [&[][..], &empty] {
        let ended = run(&env, Demo::Memory, &["--port", &port], variables).await?;
        ended.assert_failed(1, &[&error]);
    }
    Ok(())
}

#[actix_web::test]
async fn port_0_takes_a_free_port_which_names_the_instance() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[("APP_PORT", "0"), ("INSTANCE", "")]).await?;
    let log = server.log();
    let address = log
        .lines()
        .find_map(|line| line.strip_prefix("listening on http://"))
        .context("no address")?;
    let seen = Visitor::new()
        .get(&Endpoint::new(address.parse()?), "/")
        .await?;
    assert_eq!(
        (seen.status, seen.instance.as_deref()),
        (200, Some(address))
    );
    Ok(())
}
