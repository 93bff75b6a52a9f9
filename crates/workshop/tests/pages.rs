//! README.md, workshop.md, docs/operation.md and the exercises' pages agree with the files, exercises and messages that they mention.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use testkit::root;
use workshop::exercise::Exercise;

fn read(path: impl AsRef<Path>) -> Result<String> {
    let path = root().join(path);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Returns the targets of the links in `page`.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let parts = page.split("](").skip(1);
    parts.filter_map(|part| Some(part.split_once(')')?.0))
}

/// Returns GitHub's anchor for `heading`.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches(['#', ' ']).to_lowercase();
    heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn links_have_targets() -> Result<()> {
    for page in ["README.md", "workshop.md", "docs/operation.md"] {
        let text = read(page)?;
        for link in links(&text).filter(|link| !link.starts_with("http")) {
            let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
            let path = match file {
                "" => PathBuf::from(page),
                file => Path::new(page).with_file_name(file),
            };
            let target = read(&path).with_context(|| format!("{page} links to {link}"))?;
            let mut headings = target.lines().filter(|line| line.starts_with('#'));
            ensure!(
                wanted.is_empty() || headings.any(|heading| anchor(heading) == wanted),
                "{page} links to {link}, which has no such heading"
            );
        }
    }
    Ok(())
}

#[test]
fn files_on_the_pages_exist() -> Result<()> {
    let folders = ["exercises/", "scripts/", "demos/", "crates/", "haproxy/"];
    let pages = ["README.md", "workshop.md", "docs/operation.md"];
    let mut pages: Vec<_> = pages.iter().map(|page| root().join(page)).collect();
    let exercises = Exercise::all(root())?.into_iter();
    pages.extend(exercises.map(|exercise| exercise.folder.join("README.md")));
    for page in pages {
        let text = fs::read_to_string(&page)?;
        let words = text.split(|c: char| c.is_whitespace() || "`()[],;:\"".contains(c));
        for path in words.map(|word| word.trim_end_matches('.')) {
            let is_path = folders.iter().any(|folder| path.starts_with(folder));
            ensure!(
                !is_path || path.contains(['*', '<']) || root().join(path).exists(),
                "{} mentions {path}, which does not exist",
                page.display()
            );
        }
    }
    Ok(())
}

#[test]
fn workshop_links_each_exercise_with_its_title_and_minutes() -> Result<()> {
    let text = read("workshop.md")?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for exercise in Exercise::all(root())? {
        let Exercise {
            number, name, info, ..
        } = &exercise;
        let (title, minutes) = (&info.title, info.minutes);
        let page = format!("exercises/{number:02}-{name}/README.md");
        let link = format!("[{number}. {title}]({page}) ({minutes} minutes");
        ensure!(text.contains(&link), "workshop.md lacks {link}");
        let task = read(&page)?;
        ensure!(
            task.lines().next() == Some(&format!("# {number}. {title}")),
            "{page} does not begin with its title, {title:?}"
        );
        // The targets of its links, at its end, may be longer: the runner leaves them out.
        let mut lines = task.lines().filter(|line| !line.starts_with('['));
        let wide = lines.find(|line| line.chars().count() > 80);
        ensure!(wide.is_none(), "{page} is wider than a terminal: {wide:?}");
    }
    Ok(())
}

/// Returns the lines of `page` that a reader sees before unfolding anything.
fn unfolded(page: &str) -> impl Iterator<Item = &str> {
    let mut folded = false;
    page.lines().filter(move |line| {
        folded = (folded || line.contains("<details>")) && !line.contains("</details>");
        !folded
    })
}

/// Before a prediction, a step shows nothing that could answer it. It starts the servers of its own number.
#[test]
fn steps_spoil_nothing_and_say_how_many_terminals_they_need() -> Result<()> {
    let text = read("workshop.md")?;
    let steps = text.split("\n### ").skip(1);
    let steps = steps.filter(|step| step.starts_with(|c: char| c.is_ascii_digit()));
    for step in steps {
        let (heading, body) = step.split_once('\n').context("a step without a body")?;
        let (number, _) = heading.split_once('.').context("a step without a number")?;
        let terminals = [" one terminal", " two terminals"];
        ensure!(
            terminals.iter().any(|words| heading.contains(words)),
            "step {number} does not say how many terminals it needs"
        );
        let (question, rest) = body
            .split_once("**Predict.**")
            .with_context(|| format!("step {number} has no prediction"))?;
        ensure!(
            question.contains("**Question.**"),
            "step {number} predicts before it asks"
        );
        ensure!(
            !question.contains("demo.sh") && !rest.contains("$ scripts/demo.sh"),
            "step {number} plays scenes"
        );
        for part in ["**Explanation.**", "**Take home.**"] {
            ensure!(
                !unfolded(rest).any(|line| line.starts_with(part)),
                "step {number} does not fold its {part}"
            );
        }
        let serve = "$ scripts/workshop.sh serve ";
        for line in body.lines().filter_map(|line| line.strip_prefix(serve)) {
            ensure!(
                line == number,
                "step {number} starts the servers of step {line}"
            );
        }
    }
    Ok(())
}

#[test]
fn readme_begins_with_the_workshop_and_folds_outcomes() -> Result<()> {
    let text = read("README.md")?;
    let first = links(&text).next();
    ensure!(first == Some("workshop.md"), "the first link is {first:?}");
    let mut in_console = false;
    for line in unfolded(&text) {
        in_console |= line.starts_with("```console");
        in_console &= line != "```";
        let shown = ["```console", "$ ", "<...>"];
        ensure!(
            !in_console || shown.iter().any(|start| line.starts_with(start)),
            "README.md does not fold {line:?}"
        );
    }
    Ok(())
}

/// Returns each number of minutes in `text`, with the words after it.
fn minutes(text: &str) -> impl Iterator<Item = (u32, &str)> {
    text.split([')', '\n']).filter_map(|part| {
        let (number, words) = part.rsplit_once('(')?.1.split_once(' ')?;
        words.starts_with("minutes").then_some(())?;
        Some((number.parse().ok()?, words))
    })
}

#[test]
fn workshop_shows_the_sums_of_its_minutes() -> Result<()> {
    let text = read("workshop.md")?;
    let between = |start: &str, end: &str| {
        let (_, part) = text.split_once(start)?;
        Some(part.split_once(end)?.0)
    };
    let first = between("## Chapter 1", "### What you have seen").context("no chapter 1")?;
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
    let mut cells = vec![
        format!("| {core} |"),
        format!("| {containers} more |"),
        format!("| {extra} more |"),
    ];
    let chapters = (2..).map_while(|number| between(&format!("\n## Chapter {number}"), "\n## "));
    cells.extend(chapters.map(|chapter| {
        let sum: u32 = minutes(chapter).map(|(number, _)| number).sum();
        format!("| {sum} |")
    }));
    ensure!(cells.len() > 4, "workshop.md has no later chapters");
    for cell in cells {
        ensure!(text.contains(&cell), "workshop.md lacks {cell}");
    }
    Ok(())
}

#[test]
fn troubleshooting_quotes_the_runner() -> Result<()> {
    let table = read("workshop.md")?;
    for (words, source) in [
        ("this folder is on Windows", "commands/doctor/disk.rs"),
        ("this is not about your work", "output.rs"),
        ("was changed; the check uses it as it is.", "changed.rs"),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let code = fs::read_to_string(folder.join(source))?;
        ensure!(table.contains(words), "workshop.md lacks {words:?}");
        ensure!(code.contains(words), "{source} lacks {words:?}");
    }
    Ok(())
}
