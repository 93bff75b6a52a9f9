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
        let fix = "get it from https://rustup.rs, and open a new terminal";
        return Diagnosis::missing("Rust doesn't run", fix);
    };
    let least = env!("CARGO_PKG_RUST_VERSION");
    let wanted = format!("Rust {least} or newer: this");
    let least = version(least).unwrap_or_default();
    examine_version("Rust", &text, least, &wanted, "rustup update stable")
}

/// Examines a server that the exercises start.
fn server(name: &str, least: Version) -> Diagnosis {
    let wanted = format!("{name} {}.{} or newer:", least.0, least.1);
    let Ok(path) = testkit::tool(name) else {
        return Diagnosis::missing(format!("{wanted} it is not installed"), "scripts/setup.sh");
    };
    let wanted = format!("{wanted} {}", path.display());
    let Some(text) = output(path.as_os_str(), "-v") else {
        let fix = format!("run it to see why: {} -v", path.display());
        return Diagnosis::missing(format!("{wanted} doesn't run"), fix);
    };
    let fix = "install a newer one earlier in your PATH; `scripts/setup.sh --check` examines it";
    examine_version(name, &text, least, &wanted, fix)
}

/// Examines the version in `text`, the output of the program `name`.
fn examine_version(name: &str, text: &str, least: Version, wanted: &str, fix: &str) -> Diagnosis {
    match version(text) {
        Some(found) if found >= least => Diagnosis::ok(format!("{name} {}.{}", found.0, found.1)),
        _ => {
            let line = text.lines().next().unwrap_or("nothing").trim();
            Diagnosis::missing(format!("{wanted} is {line}"), fix)
        }
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
