//! Runs the story. `scripts/demo.sh` installs what is missing, and then starts this program.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{self, Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::Parser;
use story::{
    Act, Keyboard, Pace, Runtime, Story, pictures,
    playground::{self, Playground},
    select,
};
use testkit::{
    Compose, Demo, Output, TestEnv, is_closed_output, note, port_owner, resolves_locally,
    unless_stopped,
};

/// Where should the session live? Runs the workshop's scenes with real servers, and checks what a visitor sees.
#[derive(Parser)]
#[command(version, bin_name = testkit::typed_name())]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Args {
    /// Stop after the story; otherwise the servers keep running, for you to try
    #[arg(long)]
    once: bool,

    /// The demo at plain localhost after the story: memory, file, redis or cookie
    #[arg(long, env = "DEMO", value_name = "STORE", default_value = "file")]
    demo: Demo,

    /// The port of the servers that keep running
    #[arg(long, env = "HTTP_PORT", default_value_t = 5000, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// Run the scenes for containers, with Docker Compose
    #[arg(long)]
    compose: bool,

    /// Run only the scenes of this act; can be repeated, and --scene adds others
    #[arg(long, value_name = "N")]
    act: Vec<Act>,

    /// Run only this scene; can be repeated
    #[arg(long, value_name = "NAME")]
    scene: Vec<String>,

    /// List the scenes with their acts, and run none
    #[arg(long, conflicts_with = "json")]
    list: bool,

    /// Wait before each step, for an audience, as in 1s; plays the scenes one by one
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, conflicts_with = "json")]
    pace: Option<Duration>,

    /// Wait for Enter before each step; Ctrl-D plays the rest without waiting
    #[arg(long, conflicts_with_all = ["json", "pace"])]
    step: bool,

    /// Print a JSON report instead of the story (implies --once)
    #[arg(long)]
    json: bool,

    /// Also write the story to FILE, as a page with pictures
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Fail unless FILE contains the matrix that this run measured
    #[arg(long, value_name = "FILE")]
    check_matrix: Option<PathBuf>,

    /// Write the pictures of the documents to FOLDER
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,

    /// Fail unless the pictures in FOLDER are those of this run
    #[arg(long, value_name = "FOLDER")]
    check_pictures: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match actix_rt::System::new().block_on(unless_stopped(run(args))) {
        Some(Ok(code)) => code,
        // The status with which a shell reports a program that Ctrl-C ended.
        None => {
            note("\nstopped; nothing is left running");
            ExitCode::from(130)
        }
        Some(Err(error)) if is_closed_output(&error) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            note(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<ExitCode> {
    let mut out: Box<dyn Write> = if args.json {
        Box::new(io::sink())
    } else {
        Box::new(Output(anstream::stdout()))
    };
    let scenes = select(args.compose, &args.act, &args.scene)?;
    if args.list {
        for (_, scene) in scenes {
            let act = scene.act.to_string();
            writeln!(out, "{act:<8} {:<24} {}", scene.name, scene.title)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let once = args.once || args.json;
    if !once && let Some(owner) = port_owner(args.port)? {
        bail!("{}", playground::port_help(&owner));
    }
    if let Some(file) = &args.html {
        check_writable(file)?;
    }
    let pace = match args.pace {
        Some(pause) => Pace::Pause(pause),
        None if args.step => {
            let keyboard = Keyboard::open()?;
            note("press Enter for each step; Ctrl-D plays the rest without waiting");
            Pace::Enter(keyboard)
        }
        None => Pace::Nothing,
    };
    let env = TestEnv::new()?;
    let runtime = if args.compose {
        Compose::available().await?;
        note("building the image and starting containers; the first time takes minutes ...");
        Runtime::Compose(Compose::up(&env, (!once).then_some(args.port), args.demo).await?)
    } else {
        note("checking that the demos are up to date ...");
        testkit::build()?;
        Runtime::Native
    };

    let story = Story::run(&scenes, &runtime, &pace, &mut *out).await?;
    if args.json {
        let json = serde_json::to_string_pretty(&story)?;
        writeln!(Output(io::stdout()), "{json}")?;
    }
    if let Some(file) = args.html {
        fs::write(&file, story.html()).with_context(|| cannot_write(&file))?;
        // scripts/demo.sh has changed the folder, so a relative path could mislead.
        note(format_args!(
            "the report is in {}",
            path::absolute(&file)?.display()
        ));
    }
    if let Some(file) = args.check_matrix {
        story.check_matrix(&file)?;
    }
    if let Some(folder) = args.pictures {
        pictures::write(&story, &folder)?;
    }
    if let Some(folder) = args.check_pictures {
        pictures::check(&story, &folder)?;
    }
    if !story.passed() {
        return Ok(ExitCode::FAILURE);
    }
    if once {
        return Ok(ExitCode::SUCCESS);
    }
    let playground;
    let demos = match runtime {
        Runtime::Native => {
            playground = Playground::start(&env, args.port, args.demo).await?;
            playground.demos()
        }
        // The containers keep running.
        Runtime::Compose(_) => Demo::ALL.to_vec(),
    };
    let names = resolves_locally(&Demo::File.host_name());
    playground::print_addresses(args.port, args.demo, &demos, names, &mut *out)?;
    std::future::pending().await
}

/// Returns an error if `file` cannot be written, before the story takes its time.
fn check_writable(file: &Path) -> Result<()> {
    let is_new = !file.exists();
    let opened = OpenOptions::new().append(true).create(true).open(file);
    opened.with_context(|| cannot_write(file))?;
    // If the story is stopped, it leaves no empty file.
    if is_new {
        fs::remove_file(file)?;
    }
    Ok(())
}

fn cannot_write(file: &Path) -> String {
    format!(
        "cannot write {}; choose another file for --html",
        file.display()
    )
}
