//! Prepares a page for byexample, which runs each line that begins with `$ ` in a code block, or in an HTML comment at
//! the beginning of a line.
//!
//! byexample has one shell for the whole page, while the reader has several terminals. So:
//! - `Ctrl-C` in the prose becomes the command `ctrl-c` before the next command
//! - a command that starts a server prints nothing if the page shows no output
//! - a name in angle brackets in a command becomes the text that it stood for in an earlier output
//! - scripts of the project become the shims with the same names
//! - blocks with Docker are removed if there is no Docker

use std::mem;

use regex_lite::Regex;

/// Prepares `text`, and keeps the number of each line. Without `docker`, removes the blocks that need Docker.
pub(crate) fn prepare(text: &str, docker: bool) -> String {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    // Whether the prose since the last command contains Ctrl-C.
    let mut ctrl_c = false;
    let mut at = 0;
    while at < lines.len() {
        let Some(end) = block_end(&lines, at) else {
            ctrl_c |= lines[at].contains("Ctrl-C");
            at += 1;
            continue;
        };
        let block = &mut lines[at..end];
        if !docker && block.iter().any(|line| needs_docker(line)) {
            block.fill(String::new());
        }
        for first in 0..block.len() {
            if let Some((indent, command)) = command(&block[first]) {
                let mut rest = block[first + 1..].iter();
                let after = rest.find(|line| !line.trim_start().starts_with("> "));
                let silent = starts_server(command) && !after.is_some_and(|line| is_output(line));
                let silent = if silent { "SILENT=1 " } else { "" };
                let ctrl_c = if mem::take(&mut ctrl_c) {
                    "ctrl-c; "
                } else {
                    ""
                };
                let command = command
                    .replace("scripts/demo.sh", "demo.sh")
                    .replace("scripts/workshop.sh", "workshop.sh");
                let paste = if Regex::new("<[a-z-]+>").is_ok_and(|name| name.is_match(&command)) {
                    " # byexample: +paste"
                } else {
                    ""
                };
                block[first] = format!("{indent}$ {ctrl_c}{silent}{command}{paste}");
            }
        }
        at = end;
    }
    lines.join("\n") + "\n"
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

/// Returns what is before the prompt and after it, if there is a prompt in `line`.
fn command(line: &str) -> Option<(&str, &str)> {
    let (indent, command) = line.split_once("$ ")?;
    ["", "<!--"]
        .contains(&indent.trim())
        .then_some((indent, command))
}

/// Returns whether `line` is a command that needs Docker.
pub(crate) fn needs_docker(line: &str) -> bool {
    command(line).is_some_and(|(_, command)| command.split_whitespace().any(|it| it == "docker"))
}

/// Returns whether `command` starts servers, which keep running.
fn starts_server(command: &str) -> bool {
    let mut words = command
        .split_whitespace()
        .skip_while(|word| word.contains('='));
    match words.next() {
        Some("cargo") => words.next() == Some("run") && words.any(|word| word.starts_with("demo-")),
        Some("scripts/demo.sh") => true,
        Some("scripts/workshop.sh") => words.next() == Some("serve"),
        _ => false,
    }
}

/// Returns whether `line`, which follows a command, shows output.
fn is_output(line: &str) -> bool {
    let others = ["$ ", "```", "-->"];
    !line.trim().is_empty() && !others.iter().any(|other| line.trim().starts_with(other))
}
