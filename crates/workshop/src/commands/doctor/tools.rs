//! Examines programs and their versions.

use std::{ffi::OsStr, process::Command};

use super::diagnosis::Diagnosis;

/// The first two numbers of a version.
type Version = (u32, u32);

pub(super) fn examine() -> [Diagnosis; 6] {
    [
        rust(&std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
        server("redis-server", (6, 2)),
        server("haproxy", (2, 6)),
        c_compiler(),
        client("redis-cli"),
        client("curl"),
    ]
}

fn rust(cargo: &OsStr) -> Diagnosis {
    let Some(text) = output(cargo, "--version") else {
        return Diagnosis::missing(
            "Rust doesn't run",
            "get it from https://rustup.rs, and open a new terminal",
        );
    };
    let least = env!("CARGO_PKG_RUST_VERSION");
    match version(&text) {
        Some((major, minor)) if Some((major, minor)) >= version(least) => {
            Diagnosis::ok(format!("Rust {major}.{minor}"))
        }
        _ => Diagnosis::missing(
            format!("Rust {least} or newer: this is {}", first_line(&text)),
            "rustup update stable",
        ),
    }
}

/// Examines a server that the exercises start.
fn server(name: &str, least: Version) -> Diagnosis {
    let wanted = format!("{name} {}.{} or newer", least.0, least.1);
    let Ok(path) = testkit::tool(name) else {
        return Diagnosis::missing(format!("{wanted}: it is not installed"), "scripts/setup.sh");
    };
    let shown = path.display();
    let Some(text) = output(path.as_os_str(), "-v") else {
        return Diagnosis::missing(
            format!("{wanted}: {shown} doesn't run"),
            format!("run it to see why: {shown} -v"),
        );
    };
    match version(&text) {
        Some(found) if found >= least => Diagnosis::ok(format!("{name} {}.{}", found.0, found.1)),
        _ => Diagnosis::missing(
            format!("{wanted}: {shown} is {}", first_line(&text)),
            "install a newer one earlier in your PATH; `scripts/setup.sh --check` examines it",
        ),
    }
}

fn c_compiler() -> Diagnosis {
    let name = "a C compiler, which Rust links with";
    match testkit::tool("cc") {
        // macOS has a program of this name even without a compiler.
        Ok(cc) if output(cc.as_os_str(), "--version").is_some() => Diagnosis::ok(name),
        _ if cfg!(target_os = "macos") => Diagnosis::missing(name, "xcode-select --install"),
        _ => Diagnosis::missing(name, "scripts/setup.sh"),
    }
}

/// Examines a program that only the attendee starts.
fn client(name: &str) -> Diagnosis {
    match testkit::tool(name) {
        Ok(_) => Diagnosis::ok(name),
        Err(_) => Diagnosis::warning(
            format!("no {name}, which some steps of workshop.md use"),
            format!("scripts/setup.sh {name}"),
        ),
    }
}

/// Returns the output of `program` with `argument`, if it succeeds.
fn output(program: &OsStr, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    let text = || String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(text)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("nothing").trim()
}

/// Returns the first version in `text`: numbers with a dot between them.
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
    fn version_is_found_in_each_programs_output() {
        for (output, expected) in [
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", Some((1, 95))),
            ("Redis server v=7.0.15 sha=00000000:0 bits=64", Some((7, 0))),
            ("Valkey server v=8.1.4 sha=00000000:0", Some((8, 1))),
            (
                "HAProxy version 2.8.16-0ubuntu0.24.04.1 2026/01/05",
                Some((2, 8)),
            ),
            // Versions are compared as numbers: 2.10 is newer than 2.6.
            ("HA-Proxy version 2.10-dev3", Some((2, 10))),
            ("no number", None),
        ] {
            assert_eq!(version(output), expected, "{output}");
        }
    }

    #[test]
    fn missing_program_comes_with_the_command_that_installs_it() {
        assert_eq!(
            server("no-such-server", (6, 2)),
            Diagnosis::missing(
                "no-such-server 6.2 or newer: it is not installed",
                "scripts/setup.sh"
            )
        );
        let Diagnosis::Warning(_, fix) = client("no-such-client") else {
            panic!("a missing client is not a warning")
        };
        assert_eq!(fix, "scripts/setup.sh no-such-client");
    }
}
