//! A page for byexample: the same, line by line, with what a person does beyond typing.
//!
//! byexample runs the lines that begin with `$ ` in every code block and in every HTML comment that begins a line.

use std::collections::HashMap;

/// The scripts of the project that a shim of the same name stands for.
const SCRIPTS: [&str; 2] = ["scripts/demo.sh", "scripts/workshop.sh"];

/// Longest that a command with Docker may take: it may build images.
const DOCKER: &str = "+timeout=600";

/// A page, ready to be typed.
pub(crate) struct Page {
    /// Its text, with as many lines as the original.
    pub(crate) text: String,
    /// What it has of commands.
    pub(crate) commands: usize,
    /// What the original has, by what is typed for it.
    originals: HashMap<String, String>,
}

/// A command's lines in a page: the first, and the one behind the last.
type Command = (usize, usize);

impl Page {
    /// Prepares `text`. Whether there is Docker decides about the blocks that need it.
    pub(crate) fn new(text: &str, docker: bool) -> Self {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        let mut page = Self {
            text: String::new(),
            commands: 0,
            originals: HashMap::new(),
        };
        // Whether the prose since the last command says Ctrl-C.
        let mut ctrl_c = false;
        let mut at = 0;
        while at < lines.len() {
            let Some(end) = block_end(&lines, at) else {
                ctrl_c |= lines[at].contains("Ctrl-C");
                at += 1;
                continue;
            };
            let commands = commands(&lines, at, end);
            if !docker
                && commands
                    .iter()
                    .any(|command| needs_docker(&lines, *command))
            {
                lines[at..end].iter_mut().for_each(String::clear);
            } else {
                for command in commands {
                    page.prepare(&mut lines, command, std::mem::take(&mut ctrl_c));
                }
            }
            at = end;
        }
        page.text = lines.join("\n") + "\n";
        page
    }

    /// Whether a block of `text` needs Docker.
    pub(crate) fn needs_docker(text: &str) -> bool {
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        commands(&lines, 0, lines.len())
            .into_iter()
            .any(|command| needs_docker(&lines, command))
    }

    fn prepare(&mut self, lines: &mut [String], (first, end): Command, ctrl_c: bool) {
        let originals = lines[first..end].to_vec();
        let silent = starts_something(typed(&lines[first])) && !has_answer(lines.get(end));
        let docker = needs_docker(lines, (first, end));
        let (indent, command) = lines[first].split_once("$ ").unwrap_or_default();
        let prefix = [(ctrl_c, "ctrl-c; "), (silent, "SILENT=1 ")]
            .into_iter()
            .filter_map(|(wanted, prefix)| wanted.then_some(prefix));
        let command = SCRIPTS.iter().fold(command.to_owned(), |text, script| {
            text.replace(script, script.trim_start_matches("scripts/"))
        });
        lines[first] = format!("{indent}$ {}{command}", prefix.collect::<String>());
        if docker {
            let last = &mut lines[end - 1];
            *last += if last.contains("# byexample:") {
                " "
            } else {
                " # byexample: "
            };
            *last += DOCKER;
        }
        self.commands += 1;
        for (line, original) in lines[first..end].iter().zip(originals) {
            self.originals
                .insert(typed(line).to_owned(), typed(&original).to_owned());
        }
    }

    /// The line of a report as it would be if the original had been typed.
    pub(crate) fn original<'a>(&'a self, line: &'a str) -> String {
        match line
            .strip_prefix("    ")
            .and_then(|typed| self.originals.get(typed.trim_end()))
        {
            Some(original) => format!("    {original}"),
            None => line.to_owned(),
        }
    }
}

/// The line behind the block, code or comment, that begins at `start`, if one does.
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

/// The commands from line `start` to before line `end`.
fn commands(lines: &[String], start: usize, end: usize) -> Vec<Command> {
    let firsts = (start..end).filter(|&at| {
        lines[at]
            .trim_start()
            .trim_start_matches("<!-- ")
            .starts_with("$ ")
    });
    firsts
        .map(|first| {
            (
                first,
                (first + 1..end)
                    .find(|&at| !lines[at].trim_start().starts_with("> "))
                    .unwrap_or(end),
            )
        })
        .collect()
}

