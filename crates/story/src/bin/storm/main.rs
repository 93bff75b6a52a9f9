//! The storm: random faults strike Redis and the instances of demo-login while visitors click.
//!
//! Each session has a counter, so its history shows whether a click was lost or counted twice. The storm also checks
//! that each request ends in time, and that visitors see no error once the faults have been over for two seconds.
//!
//! - `gust`, `redis_fault`, `instance_fault`: the faults, drawn from a seed
//! - `site`: the servers; `visitors`: the clicks, recorded in `record`
//! - `probe`: whether the machine itself is slow
//! - `history`, `calm`: pure functions that check the record
//! - `violation`: the report if a check fails

mod calm;
mod gust;
mod history;
mod instance_fault;
mod probe;
mod record;
mod redis_fault;
mod site;
mod storm;
mod violation;
mod visitors;

use std::process::ExitCode;

use clap::Parser;
use testkit::unless_stopped;

/// Random faults strike Redis and the instances of demo-login, while visitors click. Checks that no click is lost or
/// counted twice.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Draw the faults from this seed, which an earlier storm has printed; by default a random one
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// How long the storm lasts
    #[arg(long = "for", value_name = "TIME", default_value = "30s")]
    lasts: humantime::Duration,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    println!("storm: seed {seed}, for {}", args.lasts);
    let storm = unless_stopped(storm::run(seed, args.lasts.into()));
    match actix_rt::System::new().block_on(storm) {
        Some(Ok(summary)) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Some(Err(error)) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
        // The status with which a shell reports a program that Ctrl-C ended.
        None => {
            eprintln!("\nstopped; nothing is left running");
            ExitCode::from(130)
        }
    }
}
