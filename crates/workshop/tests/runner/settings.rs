//! The settings that the doctor knows, compared with the source of the programs.

use std::{collections::BTreeSet, process::Command};

use anyhow::{Context, Result, ensure};
use testkit::root;
use workshop::settings;

#[test]
fn settings_in_the_source_are_known() -> Result<()> {
    let setting = r#"env = "[A-Z_]+|[.]env[(]"[A-Z_]+"#;
    let folders = ["demos", "crates/server/src"];
    let grep = Command::new("grep")
        .args(["-rhoE", "--include=*.rs", "--exclude-dir=tests", setting])
        .args(folders)
        .current_dir(root())
        .output()?;
    let source = String::from_utf8(grep.stdout)?;
    let source = source.lines().filter_map(|line| line.rsplit('"').next());
    let source: BTreeSet<_> = source.map(str::to_owned).collect();
    ensure!(source.len() > 15, "the source has only {source:?}");

    let programs = testkit::binary("story")?.parent().context("no folder")?;
    let known = settings::names(root(), programs)?;

    let unknown: Vec<_> = source.difference(&known).collect();
    ensure!(unknown.is_empty(), "not known: {unknown:?}");
    let is_in_name = |c: char| c.is_ascii_uppercase() || c == '_';
    let odd = known.iter().find(|name| !name.chars().all(is_in_name));
    ensure!(odd.is_none(), "not a name: {odd:?}");
    let former = ["SESSION_TTL", "SESSION_MAX_AGE"];
    let others = ["DEMO", "HTTP_PORT", "REDIS_PASSWORD", "COMPOSE_FILE"];
    for name in former.iter().chain(&others) {
        ensure!(known.contains(*name), "{name} is not known");
    }
    Ok(())
}
