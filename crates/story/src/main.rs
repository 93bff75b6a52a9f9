//! Plays the story. `scripts/demo.sh` is this program, with everything it needs set up.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use serde::Serialize;
use story::{
    Matrix, Missing, Place, Report, missing, play, port,
    scenes::{CONTAINERS, SCENES, Scene},
    stay,
};
use testkit::{Compose, Demo, TestEnv};

/// Where should the session live? Plays the workshop's scenes with real processes and checks what a visitor sees.
#[derive(Parser)]
#[command(version, bin_name = std::env::args().next().unwrap_or_default())]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Args {
    /// Stop after the story instead of staying up
    #[arg(long)]
    once: bool,

    /// What plain localhost serves afterwards: memory, file, redis or cookie
    #[arg(long, env = "DEMO", value_name = "STORE", default_value = "file")]
    demo: Demo,

    /// Port to stay up on
    #[arg(long, env = "HTTP_PORT", default_value_t = 5000, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// Play the scenes for containers, with Docker Compose
    #[arg(long)]
    compose: bool,

    /// Play this scene only; may be given several times
    #[arg(long, value_name = "NAME")]
    scene: Vec<String>,

    /// Show the names of the scenes, and play none
    #[arg(long, conflicts_with = "json")]
    list: bool,

    /// Print a report in JSON instead of the story (implies --once)
    #[arg(long)]
    json: bool,

    /// Fail if FILE doesn't show the matrix as it was just measured
    #[arg(long, value_name = "FILE")]
    check_matrix: Option<PathBuf>,
}

#[derive(Serialize)]
struct Story {
    scenes: Vec<Report>,
    left_out: Vec<Missing>,
    matrix: Matrix,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let played = actix_rt::System::new().block_on(async {
        tokio::select! {
            biased;
            () = testkit::shutdown_signal() => Ok(None),
            played = run(args) => played.map(Some),
        }
    });
    match played {
        Ok(Some(code)) => code,
        // As a shell reports a program that Ctrl-C has ended.
        Ok(None) => {
            eprintln!("\nstopped; nothing is left running");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<ExitCode> {
    let mut out: Box<dyn Write> = if args.json {
        Box::new(io::sink())
    } else {
        Box::new(anstream::stdout())
    };
    let all = if args.compose { CONTAINERS } else { SCENES };
    if args.list {
        all.iter()
            .try_for_each(|scene| writeln!(out, "{:<24} {}", scene.name, scene.title))?;
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = choose(all, &args.scene)?;
    let once = args.once || args.json;
    if !once {
        port::check(args.port)?;
    }
    let env = TestEnv::new()?;
    let place = if args.compose {
        Compose::available().await?;
        eprintln!(
            "building the image and starting the containers; the first time takes some minutes ..."
        );
        Place::Containers(Compose::up(&env, (!once).then_some(args.port), args.demo).await?)
    } else {
        eprintln!("seeing to it that the demos are built from the present source ...");
        testkit::build()?;
        Place::Here
    };

    let story = tell(&chosen, &place, &mut *out).await?;
    let passed = story.scenes.iter().all(|report| report.passed);
    if args.json {
        serde_json::to_writer_pretty(io::stdout(), &story)?;
        println!();
    }
    if let Some(file) = args.check_matrix {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        ensure!(
            text.contains(&story.matrix.to_string()),
            "{} shows another matrix than the one above",
            file.display()
        );
    }
    if !passed {
        return Ok(ExitCode::FAILURE);
    }
    if !once {
        let standing = match place {
            Place::Here => Some(stay::stand(&env, args.port, args.demo).await?),
            Place::Containers(_) => None,
        };
        let demos = standing
            .as_ref()
            .map_or_else(|| Demo::ALL.to_vec(), stay::Standing::demos);
        stay::tell(args.port, args.demo, &demos, &mut *out)?;
        std::future::pending::<()>().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// A scene and its number in the story.
type Numbered = (usize, &'static Scene);

/// The scenes of `all` that have one of `names`; all of them if there are no names.
fn choose(all: &'static [Scene], names: &[String]) -> Result<Vec<Numbered>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| all.iter().all(|scene| scene.name != **name))
    {
        bail!(
            "there is no scene {unknown:?}; it is one of {}",
            all.iter()
                .map(|scene| scene.name)
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    Ok((1..)
        .zip(all)
        .filter(|(_, scene)| names.is_empty() || names.iter().any(|name| name == scene.name))
        .collect())
}

/// Plays `scenes` one after the other and sums up.
async fn tell(scenes: &[Numbered], place: &Place, out: &mut dyn Write) -> Result<Story> {
    let mut story = Story {
        scenes: Vec::new(),
        left_out: Vec::new(),
        matrix: Matrix::default(),
    };
    writeln!(
        out,
        "Where should the session live? A visitor finds out, with real servers."
    )?;
    writeln!(
        out,
        "Each line is a request, its answer, the instance that answered, and the\nbeginning of the session id in the visitor's cookie.\n"
    )?;
    for &(number, scene) in scenes {
        if let Some(missing) = missing(scene, place) {
            story.left_out.push(missing);
            continue;
        }
        let report = play(number, scene, place, out).await?;
        story.matrix.add(&report.matrix);
        story.scenes.push(report);
    }
    if let Place::Here = place {
        writeln!(
            out,
            "What became of the session, by where it lives and what happened:\n\n{}\n",
            story.matrix
        )?;
    }
    for Missing { name, reason } in &story.left_out {
        let options = textwrap::Options::new(80).subsequent_indent("    ");
        writeln!(
            out,
            "{}",
            textwrap::fill(&format!("left out: {name}: {reason}"), options)
        )?;
    }
    let failed: Vec<_> = story
        .scenes
        .iter()
        .filter(|report| !report.passed)
        .map(|report| report.name)
        .collect();
    let millis = story
        .scenes
        .iter()
        .map(|report| report.millis)
        .sum::<u128>();
    let seconds = Duration::from_millis(u64::try_from(millis)?).as_secs_f32();
    writeln!(
        out,
        "scenes: {} as expected, {} not, in {seconds:.1} s",
        story.scenes.len() - failed.len(),
        failed.len()
    )?;
    if !failed.is_empty() {
        writeln!(out, "failed: {}", failed.join(", "))?;
    }
    writeln!(out)?;
    Ok(story)
}
