//! Flags and environment variables.

use std::process::Command;

use anyhow::{Context, Result};
use testkit::{Demo, Endpoint, Instance, Persistence, Redis, TestEnv, Visitor, binary};

use crate::common::run;

#[actix_web::test]
async fn help_lists_variables_and_defaults_and_no_secret() -> Result<()> {
    let common = [
        "--port <PORT> Port to listen on; 0 = any free one [env: APP_PORT=] [default: 5000]",
        "[env: APP_HOST=] [default: 127.0.0.1]",
        "[default: host:port; on all addresses, the machine's name] [env: INSTANCE=]",
        "[default: one for each core] [env: WORKERS=]",
        "[default: a published demo key] [env: SESSION_KEY]",
        "[env: IDLE_TIMEOUT=] [default: 30m]",
        "[env: ABSOLUTE_TIMEOUT=] [default: 12h]",
        "[env: SESSION_COOKIE=] [default: signed]",
        "[env: SECURE_COOKIE=]",
        "[env: BEHIND_PROXY=]",
        "[env: REQUEST_TIMEOUT=] [default: 10s]",
        "[env: COOKIE_DOMAIN=]",
    ];
    let file = ["[default: one for each port, in your cache folder] [env: SESSION_DIR=]"];
    let redis = [
        "[env: REDIS_URL] [default: redis://127.0.0.1:6379]",
        "[default: the system's] [env: REDIS_CA_FILE=]",
        "[env: SESSION_PREFIX=] [default: session:]",
        "[env: REDIS_TIMEOUT=] [default: 500ms]",
        "[env: ROTATION_GRACE=] [default: 10s]",
        "[env: MIGRATE_COOKIES=]",
    ];
    let secrets = [
        ("SESSION_KEY", "a secret-key in the environment"),
        ("REDIS_URL", "redis://:secret-password@127.0.0.1:6379"),
    ];
    for (demo, own) in [(Demo::File, &file[..]), (Demo::Redis, &redis)] {
        let help = run(demo, &["--help"], &secrets).await?;
        assert_eq!(help.code, Some(0));
        assert!(!help.output.contains("secret-"), "{}", help.output);
        // Join the lines, which may break anywhere.
        let text: Vec<_> = help.output.split_whitespace().collect();
        let text = text.join(" ");
        for part in common.iter().chain(own) {
            assert!(text.contains(part), "no {part} in {text}");
        }
    }
    Ok(())
}

#[actix_web::test]
async fn a_bad_setting_is_rejected_with_flag_and_value() -> Result<()> {
    let unit = "--idle-timeout <TIME>': time unit needed, for example 30sec or 30ms; write it as in 30m, 12h or 7d";
    let too_short = "--idle-timeout <TIME>': shorter than a millisecond; 0 means never";
    let too_long = "--absolute-timeout <TIME>': longer than ten years; 0 means never";
    let former_idle =
        "--session-ttl <session-ttl>': SESSION_TTL was renamed: use --idle-timeout or IDLE_TIMEOUT";
    let former_absolute = "--session-max-age <session-max-age>': SESSION_MAX_AGE was renamed: use --absolute-timeout or ABSOLUTE_TIMEOUT";
    let top_level = "--cookie-domain <DOMAIN>': browsers accept no cookie for all of com; use a domain such as example.com";
    for (variable, value, error) in [
        ("IDLE_TIMEOUT", "30", unit),
        ("IDLE_TIMEOUT", "-5m", "--idle-timeout"),
        ("IDLE_TIMEOUT", "0s", too_short),
        ("ABSOLUTE_TIMEOUT", "11y", too_long),
        ("APP_PORT", "70000", "--port"),
        ("WORKERS", "x", "--workers <N>': use a number from 1 to 512"),
        ("WORKERS", "513", "--workers"),
        ("WORKERS", "0", "--workers"),
        ("INSTANCE", "two words", "--instance"),
        ("COOKIE_DOMAIN", "a b", "--cookie-domain"),
        ("COOKIE_DOMAIN", "com", top_level),
        ("COOKIE_DOMAIN", "127.0.0.1", "--cookie-domain"),
        ("REQUEST_TIMEOUT", "soon", "--request-timeout"),
        ("BEHIND_PROXY", "perhaps", "--behind-proxy"),
        ("SECURE_COOKIE", "perhaps", "--secure-cookie"),
        ("SESSION_COOKIE", "secret", "--cookie <PROTECTION>'"),
        ("REDIS_TIMEOUT", "0", "--redis-timeout"),
        ("ROTATION_GRACE", "61s", "--rotation-grace"),
        ("SESSION_TTL", "30m", former_idle),
        ("SESSION_MAX_AGE", "30m", former_absolute),
    ] {
        let ended = run(Demo::Redis, &[], &[(variable, value)]).await?;
        ended.assert_failed(2, &[&format!("invalid value '{value}' for '{error}")]);
    }
    Ok(())
}

/// Compose files pass an unset variable as an empty one.
#[actix_web::test]
async fn an_empty_variable_counts_as_unset() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    for demo in Demo::ALL.map(Demo::name).into_iter().chain(["viewer"]) {
        let program = binary(&format!("demo-{demo}"))?;
        let help = Command::new(program).arg("--help").output()?.stdout;
        let help = String::from_utf8(help)?;
        let names = help.split("[env:").skip(1);
        let names = names.filter_map(|rest| rest.trim_start().split(['=', ']']).next());
        let former = ["SESSION_TTL", "SESSION_MAX_AGE"];
        let settings: Vec<_> = names.chain(former).map(|name| (name, "")).collect();
        assert!(settings.len() > 9, "{help}");

        let mut command = Command::new(program);
        command.args(["--port", "0"]);
        if help.contains("--redis-url") {
            command.args(["--redis-url", &redis.url()]);
        }
        let mut server = Instance::of(&env, command, demo, &settings)?;
        server.start().await?;

        // Its free port also names an instance without a name. The viewer has a fixed one.
        let log = server.log();
        let mut lines = log.lines();
        let address = lines.find_map(|line| line.strip_prefix("listening on http://"));
        let address = address.context("no address")?;
        let seen = Visitor::new()
            .get(&Endpoint::new(address.parse()?), "/healthz")
            .await?;
        let name = if demo == "viewer" { demo } else { address };
        assert_eq!((seen.status, seen.instance.as_deref()), (200, Some(name)));
    }
    Ok(())
}
