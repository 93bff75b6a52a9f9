//! At a terminal, where somebody can be asked.

use std::{
    fs::File,
    io::{Read, Write},
    process::Child,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::{Context, Result};
use nix::{
    pty::openpty,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::wait_until;

use crate::{
    desk::{Desk, PATIENCE},
    reset::backups,
};

/// The runner at a terminal of its own.
struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<String>>,
}

impl Terminal {
    fn start(desk: &Desk, arguments: &[&str]) -> Result<Self> {
        let pair = openpty(None, None)?;
        let mut command = desk.workshop(arguments);
        command
            .stdin(pair.slave.try_clone()?)
            .stdout(pair.slave.try_clone()?)
            .stderr(pair.slave);
        let child = command.spawn()?;
        let keyboard = File::from(pair.master);
        let mut shown = keyboard.try_clone()?;
        let screen = Arc::new(Mutex::new(String::new()));
        let text = screen.clone();
        // Until the last of those who have the terminal has ended.
        thread::spawn(move || {
            let mut bytes = [0; 1024];
            while let Ok(length @ 1..) = shown.read(&mut bytes) {
                text.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push_str(&String::from_utf8_lossy(&bytes[..length]));
            }
        });
        Ok(Self {
            child,
            keyboard,
            screen,
        })
    }

    fn screen(&self) -> String {
        self.screen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn shows(&self, words: &str) -> Result<()> {
        let shown = wait_until(words, PATIENCE, async || {
            Ok(self.screen().contains(words).then_some(()))
        })
        .await;
        shown.with_context(|| self.screen())
    }

    /// Types `keys` once `words` are on the screen.
    async fn answers(&mut self, words: &str, keys: &str) -> Result<()> {
        self.shows(words).await?;
        Ok(self.keyboard.write_all(keys.as_bytes())?)
    }

    async fn ends(&mut self) -> Result<Option<i32>> {
        let ended = wait_until("the runner's end", PATIENCE, async || {
            Ok(self.child.try_wait()?)
        })
        .await;
        Ok(ended.with_context(|| self.screen())?.code())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[actix_rt::test]
async fn a_first_check_asks_for_a_prediction_until_it_is_one() -> Result<()> {
    let desk = Desk::new()?;
    desk.passing_cargo()?;
    let mut terminal = Terminal::start(&desk, &["check", "1"])?;
    terminal
        .answers("Your prediction (Enter to skip):", "x\n")
        .await?;
    terminal
        .answers("is none of the choices; they are a to d", "a\n")
        .await?;
    terminal.shows("Noted: a").await?;
    terminal.shows("You predicted a.").await?;
    assert_eq!(terminal.ends().await?, Some(0));
    // Once is enough.
    let mut again = Terminal::start(&desk, &["check", "1"])?;
    again.shows("You predicted a.").await?;
    assert!(
        !again.screen().contains("Enter to skip"),
        "{}",
        again.screen()
    );
    assert_eq!(again.ends().await?, Some(0));
    Ok(())
}

#[actix_rt::test]
async fn a_prediction_can_be_skipped() -> Result<()> {
    let desk = Desk::new()?;
    desk.passing_cargo()?;
    // Enter, and the end of the input.
    for key in ["\n", "\u{4}"] {
        let mut terminal = Terminal::start(&desk, &["check", "1"])?;
        terminal
            .answers("Your prediction (Enter to skip):", key)
            .await?;
        terminal.shows("PASSED").await?;
        assert!(
            !terminal.screen().contains("Noted"),
            "{}",
            terminal.screen()
        );
        assert_eq!(terminal.ends().await?, Some(0));
    }
    Ok(())
}

#[actix_rt::test]
async fn a_reset_asks_first_and_no_is_no() -> Result<()> {
    let desk = Desk::new()?;
    desk.write("my work")?;
    for key in ["n\n", "\n", "\u{4}"] {
        let mut terminal = Terminal::start(&desk, &["reset", "1"])?;
        terminal.answers("[y/N]", key).await?;
        terminal.shows("Nothing was changed.").await?;
        assert_eq!(terminal.ends().await?, Some(0));
        assert!(!desk.exercise()?.is_untouched()?);
    }
    let mut terminal = Terminal::start(&desk, &["reset", "1"])?;
    terminal.answers("[y/N]", "y\n").await?;
    terminal.shows("is the starter again").await?;
    assert_eq!(terminal.ends().await?, Some(0));
    assert!(desk.exercise()?.is_untouched()? && backups(&desk)?[0].1.contains("my work"));
    Ok(())
}

#[actix_rt::test]
async fn a_question_can_be_broken_off() -> Result<()> {
    let desk = Desk::new()?;
    desk.write("my work")?;
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut terminal = Terminal::start(&desk, &["reset", "1"])?;
        terminal.shows("[y/N]").await?;
        kill(Pid::from_raw(i32::try_from(terminal.child.id())?), signal)?;
        assert_eq!(terminal.ends().await?, Some(130), "{signal}");
        assert!(!desk.exercise()?.is_untouched()?);
    }
    Ok(())
}
