//! `watch`: checks an exercise whenever its file is saved.
//!
//! `queue` decides which exercise is checked next, and runs its check.

mod queue;

use std::{collections::HashMap, fs, io::Write, time::Duration};

use anyhow::Result;
use tokio::time::{MissedTickBehavior, interval};

use self::queue::Queue;
use super::{
    Workshop, hint, input, list,
    overview::print_progress,
    predict::{print_question, save},
    task,
};
use crate::{exercise::Exercise, output::print_result, wrap::wrapped};

/// Reading a few small files so often costs next to nothing. Unlike the events of an operating system, it also works on
/// network drives and on the drives of Windows.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Describes what the attendee can type.
const MENU: &str = "Type h for a hint, p to predict, l for the list, t for the task (t N for another), \
    q to quit; Enter checks now.";

/// Checks each exercise whose file is saved, until the attendee types `q`. Begins with the task of `exercise`, or of
/// the current exercise.
///
/// Checks one exercise at a time. If its file is saved again meanwhile, the check starts again at once. If the file of
/// another exercise is saved, that exercise is checked next.
pub async fn watch(
    workshop: &Workshop,
    exercise: Option<&Exercise>,
    out: &mut dyn Write,
) -> Result<()> {
    let mut queue = Queue::new(workshop, exercise);
    print_progress(workshop, out)?;
    task(workshop, queue.current()?, out)?;
    let mut texts = HashMap::new();
    take_saves(workshop, &mut texts);
    let mut polls = interval(POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let menu = format!("Each save is checked. {MENU}");
    writeln!(out, "\n{}", wrapped(&menu, ""))?;
    out.flush()?;
    let mut lines = input::lines();
    let mut input_ended = false;
    loop {
        queue.start_next();
        tokio::select! {
            _ = polls.tick() => {
                for exercise in take_saves(workshop, &mut texts) {
                    queue.saved(exercise)?;
                }
            }
            line = lines.recv(), if !input_ended => match line {
                Some(line) if is_quit(&line) => return Ok(()),
                Some(line) => answer(workshop, &mut queue, line.trim(), out)?,
                None => input_ended = true,
            },
            (exercise, result) = queue.finished() => {
                print_result(workshop, exercise, &result?, out)?;
            }
        }
        out.flush()?;
    }
}

/// Returns the exercises whose texts have changed since the last call, and keeps their `texts`. Ignores missing and
/// empty files, because an editor may leave one for a moment while it saves.
fn take_saves<'a>(
    workshop: &'a Workshop,
    texts: &mut HashMap<&'a str, Vec<u8>>,
) -> Vec<&'a Exercise> {
    let mut exercises: Vec<_> = workshop.exercises.iter().collect();
    exercises.retain(|exercise| {
        let text = fs::read(exercise.file()).unwrap_or_default();
        !text.is_empty() && texts.insert(&exercise.name, text.clone()) != Some(text)
    });
    exercises
}

fn is_quit(line: &str) -> bool {
    ["q", "quit", "exit"].contains(&&*line.trim().to_lowercase())
}

/// Does what the attendee has typed.
fn answer<'a>(
    workshop: &'a Workshop,
    queue: &mut Queue<'a>,
    line: &str,
    out: &mut dyn Write,
) -> Result<()> {
    let current = queue.current()?;
    let all: Vec<_> = workshop.exercises.iter().collect();
    let lower = line.to_lowercase();
    match lower.split_whitespace().collect::<Vec<_>>()[..] {
        [] | ["c" | "check"] => drop(queue.push(current)),
        ["h" | "hint"] => hint(workshop, current, out)?,
        ["l" | "list"] => list(workshop, &all, out)?,
        ["t" | "task"] => task(workshop, current, out)?,
        ["t" | "task", n] => match workshop.choose(Some(n)) {
            Ok(exercise) => {
                queue.begin(exercise);
                task(workshop, exercise, out)?;
            }
            Err(error) => writeln!(out, "{error:#}")?,
        },
        ["p" | "predict"] => {
            print_question(current, out)?;
            writeln!(out, "\nTo answer, type p and a letter.")?;
        }
        ["p" | "predict", letter] => {
            if let Err(error) = save(workshop, current, letter, out) {
                writeln!(out, "{error:#}")?;
            }
        }
        _ => {
            let text = format!("There is no command {line:?} here. {MENU}");
            writeln!(out, "{}", wrapped(&text, ""))?;
        }
    }
    Ok(())
}
