//! The machine and the versions of a run.

use std::process::Command;

use sysinfo::System;
use testkit::tool;
use time::{OffsetDateTime, macros::format_description};

/// The crates whose versions matter.
const CRATES: [&str; 9] = [
    "actix-session",
    "actix-web",
    "axum",
    "deadpool-redis",
    "fred",
    "redis",
    "tokio",
    "tower-sessions",
    "tower-sessions-redis-store",
];

/// Returns the current date, as in `2026-01-31`.
pub(crate) fn date() -> String {
    let date = OffsetDateTime::now_utc().date();
    let format = format_description!("[year]-[month]-[day]");
    date.format(format).unwrap_or_default()
}

/// Returns the processor, the number of its cores, and the system.
pub(crate) fn machine() -> String {
    let mut system = System::new();
    system.refresh_cpu_all();
    let cores = system.cpus().len();
    let model = system
        .cpus()
        .first()
        .map(|cpu| cpu.brand().trim().to_owned());
    let model = model
        .filter(|it| !it.is_empty())
        .unwrap_or_else(System::cpu_arch);
    let name = System::long_os_version().unwrap_or_default();
    let kernel = System::kernel_version().unwrap_or_default();
    // Without the name of the build.
    let kernel = kernel.split('-').next().unwrap_or_default();
    format!("{model}, {cores} cores, {name}, kernel {kernel}")
}

/// Returns the versions of Rust, Redis, wrk and the crates.
pub(crate) fn versions() -> String {
    let mut versions = vec![
        first_line("rustc", "--version", 2),
        first_line("redis-server", "--version", 3)
            .replace(" server", "")
            .replace("v=", ""),
        first_line("wrk", "--version", 2),
    ];
    let lock = include_str!("../Cargo.lock");
    for name in CRATES {
        let version = |package: &str| {
            let rest = package.strip_prefix(&format!("\nname = \"{name}\"\nversion = \""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let found: Vec<_> = lock.split("[[package]]").filter_map(version).collect();
        versions.push(format!("{name} {}", found.join(" and ")));
    }
    versions.join(", ")
}

/// Returns the first words that `program` prints.
fn first_line(program: &str, argument: &str, words: usize) -> String {
    let program = tool(program).unwrap_or_else(|_| program.into());
    let output = Command::new(program).arg(argument).output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
    let text = text.unwrap_or_default();
    text.split_whitespace()
        .take(words)
        .collect::<Vec<_>>()
        .join(" ")
}
