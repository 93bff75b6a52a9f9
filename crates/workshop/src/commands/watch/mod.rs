//! `watch`: checks an exercise whenever its file is saved.
//!
//! - `notifications`: notifies that a file may have changed
//! - `saves`: finds the files whose texts have changed
//! - `queue`: decides which exercise is checked next, and runs its check
//! - `typed`: the lines that the attendee can type meanwhile

mod notifications;
mod queue;
mod saves;
mod typed;

use std::{io::Write, path::Path};

use anyhow::Result;

use self::{notifications::Notifications, queue::Queue, saves::Saves, typed::Typed};
use super::{
    Workshop, check, hint, input, list,
    predict::{print_question, save},
    status,
};
use crate::{wrap::wrapped, wsl::is_windows_folder};

/// Checks each exercise whose file is saved, until the attendee types `q`. With `poll`, or if the
/// operating system sends no events, reads the files every second.
///
/// Checks one exercise at a time. If its file is saved again meanwhile, the check starts again at
/// once. If the file of another exercise is saved, that exercise is checked next.
pub async fn watch(workshop: &Workshop, poll: bool, out: &mut dyn Write) -> Result<()> {
    status(workshop, out)?;
    let mut saves = Saves::new(&workshop.exercises);
    let (mut notifications, how) = notifications_in(&workshop.root.join("exercises"), poll);
    let menu = format!("Each save is checked{how}. {}", typed::MENU);
    writeln!(out, "\n{}", wrapped(&menu, ""))?;
    out.flush()?;
    let mut lines = input::lines();
    let mut input_ended = false;
    let mut queue = Queue::new(workshop);
    loop {
        queue.start_next();
        tokio::select! {
            () = notifications.next() => {
                for exercise in saves.take() {
                    queue.saved(exercise)?;
                }
            }
            line = lines.recv(), if !input_ended => match line.as_deref().map(Typed::from) {
                Some(Typed::Quit) => return Ok(()),
                Some(typed) => answer(workshop, &mut queue, &typed, out)?,
                None => input_ended = true,
            },
            (exercise, result) = queue.finished() => {
                check::print(workshop, exercise, &result?, out)?;
            }
        }
        out.flush()?;
    }
}

/// Returns notifications about `folder`, and a description of them for the attendee.
fn notifications_in(folder: &Path, poll: bool) -> (Notifications, String) {
    let why = if poll {
        String::new()
    } else if is_windows_folder(folder) {
        ": this folder is on Windows, which sends no events to Linux".to_owned()
    } else {
        match Notifications::events(folder) {
            Ok(notifications) => return (notifications, String::new()),
            Err(error) => format!(": the system sends no events: {error}"),
        }
    };
    (
        Notifications::polling(),
        format!(", within a second (polling{why})"),
    )
}

/// Does what the attendee has typed.
fn answer<'a>(
    workshop: &'a Workshop,
    queue: &mut Queue<'a>,
    typed: &Typed,
    out: &mut dyn Write,
) -> Result<()> {
    let current = queue.current()?;
    match typed {
        Typed::Check => drop(queue.push(current)),
        Typed::Hint => hint(workshop, current, out)?,
        Typed::List => list(workshop, out)?,
        Typed::Task => status(workshop, out)?,
        Typed::Question => {
            print_question(current, out)?;
            writeln!(out, "\nTo answer, type p and a letter.")?;
        }
        Typed::Prediction(letter) => {
            if let Err(error) = save(workshop, current, letter, out) {
                writeln!(out, "{error:#}")?;
            }
        }
        Typed::Unknown(line) => {
            let text = format!("There is no command {line:?} here. {}", typed::MENU);
            writeln!(out, "{}", wrapped(&text, ""))?;
        }
        Typed::Quit => {}
    }
    Ok(())
}
