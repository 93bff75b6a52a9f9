//! workshop.md and the exercises' tasks lead the attendee: their order, their links, and commands that work everywhere.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use testkit::root;
use workshop::{exercise::Exercise, step::Step};

/// Options that curl 7.81 knows, the curl of Ubuntu 22.04. A new option belongs here if its page in curl's documentation
/// names no later version.
const CURL_OPTIONS: &str = "-N -S -X -H -b -c -d -o -s -w --cookie-jar --fail --max-time";

fn pages() -> Result<Vec<PathBuf>> {
    let mut pages = vec![root().join("README.md"), root().join("workshop.md")];
    let exercises = Exercise::all(root())?.into_iter();
    pages.extend(exercises.map(|exercise| exercise.folder.join("README.md")));
    Ok(pages)
}

fn folder_name(exercise: &Exercise) -> String {
    let name = exercise.folder.file_name().unwrap_or_default();
    name.display().to_string()
}

#[test]
fn exercises_have_the_order_of_the_page() -> Result<()> {
    let steps = Step::all(root())?.into_iter();
    let on_page: Vec<_> = steps.flat_map(|step| step.exercises).collect();
    let exercises = Exercise::all(root())?;
    let folders: Vec<_> = exercises.iter().map(folder_name).collect();
    assert_eq!(on_page, folders);
    Ok(())
}

#[test]
fn page_and_exercises_agree_on_the_extras() -> Result<()> {
    let page = fs::read_to_string(root().join("workshop.md"))?;
    for exercise in Exercise::all(root())? {
        let folder = folder_name(&exercise);
        let link = format!("](exercises/{folder}/README.md)");
        let (_, after) = page
            .split_once(&link)
            .with_context(|| format!("workshop.md lacks {link}"))?;
        let (minutes, _) = after.split_once(')').context("no minutes")?;
        ensure!(
            minutes.contains("*extra*") == exercise.info.extra,
            "workshop.md and exercises/{folder}/exercise.toml do not agree on extra"
        );
    }
    Ok(())
}

#[test]
fn each_step_has_a_sentence_to_take_home() -> Result<()> {
    let page = fs::read_to_string(root().join("workshop.md"))?;
    let headings = page.lines().filter_map(|line| line.strip_prefix("### "));
    let headings = headings.filter(|title| title.starts_with(|c: char| c.is_ascii_digit()));
    let steps = Step::all(root())?;
    assert_eq!(steps.len(), headings.count());
    for step in steps {
        let ends_well = step.take_home.ends_with(['.', '?']);
        ensure!(ends_well, "{} ends with {:?}", step.title, step.take_home);
    }
    Ok(())
}

/// A link is a URL, or a file of the project in brackets, whose path stands at the end of the page. The help of a
/// program needs no link.
#[test]
fn tasks_link_what_they_ask_to_read() -> Result<()> {
    for exercise in Exercise::all(root())? {
        let page = exercise.folder.join("README.md");
        let text = fs::read_to_string(&page)?;
        let files: Vec<_> = text.lines().filter_map(definition).collect();
        for (label, path) in &files {
            let (one, other) = (root().join(label), exercise.folder.join(path));
            ensure!(
                fs::canonicalize(&other).ok() == fs::canonicalize(one).ok() && other.exists(),
                "{}: {label} does not lead to {path}",
                page.display()
            );
        }
        let is_linked = |item: &str| {
            let mut files = files.iter();
            let is_command = item.contains("--help`");
            is_command
                || item.contains("<https://")
                || files.any(|(label, _)| item.contains(&format!("[{label}]")))
        };
        let items = text.split("\n- ").flat_map(|part| part.split("\n\n"));
        for item in items.filter(|it| it.contains("Read: ") || it.starts_with("Afterwards ")) {
            ensure!(is_linked(item), "{}: no link in {item:?}", page.display());
        }
    }
    Ok(())
}

/// Returns the label and the path in a line such as `[label]: path`.
fn definition(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('[')?.split_once("]: ")
}

#[test]
fn old_versions_of_curl_know_the_options() -> Result<()> {
    let known: Vec<_> = CURL_OPTIONS.split(' ').collect();
    for page in pages()? {
        let text = fs::read_to_string(&page)?;
        let commands = text.split(['\n', ';', '|', '&', '(', '{']);
        let commands =
            commands.map(|it| it.trim_start_matches(['$', ' ']).trim_start_matches("do "));
        // workshop.md defines the three shortcuts.
        let shortcuts = ["curl ", "visit ", "at ", "one "];
        let of_curl = |it: &&str| shortcuts.iter().any(|word| it.starts_with(word));
        for command in commands.filter(of_curl) {
            for option in options(command) {
                ensure!(
                    known.contains(&&*option),
                    "{}: is {option} known to curl 7.81? {command}",
                    page.display()
                );
            }
        }
    }
    Ok(())
}

/// Returns the options of a command, each letter of `-sS` separately.
fn options(command: &str) -> Vec<String> {
    let words = command
        .split_whitespace()
        .filter(|word| word.starts_with('-'));
    words
        .flat_map(|word| match word.strip_prefix("--") {
            Some(_) => vec![word.to_owned()],
            None => word[1..]
                .chars()
                .map(|letter| format!("-{letter}"))
                .collect(),
        })
        .collect()
}
