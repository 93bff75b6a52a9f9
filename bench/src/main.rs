//! Measures what a session costs: our stores, and other projects' stores, under the same load.
//!
//! - `server`: the servers; `load`: loads one with wrk; `usage`: its CPU time and memory
//! - `run`: the measurements in their order; `frozen`, `idle`, `many`: the special ones
//! - `stats`: median and spread; `progress`: the time left
//! - `report`: the page with the results; `chart`: its picture; `machine`: where they were measured

mod chart;
mod frozen;
mod idle;
mod load;
mod machine;
mod many;
mod progress;
mod report;
mod run;
mod server;
mod stats;
mod usage;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Parser;

/// Measures what a session costs in each store. Writes docs/benchmark.md and docs/benchmark.svg.
#[derive(Parser)]
#[command(bin_name = testkit::typed_name(), verbatim_doc_comment)]
struct Args {
    /// Take 2 minutes instead of 13; the spread is larger
    #[arg(long)]
    quick: bool,

    /// Measure only the servers whose name contains TEXT, print the first table, and write no files
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "docs")]
    to: PathBuf,
}

#[actix_web::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let measured = testkit::unless_stopped(run::run(args.quick, args.only.as_deref())).await;
    let Some(results) = measured else {
        bail!("stopped; nothing was written");
    };
    let results = results?;
    if args.only.is_some() {
        print!("{}", report::costs(&results));
        return Ok(());
    }
    let (page, picture) = (args.to.join("benchmark.md"), args.to.join("benchmark.svg"));
    let write = || {
        std::fs::create_dir_all(&args.to)?;
        std::fs::write(&page, report::page(&results))?;
        chart::draw(&results, &picture)
    };
    write().with_context(|| format!("cannot write to {}", args.to.display()))?;
    println!("wrote {} and {}", page.display(), picture.display());
    Ok(())
}
