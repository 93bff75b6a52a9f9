//! The exercises' runner. `scripts/workshop.sh` is this program, with everything it needs set up.

use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};
use workshop::{
    commands::{self, Which, Workshop},
    tell::wrapped,
};

/// The exercises of the workshop: shows where you are and what comes next.
#[derive(Parser)]
#[command(version, bin_name = std::env::args().next().unwrap_or_default())]
struct Args {
    /// The tree whose exercises these are
    #[arg(long, env = "WORKSHOP_ROOT", value_name = "DIR", default_value = testkit::root().as_os_str(), hide = true, global = true)]
    root: PathBuf,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Show all exercises
    List,
    /// Check your work on an exercise: the present one, or N
    Check {
        /// Number or name
        n: Option<String>,
    },
    /// Check an exercise on each save of its file
    Watch {
        /// Look at the files every second: for folders of Windows in WSL (found out by itself), and network drives
        #[arg(long)]
        poll: bool,
    },
    /// Say what you expect, before you look
    Predict {
        /// Number or name
        n: Option<String>,
        /// Your choice; asked for if it is left out
        letter: Option<String>,
    },
    /// Show one hint more
    Hint {
        /// Number or name
        n: Option<String>,
    },
    /// Put the starter in the place of your work, and keep a backup
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
    /// Show the solution, once it has passed
    Solution {
        /// Number or name
        n: Option<String>,
        /// Also before
        #[arg(long)]
        i_give_up: bool,
    },
    /// Show what you have done
    Report {
        /// For programs to read
        #[arg(long)]
        json: bool,
    },
    /// See whether this machine has what it takes, and what to do if not
    Doctor {
        /// A port that you'll use, in place of 5000, 5001 and 5002
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        port: Vec<u16>,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = actix_rt::System::new().block_on(async {
        tokio::select! {
            biased;
            () = testkit::shutdown_signal() => Ok(None),
            done = run(args) => done.map(Some),
        }
    });
    match done {
        Ok(Some(true)) => ExitCode::SUCCESS,
        Ok(Some(false)) => ExitCode::FAILURE,
        Ok(None) => {
            // Its terminal may be gone.
            let _ = writeln!(std::io::stderr(), "\nstopped; nothing is left running");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("{}", wrapped(&format!("error: {error:#}"), "").join("\n"));
            ExitCode::FAILURE
        }
    }
}

/// Does what was asked for; whether all is well.
async fn run(args: Args) -> Result<bool> {
    let out = &mut anstream::stdout();
    let workshop = Workshop::open(args.root)?;
    let Some(command) = args.command else {
        return commands::status(&workshop, out).map(|()| true);
    };
    match command {
        Command::Check { n } => {
            return commands::check(&workshop, workshop.choose(n.as_deref())?, out).await;
        }
        Command::Watch { poll } => commands::watch(&workshop, poll, out).await?,
        Command::Doctor { port } => return commands::doctor(&workshop.root, &port, out).await,
        Command::List => commands::list(&workshop, out)?,
        Command::Predict { n, letter } => {
            commands::predict(
                &workshop,
                workshop.choose(n.as_deref())?,
                letter.as_deref(),
                out,
            )
            .await?
        }
        Command::Hint { n } => commands::hint(&workshop, workshop.choose(n.as_deref())?, out)?,
        Command::Reset { n, yes, .. } => {
            let which = match n.as_deref() {
                Some(n) => Which::One(workshop.choose(Some(n))?),
                None => Which::All,
            };
            commands::reset(&workshop, which, yes, out).await?;
        }
        Command::Solution { n, i_give_up } => {
            commands::solution(&workshop, workshop.choose(n.as_deref())?, i_give_up, out)?
        }
        Command::Report { json } => commands::report(&workshop, json, out)?,
    }
    Ok(true)
}
