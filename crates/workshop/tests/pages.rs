//! What README.md, workshop.md and the exercises' pages refer to is there, and is called what it is called.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use testkit::root;
use workshop::exercise::Exercise;

/// The targets of the links of `page`.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0))
}

/// The anchor that GitHub gives to `heading`.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches(['#', ' ']).to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_leads_somewhere() -> Result<()> {
    for page in ["README.md", "workshop.md"] {
        let text = fs::read_to_string(root().join(page))?;
        for link in links(&text).filter(|link| !link.starts_with("http")) {
            let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { page } else { file };
            let target = fs::read_to_string(root().join(file))
                .with_context(|| format!("{page} links to {file}"))?;
            let found = wanted.is_empty()
                || target
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .any(|line| anchor(line) == wanted);
            ensure!(
                found,
                "{page} links to {link}, and {file} has no such heading"
            );
        }
    }
    Ok(())
}

#[test]
fn every_file_that_a_page_names_is_there() -> Result<()> {
    let mut pages = vec![root().join("README.md"), root().join("workshop.md")];
    pages.extend(
        Exercise::all(root())?
            .iter()
            .map(|exercise| exercise.folder.join("README.md")),
    );
    for page in pages {
        let text = fs::read_to_string(&page)?;
        let words = text
            .split(|c: char| c.is_whitespace() || "`()[],;:\"".contains(c))
            .map(|word| word.trim_end_matches('.'));
        let is_path = |word: &&str| {
            ["exercises/", "scripts/", "demos/", "crates/", "haproxy/"]
                .iter()
                .any(|folder| word.starts_with(folder))
        };
        for path in words
            .filter(is_path)
            .filter(|path| !path.contains(['*', '<']))
        {
            ensure!(
                root().join(path).exists(),
                "{} names {path}",
                page.display()
            );
        }
    }
    Ok(())
}

#[test]
fn the_workshop_has_every_exercise_under_its_name_and_with_its_minutes() -> Result<()> {
    let text = fs::read_to_string(root().join("workshop.md"))?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for Exercise {
        number,
        name,
        info,
        folder,
    } in Exercise::all(root())?
    {
        let link = format!(
            "[{number}. {}](exercises/{number:02}-{name}/README.md) ({} minutes",
            info.title, info.minutes
        );
        ensure!(text.contains(&link), "workshop.md lacks {link}");
        let task = fs::read_to_string(folder.join("README.md"))?;
        let title = format!("# {number}. {}", info.title);
        ensure!(
            task.lines().next() == Some(&title),
            "the page of exercise {number} does not begin with {title:?}"
        );
        let wide = task.lines().find(|line| line.chars().count() > 80);
        ensure!(
            wide.is_none(),
            "exercise {number}: wider than a terminal: {}",
            wide.unwrap_or_default()
        );
    }
    Ok(())
}

/// The numbers of the minutes in `text`, each with the words behind it.
fn minutes(text: &str) -> impl Iterator<Item = (u32, &str)> {
    text.split([')', '\n']).filter_map(|part| {
        let (number, words) = part.rsplit_once('(')?.1.split_once(' ')?;
        words.starts_with("minutes").then_some(())?;
        Some((number.parse().ok()?, words))
    })
}

#[test]
fn the_steps_and_the_exercises_take_as_long_as_the_workshop_says() -> Result<()> {
    let text = fs::read_to_string(root().join("workshop.md"))?;
    let first = text
        .split_once("## Chapter 1")
        .context("no chapter 1")?
        .1
        .split_once("### What you have seen")
        .context("no end")?
        .0;
    let second = text
        .split_once("\n## Chapter 2")
        .context("no chapter 2")?
        .1
        .split_once("\n## ")
        .context("no end")?
        .0;
    let (mut core, mut containers, mut extra) = (0, 0, 0);
    for step in first.split("\n### ").skip(1) {
        for (number, words) in minutes(step) {
            let sum = if step.contains("with Docker") {
                &mut containers
            } else if words.contains("extra") {
                &mut extra
            } else {
                &mut core
            };
            *sum += number;
        }
    }
    let signing_in: u32 = minutes(second).map(|(number, _)| number).sum();
    for said in [
        format!("| {core} |"),
        format!("| {containers} more |"),
        format!("| {extra} more |"),
        format!("| {signing_in} |"),
    ] {
        ensure!(text.contains(&said), "workshop.md does not say {said}");
    }
    Ok(())
}

#[test]
fn the_table_of_troubles_has_the_words_of_the_runner() -> Result<()> {
    let table = fs::read_to_string(root().join("workshop.md"))?;
    for (words, source) in [
        ("this folder is on Windows", "commands/doctor/disk.rs"),
        ("this folder is on Windows", "commands/watch/mod.rs"),
        ("this is not about your work", "output.rs"),
    ] {
        ensure!(table.contains(words), "workshop.md lacks {words}");
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(source);
        ensure!(
            fs::read_to_string(&source)?.contains(words),
            "{} does not say {words}",
            source.display()
        );
    }
    Ok(())
}

#[test]
fn an_anchor_is_a_heading_in_lower_case_with_hyphens() {
    assert_eq!(
        anchor("## Chapter 1: where sessions live"),
        "chapter-1-where-sessions-live"
    );
}
