//! What somebody types. It is read in a thread of its own, so that Ctrl-C is heard while nothing is typed: a wait for a
//! line can't be broken off, and goes with the process.

use std::{
    io::{self, IsTerminal, Write},
    thread,
};

use anyhow::Result;
use tokio::sync::{
    mpsc::{UnboundedReceiver, unbounded_channel},
    oneshot,
};

/// Whether somebody can be asked.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks `question` and returns what was typed; `None` at the end of the input.
pub(super) async fn ask(question: &str) -> Result<Option<String>> {
    print!("{question} ");
    io::stdout().flush()?;
    let (sender, line) = oneshot::channel();
    thread::spawn(move || sender.send(io::stdin().lines().next()));
    Ok(line.await?.transpose()?.map(|line| line.trim().to_owned()))
}

/// Every line that is typed, until the end of the input.
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
