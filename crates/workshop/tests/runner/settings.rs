//! The settings that the doctor knows, compared with the source of the programs.

use std::{collections::BTreeSet, ffi::OsStr, fs, path::Path};

use anyhow::{Context, Result, ensure};
use testkit::root;
use workshop::settings;

use crate::{process::Process, sandbox::Sandbox};

/// Adds the names in `env = "NAME"` and `.env("NAME")` of the Rust files in `folder`.
fn collect(folder: &Path, names: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, names)?;
        } else if path.extension() == Some(OsStr::new("rs")) {
            let text = fs::read_to_string(&path)?;
            let marks = ["env = \"", ".env(\""].iter();
            let parts = marks.flat_map(|mark| text.split(mark).skip(1));
            let known = parts.filter_map(|part| Some(part.split_once('"')?.0.to_owned()));
            names.extend(known);
        }
    }
    Ok(())
}

#[test]
fn settings_in_the_source_are_known() -> Result<()> {
    let mut source = BTreeSet::new();
    for entry in fs::read_dir(root().join("demos"))?.flatten() {
        collect(&entry.path().join("src"), &mut source)?;
    }
    for library in ["server", "session-stores"] {
        collect(
            &root().join("crates").join(library).join("src"),
            &mut source,
        )?;
    }
    ensure!(source.len() > 15, "the source has only {source:?}");

    let programs = testkit::binary("story")?.parent().context("no folder")?;
    let known = settings::names(root(), programs)?;

    let unknown: Vec<_> = source.difference(&known).collect();
    ensure!(unknown.is_empty(), "not known: {unknown:?}");
    let former = ["SESSION_TTL", "SESSION_MAX_AGE"];
    let others = ["DEMO", "HTTP_PORT", "REDIS_PASSWORD", "COMPOSE_FILE"];
    for name in former.iter().chain(&others) {
        ensure!(known.contains(*name), "{name} is not known");
    }
    Ok(())
}

#[actix_rt::test]
async fn settings_are_shown_by_name_and_without_their_values() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let programs = testkit::binary("story")?.parent().context("no folder")?;
    let names = settings::names(root(), programs)?;
    let mut command = sandbox.command("workshop", &["doctor"])?;
    for name in &names {
        command.env(name, "a-secret-of-mine");
    }

    let mut doctor = Process::start(&sandbox, command)?;
    doctor.ends_with(Some(0)).await?;

    let output = doctor.output()?;
    let output: Vec<_> = output.split_whitespace().collect();
    let output = output.join(" ");
    let list: Vec<_> = names.iter().map(String::as_str).collect();
    ensure!(
        output.contains(&format!("unset {}", list.join(" "))) && !output.contains("a-secret"),
        "{output}"
    );
    Ok(())
}
