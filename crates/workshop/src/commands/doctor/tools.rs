//! Programs and their versions.

use std::{ffi::OsStr, process::Command};

use super::Matter;

/// A version's first two numbers.
type Version = (u32, u32);

/// What the toolchain file of the workspace asks for (`rust-version`).
const RUST: Version = (1, 89);

/// How all of them stand.
pub(super) fn all() -> Vec<Matter> {
    vec![
        rust(&std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
        server("redis-server", (6, 2)),
        server("haproxy", (2, 6)),
        compiler(),
        convenience("redis-cli"),
        convenience("curl"),
    ]
}

fn rust(cargo: &OsStr) -> Matter {
    let Some(text) = output(cargo, "--version") else {
        return Matter::missing(
            "Rust doesn't run",
            "get it from https://rustup.rs, and open a new terminal",
        );
    };
    match version(&text) {
        Some(found) if found >= RUST => Matter::ok(format!("Rust {}.{}", found.0, found.1)),
        _ => Matter::missing(
            format!(
                "Rust {}.{} or newer; there is {}",
                RUST.0,
                RUST.1,
                first_line(&text)
            ),
            "rustup update stable",
        ),
    }
}

/// A server that the exercises start.
fn server(name: &str, least: Version) -> Matter {
    let wanted = format!("{name} {}.{} or newer", least.0, least.1);
    let Ok(path) = testkit::tool(name) else {
        return Matter::missing(format!("{wanted}: it is not installed"), "scripts/setup.sh");
    };
    let Some(text) = output(path.as_os_str(), "-v") else {
        return Matter::missing(
            format!("{wanted}: {} doesn't run", path.display()),
            format!("see what it says: {} -v", path.display()),
        );
    };
    match version(&text) {
        Some(found) if found >= least => Matter::ok(format!("{name} {}.{}", found.0, found.1)),
        _ => {
            let found = format!("{wanted}: {} is {}", path.display(), first_line(&text));
            Matter::missing(
                found,
                "a newer one, earlier in your PATH; `scripts/setup.sh --check` sees it",
            )
        }
    }
}

/// Rust links with it.
fn compiler() -> Matter {
    match testkit::tool("cc") {
        // On macOS there is a program of that name before there is a compiler.
        Ok(cc) if output(cc.as_os_str(), "--version").is_some() => {
            Matter::ok("a C compiler, which Rust links with")
        }
        _ if cfg!(target_os = "macos") => Matter::missing(
            "a C compiler, which Rust links with",
            "xcode-select --install",
        ),
        _ => Matter::missing("a C compiler, which Rust links with", "scripts/setup.sh"),
    }
}

/// A program for your own hands.
fn convenience(name: &str) -> Matter {
    match testkit::tool(name) {
        Ok(_) => Matter::ok(name),
        Err(_) => Matter::careful(
            format!("no {name}: you look into things with it"),
            format!("scripts/setup.sh {name}"),
        ),
    }
}

/// What `program` says when it is given `argument`, if it runs and ends well.
fn output(program: &OsStr, argument: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(argument)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("nothing").trim()
}

/// The first number of two parts in `text`.
fn version(text: &str) -> Option<Version> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|word| word.trim_matches('.'));
    numbers.find_map(|number| {
        let (major, rest) = number.split_once('.')?;
        Some((major.parse().ok()?, rest.split('.').next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_each_program_says() {
        assert_eq!(
            version("cargo 1.95.0 (f2d3ce0bd 2026-03-21)"),
            Some((1, 95))
        );
        assert_eq!(
            version("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"),
            Some((7, 0))
        );
        assert_eq!(
            version("Valkey server v=8.1.4 sha=00000000:0"),
            Some((8, 1))
        );
        assert_eq!(
            version("HAProxy version 2.8.16-0ubuntu0.24.04.1 2026/01/05 - https://haproxy.org/"),
            Some((2, 8))
        );
        assert_eq!(version("HA-Proxy version 2.10-dev3"), Some((2, 10)));
        assert_eq!(version("no number"), None);
    }

    #[test]
    fn versions_are_numbers_and_not_texts() {
        assert!(version("v=2.10").unwrap() > (2, 6));
        assert!(version("v=10.0").unwrap() > (6, 2));
    }

    #[test]
    fn what_is_not_installed_is_told_with_the_command_that_installs_it() {
        for matter in [
            server("no-such-server", (6, 2)),
            server("no-such-proxy", (2, 6)),
        ] {
            let Matter::Missing(what, fix) = &matter else {
                panic!("{matter:?}")
            };
            assert!(
                what.contains("is not installed") && fix.contains("scripts/setup.sh"),
                "{matter:?}"
            );
        }
        assert!(
            matches!(convenience("no-such-client"), Matter::Careful(_, fix) if fix == "scripts/setup.sh no-such-client")
        );
        assert!(
            matches!(rust(OsStr::new("/no/cargo")), Matter::Missing(_, fix) if fix.contains("https://rustup.rs"))
        );
    }
}
