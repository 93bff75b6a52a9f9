//! Examines the shell's settings, the names of this machine, and the clock.

use std::{
    env,
    net::{Ipv4Addr, ToSocketAddrs},
    path::Path,
    time::{Duration, SystemTime},
};

use testkit::{Demo, hosts_line, resolves_locally};

use super::diagnosis::Diagnosis;
use crate::settings;

/// 2025-08-07, the day of Rust 1.89. Everything here was built after it.
const EARLIEST: Duration = Duration::from_secs(1_754_524_800);

pub(super) fn examine(root: &Path) -> [Diagnosis; 4] {
    let name = Demo::File.host_name();
    let resolves = resolves_locally(&name);
    [
        exported(root),
        localhost(),
        names(&name, resolves),
        clock(SystemTime::now()),
    ]
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

/// Examines whether this system `resolves` the demos' names, such as `name`.
fn names(name: &str, resolves: bool) -> Diagnosis {
    if resolves {
        return Diagnosis::ok(format!("{name} is this machine"));
    }
    let hosts = hosts_line();
    Diagnosis::warning(
        format!("this system does not find {name}; curl, Chrome and Firefox do"),
        format!(
            "for other programs, add to /etc/hosts: {hosts}; or use http://localhost:5000, which \
             needs no name and serves the demo that --demo names"
        ),
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
    fn names_that_do_not_resolve_are_a_warning() {
        let ok = names("file.localhost", true);
        assert!(matches!(ok, Diagnosis::Ok(_)), "{ok:?}");
        let text = names("file.localhost", false).text();
        for part in ["  warning", "/etc/hosts:", "127.0.0.1", "--demo"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn clock_before_this_project_is_a_warning() {
        let early = clock(SystemTime::UNIX_EPOCH);
        assert!(matches!(early, Diagnosis::Warning(..)), "{early:?}");
        let plausible = clock(SystemTime::UNIX_EPOCH + EARLIEST);
        assert!(matches!(plausible, Diagnosis::Ok(_)), "{plausible:?}");
    }
}
