//! Runs each scene as a test: `cargo test` asserts what `scripts/demo.sh` narrates.
//!
//! scripts/verify.sh plays the story itself. It sets `SCENES=played`, and then these tests are ignored.

use libtest_mimic::{Arguments, Failed, Trial};
use story::{Numbered, Pace, Runtime, select};

fn main() {
    let scenes = select(false, &[], &[]).expect("all scenes");
    let played = std::env::var("SCENES").is_ok_and(|text| text == "played");
    let trials = scenes
        .into_iter()
        .map(|scene| Trial::test(scene.1.name, move || passes(scene)).with_ignored_flag(played));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

/// Runs the scene. It must pass, and its narration must fit into a terminal of 80 columns.
fn passes((number, scene): Numbered) -> Result<(), Failed> {
    let mut narration = Vec::new();
    let run = scene.run(number, &Runtime::Native, &Pace::Nothing, &mut narration);
    let report = actix_rt::System::new().block_on(run);
    let passed = report.map_err(|error| format!("{error:#}"))?.passed;
    let text = String::from_utf8_lossy(&narration);
    let text = anstream::adapter::strip_str(&text).to_string();
    let fits = text.lines().all(|line| line.chars().count() <= 80);
    if passed && fits {
        Ok(())
    } else {
        Err(text.into())
    }
}
