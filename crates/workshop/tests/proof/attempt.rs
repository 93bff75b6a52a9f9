//! A text for the file of an exercise, and what its check must say.

use std::{collections::HashMap, fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use testkit::root;
use workshop::{exercise::Exercise, marks::filled, scratch_tree};

pub(crate) struct Attempt {
    /// The name, as in `rejects_starter`.
    pub(crate) name: String,
    pub(crate) text: String,
    /// Words of the check's result, if the check must reject the text.
    pub(crate) declared: Option<String>,
}

impl Attempt {
    /// Returns the starter, the wrong solutions, the other right ones, and the solution.
    pub(crate) fn all(exercise: &Exercise) -> Result<Vec<Self>> {
        let starter = exercise.starter()?;
        let attempt = |name: String, lines: &str, declared| -> Result<Self> {
            let text = filled(&starter, lines)?;
            Ok(Self {
                name,
                text,
                declared,
            })
        };
        let mut all = vec![Self {
            name: "rejects_starter".to_owned(),
            text: starter.clone(),
            declared: Some(exercise.info.starter.clone()),
        }];
        for (name, declared) in &exercise.info.wrong {
            let lines = exercise.wrong(name)?;
            let declared = Some(declared.clone());
            all.push(attempt(format!("rejects_{name}"), &lines, declared)?);
        }
        for (path, lines) in exercise.right()? {
            let name = PathBuf::from(path);
            let name = name.file_stem().unwrap_or_default().display();
            all.push(attempt(format!("accepts_{name}"), &lines, None)?);
        }
        let solution = exercise.solution()?;
        all.push(attempt("accepts_solution".to_owned(), &solution, None)?);
        Ok(all)
    }

    /// Returns the name of its trial, as in `count_rejects_starter`. If it is written in Rust, its program has the same
    /// name.
    pub(crate) fn program(&self, exercise: &Exercise) -> String {
        format!("{}_{}", exercise.name, self.name)
    }
}

/// Builds all attempts of `exercises`, which are written in Rust, with one call of cargo. Returns the programs by their
/// names.
///
/// The package stays in the target folder. Cargo builds only the attempts that have changed since the last time.
pub(crate) fn build(exercises: &[Exercise]) -> Result<HashMap<String, PathBuf>> {
    let tree = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("proof");
    let package = "exercises-in-proof";
    scratch_tree::workspace(root(), &tree, package)?;
    let mut targets = Vec::new();
    for exercise in exercises {
        for attempt in Attempt::all(exercise)? {
            let name = attempt.program(exercise);
            let path = tree.join("exercises").join(format!("{name}.rs"));
            if fs::read_to_string(&path).ok().as_ref() != Some(&attempt.text) {
                fs::write(&path, &attempt.text)?;
            }
            targets.push(format!(
                "[[bin]]\nname = \"{name}\"\npath = \"{name}.rs\"\n"
            ));
        }
    }
    let targets = targets.join("\n");
    let manifest = tree.join("exercises/Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    let (before, rest) = text.split_once("[[bin]]").context("no program")?;
    let (_, after) = rest.split_once("[dependencies]").context("no dependency")?;
    fs::write(
        &manifest,
        format!("{before}{targets}\n[dependencies]{after}"),
    )?;
    // Each of the many programs would have a copy of the symbols.
    let profile = format!("[profile.dev.package.{package}]\nstrip = true\nincremental = false\n");
    let manifest = tree.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    fs::write(&manifest, format!("{text}\n{profile}"))?;

    let output = testkit::cargo()
        .args([
            "build",
            "--quiet",
            "--keep-going",
            "--bins",
            "--package",
            package,
        ])
        .args(["--message-format=json", "--manifest-path"])
        .arg(manifest)
        .env("CARGO_TARGET_DIR", super::target_folder()?)
        .output()
        .context("cannot start cargo")?;
    let lines = output.stdout.split(|&byte| byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let messages: Vec<_> = messages.collect();
    if !output.status.success() {
        let errors = messages.iter().map(|message| &message["message"]);
        let errors = errors.filter(|message| message["level"] == "error");
        let errors: String = errors
            .filter_map(|error| error["rendered"].as_str())
            .collect();
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("the attempts don't build:\n{errors}{stderr}");
    }
    let programs = messages.iter().filter_map(|message| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, message["executable"].as_str()?.into()))
    });
    Ok(programs.collect())
}
