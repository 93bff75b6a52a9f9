//! Prepares a page for byexample, which runs each line that begins with `$ ` in a code block, or in
//! an HTML comment at the beginning of a line.
//!
//! byexample has one shell for the whole page, while the reader has several terminals. So:
//! - `Ctrl-C` in the prose becomes the command `ctrl-c` before the next command
//! - a command that starts a server prints nothing if the page shows no output
//! - scripts of the project become the shims with the same names
//! - commands with Docker get more time, or their blocks are removed if there is no Docker

use std::{collections::HashMap, mem};

/// The scripts that have shims.
const SCRIPTS: [&str; 2] = ["scripts/demo.sh", "scripts/workshop.sh"];

/// byexample's option for a command with Docker, which may build images.
const DOCKER_OPTION: &str = "+timeout=600";

/// A page that byexample can run.
pub(crate) struct Page {
    /// The text, with as many lines as the original.
    pub(crate) text: String,
    /// The number of commands.
    pub(crate) commands: usize,
    /// The original of each changed line of a command.
    originals: HashMap<String, String>,
}

/// The first line of a command, and the line after its last.
type Command = (usize, usize);

impl Page {
    /// Prepares `text`. Without `docker`, removes the blocks that need Docker.
    pub(crate) fn new(text: &str, docker: bool) -> Self {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        let mut page = Self {
            text: String::new(),
            commands: 0,
            originals: HashMap::new(),
        };
        // Whether the prose since the last command contains Ctrl-C.
        let mut ctrl_c = false;
        let mut at = 0;
        while at < lines.len() {
            let Some(end) = block_end(&lines, at) else {
                ctrl_c |= lines[at].contains("Ctrl-C");
                at += 1;
                continue;
            };
            let commands = commands(&lines, at, end);
            let needs_docker = |command: &Command| needs_docker(&lines, *command);
            if !docker && commands.iter().any(needs_docker) {
                lines[at..end].iter_mut().for_each(String::clear);
            } else {
                for command in commands {
                    page.prepare(&mut lines, command, mem::take(&mut ctrl_c));
                }
            }
            at = end;
        }
        page.text = lines.join("\n") + "\n";
        page
    }

    /// Returns whether a command of `text` needs Docker.
    pub(crate) fn needs_docker(text: &str) -> bool {
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        let mut commands = commands(&lines, 0, lines.len()).into_iter();
        commands.any(|command| needs_docker(&lines, command))
    }

    fn prepare(&mut self, lines: &mut [String], (first, end): Command, ctrl_c: bool) {
        let originals = lines[first..end].to_vec();
        let silent = starts_server(typed(&lines[first])) && !is_output(lines.get(end));
        let docker = needs_docker(lines, (first, end));
        let (indent, command) = lines[first].split_once("$ ").unwrap_or_default();
        let mut command = command.to_owned();
        for script in SCRIPTS {
            command = command.replace(script, script.trim_start_matches("scripts/"));
        }
        let ctrl_c = if ctrl_c { "ctrl-c; " } else { "" };
        let silent = if silent { "SILENT=1 " } else { "" };
        lines[first] = format!("{indent}$ {ctrl_c}{silent}{command}");
        if docker {
            let last = &mut lines[end - 1];
            let has_options = last.contains("# byexample:");
            *last += if has_options { " " } else { " # byexample: " };
            *last += DOCKER_OPTION;
        }
        self.commands += 1;
        let pairs = lines[first..end].iter().zip(originals);
        let pairs = pairs.map(|(line, original)| (typed(line).into(), typed(&original).into()));
        self.originals.extend(pairs);
    }

    /// Returns the original of `line`, if it shows a command in byexample's report.
    pub(crate) fn original(&self, line: &str) -> String {
        let command = line.strip_prefix("    ").map(str::trim_end);
        match command.and_then(|command| self.originals.get(command)) {
            Some(original) => format!("    {original}"),
            None => line.to_owned(),
        }
    }
}

/// Returns the line after the code block or comment that begins at `start`, if there is one.
fn block_end(lines: &[String], start: usize) -> Option<usize> {
    let first = lines[start].trim_start();
    let fence: String = first.chars().take_while(|&c| c == '`').collect();
    let last = if first.starts_with("<!--") {
        (start..lines.len()).find(|&at| lines[at].contains("-->"))
    } else if fence.len() >= 3 {
        (start + 1..lines.len()).find(|&at| lines[at].trim_start().starts_with(&fence))
    } else {
        return None;
    };
    Some(last.map_or(lines.len(), |last| last + 1))
}

