//! `doctor`: examines whether this machine has what the workshop needs.
//!
//! Prints one line for each diagnosis, with a fix where one is needed. `tools`, `ports`, `disk` and `system`
//! examine one kind of thing each.

mod diagnosis;
mod disk;
mod ports;
mod system;
mod tools;

use std::{io::Write, path::Path};

use anyhow::Result;
use testkit::Compose;

use super::serve;
use diagnosis::Diagnosis;

/// The ports of the commands in README.md.
const PORTS: [u16; 4] = [5000, 5001, 5002, 5003];

/// Examines this machine and the tree at `root`, and prints the diagnoses. Examines `ports`, or the ports of README.md
/// if there are none. Returns whether the exercises work.
pub async fn doctor(root: &Path, ports: &[u16], out: &mut dyn Write) -> Result<bool> {
    let ports = if ports.is_empty() { &PORTS } else { ports };
    let mut missing = 0;
    let diagnoses = tools::examine()
        .into_iter()
        .chain(ports.iter().map(|port| ports::of_server(*port)))
        .chain([
            ports::of_redis(ports::REDIS),
            ports::of_served_redis(serve::REDIS_PORT),
        ])
        .chain(disk::examine(root))
        .chain(system::examine(root))
        .chain([docker().await]);
    for diagnosis in diagnoses {
        writeln!(out, "{}", diagnosis.text())?;
        missing += usize::from(matches!(diagnosis, Diagnosis::Missing(..)));
    }
    let verdict = match missing {
        0 => "Nothing that the exercises need is missing.".to_owned(),
        1 => "One thing is missing.".to_owned(),
        many => format!("{many} things are missing."),
    };
    writeln!(out, "\n{verdict}")?;
    Ok(missing == 0)
}

/// Examines Docker, which one exercise and the story in containers need.
async fn docker() -> Diagnosis {
    match Compose::available().await {
        Ok(()) => Diagnosis::ok("Docker and Compose v2"),
        Err(error) => {
            let problem = "no Docker: only exercise 11 and `docker compose` need it";
            Diagnosis::warning(problem, error.to_string())
        }
    }
}
