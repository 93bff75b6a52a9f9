//! The runner of the workshop's steps and exercises. `scripts/workshop.sh` builds and starts this program.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};
use testkit::{Output, is_closed_output, note};
use workshop::{
    commands::{self, Workshop},
    wrap::wrapped,
};

/// Shows your progress in the workshop's exercises and the next task.
#[derive(Parser)]
#[command(version, bin_name = testkit::typed_name())]
struct Args {
    /// The tree with the exercises
    #[arg(
        long,
        env = "WORKSHOP_ROOT",
        value_name = "DIR",
        default_value = testkit::root().as_os_str(),
        hide = true,
        global = true
    )]
    root: PathBuf,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Show the task of the current exercise, or of exercise N
    Task {
        /// Number or name
        n: Option<String>,
    },
    /// Show all exercises
    List {
        /// Number or name
        n: Option<String>,
    },
    /// Check your work on the current exercise, or on exercise N
    Check {
        /// Number or name
        n: Option<String>,
    },
    /// Check an exercise whenever you save its file
    Watch {
        /// Number or name of the exercise to begin with
        n: Option<String>,
    },
    /// Predict what will happen, before you see it
    Predict {
        /// Number or name
        n: Option<String>,
        /// Your choice; without it, you are asked
        letter: Option<String>,
    },
    /// Show one more hint
    Hint {
        /// Number or name
        n: Option<String>,
    },
    /// Replace your work with the starter, and keep a backup
    #[command(group = clap::ArgGroup::new("which").required(true).args(["n", "all"]))]
    Reset {
        /// Number or name
        n: Option<String>,
        /// All exercises
        #[arg(long)]
        all: bool,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Show the solution of an exercise that has passed
    Solution {
        /// Number or name
        n: Option<String>,
        /// Show it even if the exercise hasn't passed
        #[arg(long)]
        i_give_up: bool,
    },
    /// Show what you have done
    Report {
        /// Number or name
        n: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Start the servers of a step of workshop.md, and show their log
    Serve {
        /// Number of the step
        step: u32,
        /// The port for visitors; several servers use the next ports
        #[arg(long, env = "HTTP_PORT", default_value_t = 5000, value_parser = clap::value_parser!(u16).range(1..))]
        port: u16,
        /// The port of Redis
        #[arg(long, value_name = "PORT", default_value_t = commands::REDIS_PORT, value_parser = clap::value_parser!(u16).range(1..))]
        redis_port: u16,
    },
    /// Examine this machine, and show how to get what is missing
    Doctor {
        /// A port that you will use instead of 5000 to 5003
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        port: Vec<u16>,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    match actix_rt::System::new().block_on(testkit::unless_stopped(run(args))) {
        Some(Ok(true)) => ExitCode::SUCCESS,
        Some(Ok(false)) => ExitCode::FAILURE,
        None => {
            note("\nstopped; no process is left running");
            ExitCode::from(130)
        }
        Some(Err(error)) if is_closed_output(&error) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            note(wrapped(&format!("error: {error:#}"), ""));
            ExitCode::FAILURE
        }
    }
}

/// Runs the command. Returns `false` if the check failed or the doctor found something missing.
async fn run(args: Args) -> Result<bool> {
    let out = &mut Output(anstream::stdout());
    let workshop = Workshop::open(args.root)?;
    let choose = |n: Option<String>| workshop.choose(n.as_deref());
    match args.command {
        None => commands::status(&workshop, out)?,
        Some(Command::Task { n }) => commands::task(&workshop, choose(n)?, out)?,
        Some(Command::List { n }) => {
            commands::list(&workshop, &workshop.choose_all(n.as_deref())?, out)?;
        }
        Some(Command::Check { n }) => return commands::check(&workshop, choose(n)?, out).await,
        Some(Command::Watch { n }) => {
            let exercise = n.map(|n| workshop.choose(Some(&n))).transpose()?;
            commands::watch(&workshop, exercise, out).await?;
        }
        Some(Command::Predict { n, letter }) => {
            commands::predict(&workshop, choose(n)?, letter.as_deref(), out).await?;
        }
        Some(Command::Hint { n }) => commands::hint(&workshop, choose(n)?, out)?,
        Some(Command::Reset { n, yes, .. }) => {
            let exercises = workshop.choose_all(n.as_deref())?;
            commands::reset(&workshop, exercises, yes, out).await?;
        }
        Some(Command::Solution { n, i_give_up }) => {
            commands::solution(&workshop, choose(n)?, i_give_up, out)?;
        }
        Some(Command::Report { n, json }) => {
            commands::report(&workshop, &workshop.choose_all(n.as_deref())?, json, out)?;
        }
        Some(Command::Serve {
            step,
            port,
            redis_port,
        }) => match commands::serve(step, port, redis_port, out).await? {},
        Some(Command::Doctor { port }) => {
            return commands::doctor(&workshop.root, &port, out).await;
        }
    }
    Ok(true)
}
