//! Each scene is a test: what `scripts/demo.sh` narrates is what `cargo test` asserts.

use libtest_mimic::{Arguments, Trial};
use story::{Place, play, scenes::SCENES};

fn main() {
    let trials = SCENES.iter().zip(1..).map(|(scene, number)| {
        Trial::test(scene.name, move || {
            let mut narration = Vec::new();
            let report =
                actix_rt::System::new().block_on(play(number, scene, &Place::Here, &mut narration));
            match report {
                Ok(report) if report.passed => Ok(()),
                Ok(_) => Err(
                    anstream::adapter::strip_str(&String::from_utf8_lossy(&narration))
                        .to_string()
                        .into(),
                ),
                Err(error) => Err(format!("{error:#}").into()),
            }
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
