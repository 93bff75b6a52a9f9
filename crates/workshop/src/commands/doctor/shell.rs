//! What this shell and this system tell programs: settings, names, the time.

use std::{
    net::{Ipv4Addr, ToSocketAddrs},
    time::{Duration, SystemTime},
};

use super::Matter;

/// What demos, the story and the containers take from the environment.
const SETTINGS: [&str; 17] = [
    "ABSOLUTE_TIMEOUT",
    "APP_HOST",
    "APP_PORT",
    "COOKIE_DOMAIN",
    "DEMO",
    "HTTP_PORT",
    "IDLE_TIMEOUT",
    "INSTANCE",
    "REDIS_PASSWORD",
    "REDIS_TIMEOUT",
    "REDIS_URL",
    "SECURE_COOKIE",
    "SESSION_DIR",
    "SESSION_KEY",
    "SESSION_PREFIX",
    "WORKERS",
    "COMPOSE_FILE",
];

/// 2025-08-07, the day of Rust 1.89: nothing here was built before it.
const EARLIEST: Duration = Duration::from_secs(1_754_524_800);

/// How they stand.
pub(super) fn all() -> Vec<Matter> {
    let set: Vec<_> = SETTINGS
        .into_iter()
        .filter(|name| std::env::var_os(name).is_some())
        .collect();
    vec![settings(&set), localhost(), clock(SystemTime::now())]
}

/// `set` are those of the settings that are in the environment. Their values may be secrets.
fn settings(set: &[&str]) -> Matter {
    if set.is_empty() {
        return Matter::ok("nothing is exported that changes the demos");
    }
    let what = format!(
        "exported in this shell: {}; what you start by hand follows it",
        set.join(", ")
    );
    Matter::careful(
        what,
        format!("unless you want that: unset {}", set.join(" ")),
    )
}

fn localhost() -> Matter {
    let leads = ("localhost", 80)
        .to_socket_addrs()
        .is_ok_and(|mut all| all.any(|address| address.ip() == Ipv4Addr::LOCALHOST));
    if leads {
        Matter::ok("localhost is 127.0.0.1")
    } else {
        Matter::careful(
            "localhost is not 127.0.0.1 here",
            "say 127.0.0.1 in its place, or add to /etc/hosts: 127.0.0.1 localhost",
        )
    }
}

fn clock(now: SystemTime) -> Matter {
    if now >= SystemTime::UNIX_EPOCH + EARLIEST {
        return Matter::ok("the clock can be right");
    }
    let what = format!(
        "the clock says {}: sessions end by it",
        humantime::format_rfc3339_seconds(now)
    );
    Matter::careful(
        what,
        "set it: timedatectl set-ntp true, or System Settings > General > Date & Time",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_by_name_with_the_way_to_be_rid_of_them() {
        assert!(matches!(settings(&[]), Matter::Ok(_)));
        let matter = settings(&["APP_PORT", "IDLE_TIMEOUT"]);
        assert!(
            matches!(&matter, Matter::Careful(_, fix) if fix.ends_with("unset APP_PORT IDLE_TIMEOUT")),
            "{matter:?}"
        );
    }

    #[test]
    fn a_clock_before_this_project_is_told() {
        assert!(matches!(clock(SystemTime::UNIX_EPOCH), Matter::Careful(..)));
        assert!(matches!(
            clock(SystemTime::UNIX_EPOCH + EARLIEST),
            Matter::Ok(_)
        ));
    }
}