/// What is typed in `line`, without its prompt.
fn typed(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches("<!-- ");
    line.strip_prefix("$ ")
        .or_else(|| line.strip_prefix("> "))
        .unwrap_or(line)
        .trim_end()
}

fn needs_docker(lines: &[String], (first, end): Command) -> bool {
    lines[first..end]
        .iter()
        .any(|line| typed(line).split_whitespace().any(|word| word == "docker"))
}

/// Whether `command` starts what goes on running: a demo, or the story.
fn starts_something(command: &str) -> bool {
    let mut words = command
        .split_whitespace()
        .skip_while(|word| word.contains('='));
    match words.next() {
        Some("cargo") => words.next() == Some("run") && words.any(|word| word.starts_with("demo-")),
        Some("scripts/demo.sh") => true,
        _ => false,
    }
}

/// Whether the line behind a command is the beginning of its answer.
fn has_answer(line: Option<&String>) -> bool {
    line.is_some_and(|line| {
        !["$ ", "```", "-->"]
            .iter()
            .any(|other| line.trim_start().starts_with(other))
            && !line.trim().is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(original: &str, docker: bool, typed: &str) {
        let page = Page::new(original, docker);
        assert_eq!(page.text, typed);
        assert_eq!(page.text.lines().count(), original.lines().count());
    }

    #[test]
    fn prose_that_says_ctrl_c_ends_what_runs_before_the_next_command() {
        check(
            "$ no block\nCtrl-C that.\n\n```sh\nuntil Ctrl-C\n```\n```console\n$ one\nCtrl-C\n$ two\n```\n",
            true,
            "$ no block\nCtrl-C that.\n\n```sh\nuntil Ctrl-C\n```\n```console\n$ ctrl-c; one\nCtrl-C\n$ two\n```\n",
        );
        check(
            "Ctrl-C\n<!-- $ one -->\n",
            true,
            "Ctrl-C\n<!-- $ ctrl-c; one -->\n",
        );
    }

    #[test]
    fn what_starts_is_silent_where_the_page_shows_no_answer() {
        check(
            "```console\n$ A=b cargo run -p demo-file\n$ scripts/demo.sh --port 5050\n<...>\n```\n",
            true,
            "```console\n$ SILENT=1 A=b cargo run -p demo-file\n$ demo.sh --port 5050\n<...>\n```\n",
        );
        check(
            "```console\n$ cargo run -p exercises\n$ cargo test demo-file\n```\n",
            true,
            "```console\n$ cargo run -p exercises\n$ cargo test demo-file\n```\n",
        );
    }

    #[test]
    fn a_command_with_docker_has_more_time_and_its_block_goes_without_docker() {
        let original = "```console\n$ docker compose \\\n> up\n```\nprose\n```console\n$ cat docker-compose.yml\n```\n";
        assert!(Page::needs_docker(original));
        check(
            original,
            false,
            "\n\n\n\nprose\n```console\n$ cat docker-compose.yml\n```\n",
        );
        check(
            original,
            true,
            "```console\n$ docker compose \\\n> up # byexample: +timeout=600\n```\nprose\n```console\n$ cat docker-compose.yml\n```\n",
        );
        check(
            "```console\n$ docker ps  # byexample: +pass\n```\n",
            true,
            "```console\n$ docker ps  # byexample: +pass +timeout=600\n```\n",
        );
    }

    #[test]
    fn a_report_shows_the_original() {
        let page = Page::new("Ctrl-C\n```console\n$ scripts/demo.sh\n```\n", true);
        assert_eq!(
            page.original("    ctrl-c; SILENT=1 demo.sh"),
            "    scripts/demo.sh"
        );
        assert_eq!(
            page.original("ctrl-c; SILENT=1 demo.sh"),
            "ctrl-c; SILENT=1 demo.sh"
        );
    }
}
