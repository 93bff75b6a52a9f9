//! How fast the scenes are played.

use std::{
    io::{self, IsTerminal, Write},
    thread,
    time::Duration,
};

use anyhow::{Result, ensure};
use tokio::{
    sync::{
        Mutex,
        mpsc::{UnboundedReceiver, unbounded_channel},
    },
    time::sleep,
};

/// Moves the cursor up, over the empty line that Enter has left.
const UP: &str = "\x1b[A";

/// The wait before each step of a scene.
#[derive(Debug, Default)]
pub enum Pace {
    #[default]
    Nothing,
    Pause(Duration),
    Enter(Keyboard),
}

/// The lines that are typed at the terminal.
#[derive(Debug)]
pub struct Keyboard(Mutex<UnboundedReceiver<String>>);

impl Keyboard {
    /// Reads the standard input. Returns an error if it is not a terminal.
    pub fn open() -> Result<Self> {
        ensure!(
            io::stdin().is_terminal(),
            "--step waits for Enter, so it needs a terminal; use --pace 1s instead"
        );
        let (sender, lines) = unbounded_channel();
        // A read from a terminal cannot be cancelled. This thread ends with the process.
        thread::spawn(move || {
            let mut typed = io::stdin().lines().map_while(Result::ok);
            typed.try_for_each(|line| sender.send(line))
        });
        Ok(Self(Mutex::new(lines)))
    }
}

impl Pace {
    /// Returns whether the scenes are played one after the other.
    pub(crate) fn is_slow(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// Waits before a step whose scene is narrated to `out`. At the end of the input, no step waits for Enter any more.
    pub(crate) async fn wait(&self, out: &mut dyn Write) -> Result<()> {
        if self.is_slow() {
            out.flush()?;
        }
        match self {
            Self::Nothing => {}
            Self::Pause(pause) => sleep(*pause).await,
            Self::Enter(Keyboard(lines)) => {
                if lines.lock().await.recv().await.is_some() {
                    write!(out, "{UP}")?;
                }
            }
        }
        Ok(())
    }
}
