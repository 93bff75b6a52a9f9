//! Reads what the attendee types.
//!
//! A read from the terminal cannot be cancelled. A separate thread does it, so that the program can handle Ctrl-C
//! meanwhile. The thread ends with the process.

use std::{
    io::{self, IsTerminal, Write},
    thread,
};

use anyhow::Result;
use tokio::sync::{
    mpsc::{UnboundedReceiver, unbounded_channel},
    oneshot,
};

/// Returns whether the program runs at a terminal, where the attendee can answer a question.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Prints `question` and returns the line typed after it; `None` at the end of the input.
pub(super) async fn ask(question: &str) -> Result<Option<String>> {
    let mut out = io::stdout();
    write!(out, "{question} ")?;
    out.flush()?;
    let (sender, line) = oneshot::channel();
    thread::spawn(move || sender.send(io::stdin().lines().next()));
    Ok(line.await?.transpose()?.map(|line| line.trim().to_owned()))
}

/// Returns a channel with each line that is typed, until the end of the input.
pub(super) fn lines() -> UnboundedReceiver<String> {
    let (sender, lines) = unbounded_channel();
    thread::spawn(move || {
        io::stdin()
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    lines
}