/// Returns the commands between the lines `start` and `end`.
fn commands(lines: &[String], start: usize, end: usize) -> Vec<Command> {
    let is_command = |line: &str| {
        let line = line.trim_start();
        line.trim_start_matches("<!-- ").starts_with("$ ")
    };
    let is_continued = |at: &usize| lines[*at].trim_start().starts_with("> ");
    (start..end)
        .filter(|&at| is_command(&lines[at]))
        .map(|first| {
            (
                first,
                first + 1 + (first + 1..end).take_while(is_continued).count(),
            )
        })
        .collect()
}

/// Returns `line` without its prompt.
fn typed(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches("<!-- ");
    let mut prompts = ["$ ", "> "].into_iter();
    let command = prompts.find_map(|prompt| line.strip_prefix(prompt));
    command.unwrap_or(line).trim_end()
}

fn needs_docker(lines: &[String], (first, end): Command) -> bool {
    let mut words = lines[first..end]
        .iter()
        .flat_map(|line| typed(line).split_whitespace());
    words.any(|word| word == "docker")
}

/// Returns whether `command` starts a demo or the story, which keep running.
fn starts_server(command: &str) -> bool {
    let mut words = command
        .split_whitespace()
        .skip_while(|word| word.contains('='));
    match words.next() {
        Some("cargo") => words.next() == Some("run") && words.any(|word| word.starts_with("demo-")),
        Some("scripts/demo.sh") => true,
        _ => false,
    }
}

/// Returns whether `line`, which follows a command, shows output.
fn is_output(line: Option<&String>) -> bool {
    let line = line.map_or("", |line| line.trim());
    let others = ["$ ", "```", "-->"];
    !line.is_empty() && !others.iter().any(|other| line.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(original: &str, docker: bool, expected: &str) {
        let page = Page::new(original, docker);
        assert_eq!(page.text, expected);
        assert_eq!(page.text.lines().count(), original.lines().count());
    }

    #[test]
    fn ctrl_c_in_the_prose_comes_before_the_next_command() {
        let prose = "$ no block\nCtrl-C that.\n\n```sh\nuntil Ctrl-C\n```\n```console\n";
        check(
            &format!("{prose}$ one\nCtrl-C\n$ two\n```\n"),
            true,
            &format!("{prose}$ ctrl-c; one\nCtrl-C\n$ two\n```\n"),
        );
        let comment = "Ctrl-C\n<!-- $ ctrl-c; one -->\n";
        check("Ctrl-C\n<!-- $ one -->\n", true, comment);
    }

    #[test]
    fn server_is_silent_if_the_page_shows_no_output() {
        check(
            "```console\n$ A=b cargo run -p demo-file\n$ scripts/demo.sh --port 5050\n<...>\n```\n",
            true,
            "```console\n$ SILENT=1 A=b cargo run -p demo-file\n$ demo.sh --port 5050\n<...>\n```\n",
        );
        let others = "```console\n$ cargo run -p exercises\n$ cargo test demo-file\n```\n";
        check(others, true, others);
    }

    #[test]
    fn docker_gets_more_time_or_is_left_out() {
        let prose = "prose\n```console\n$ cat docker-compose.yml\n```\n";
        let original = format!("```console\n$ docker compose \\\n> up\n```\n{prose}");
        let option = "# byexample: +timeout=600";
        let expected = format!("```console\n$ docker compose \\\n> up {option}\n```\n{prose}");
        assert!(Page::needs_docker(&original));
        check(&original, false, &format!("\n\n\n\n{prose}"));
        check(&original, true, &expected);
        check(
            "```console\n$ docker ps  # byexample: +pass\n```\n",
            true,
            "```console\n$ docker ps  # byexample: +pass +timeout=600\n```\n",
        );
    }

    #[test]
    fn report_shows_the_original() {
        let page = Page::new("Ctrl-C\n```console\n$ scripts/demo.sh\n```\n", true);
        let (changed, original) = ("    ctrl-c; SILENT=1 demo.sh", "    scripts/demo.sh");
        assert_eq!(page.original(changed), original);
        assert_eq!(page.original(changed.trim()), changed.trim());
    }
}
