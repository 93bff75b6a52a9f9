//! Examines the shell's settings, the name localhost, and the clock.

use std::{
    env,
    net::{Ipv4Addr, ToSocketAddrs},
    path::Path,
    time::{Duration, SystemTime},
};

use super::diagnosis::Diagnosis;
use crate::settings;

/// 2025-08-07, the day of Rust 1.89. Everything here was built after it.
const EARLIEST: Duration = Duration::from_secs(1_754_524_800);

pub(super) fn examine(root: &Path) -> [Diagnosis; 3] {
    [exported(root), localhost(), clock(SystemTime::now())]
}

/// Examines the exported settings. Shows no values, which may be secrets.
fn exported(root: &Path) -> Diagnosis {
    let names = match settings::programs().and_then(|programs| settings::names(root, &programs)) {
        Ok(names) => names,
        Err(error) => {
            return Diagnosis::warning(
                format!("the settings of the demos are unknown: {error:#}"),
                "build the demos: cargo build --workspace --exclude exercises --bins",
            );
        }
    };
    let exported: Vec<_> = names
        .into_iter()
        .filter(|name| env::var_os(name).is_some())
        .collect();
    if exported.is_empty() {
        return Diagnosis::ok("your shell exports no setting of the demos");
    }
    let list = exported.join(", ");
    Diagnosis::warning(
        format!("your shell exports {list}; demos that you start follow that"),
        format!("unless you want that: unset {}", exported.join(" ")),
    )
}

fn localhost() -> Diagnosis {
    let addresses = ("localhost", 80).to_socket_addrs();
    if addresses.is_ok_and(|mut all| all.any(|address| address.ip() == Ipv4Addr::LOCALHOST)) {
        return Diagnosis::ok("localhost is 127.0.0.1");
    }
    Diagnosis::warning(
        "localhost is not 127.0.0.1 here",
        "write 127.0.0.1 instead, or add to /etc/hosts: 127.0.0.1 localhost",
    )
}

fn clock(now: SystemTime) -> Diagnosis {
    if now >= SystemTime::UNIX_EPOCH + EARLIEST {
        return Diagnosis::ok("the clock is plausible");
    }
    let now = humantime::format_rfc3339_seconds(now);
    Diagnosis::warning(
        format!("the clock shows {now}, and sessions expire by it"),
        "set it: timedatectl set-ntp true, or System Settings > General > Date & Time",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_before_this_project_is_a_warning() {
        let early = clock(SystemTime::UNIX_EPOCH);
        assert!(matches!(early, Diagnosis::Warning(..)), "{early:?}");
        let plausible = clock(SystemTime::UNIX_EPOCH + EARLIEST);
        assert!(matches!(plausible, Diagnosis::Ok(_)), "{plausible:?}");
    }
}
