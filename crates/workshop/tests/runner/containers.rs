//! The check in containers leaves the attendee's own containers and volumes alone.

use std::{fs, process::Command};

use anyhow::{Result, ensure};
use testkit::Compose;
use workshop::{exercise::Exercise, marks::filled};

use crate::sandbox::Sandbox;

/// A Docker volume that another Compose project names. Dropping it removes it.
struct Volume(String);

impl Volume {
    fn create() -> Result<Self> {
        let volume = Self(format!("workshop-test-{}", std::process::id()));
        ensure!(volume.docker("create")?, "cannot create a volume");
        Ok(volume)
    }

    fn docker(&self, verb: &str) -> Result<bool> {
        let arguments = ["volume", verb, &self.0];
        let output = Command::new("docker").args(arguments).output()?;
        Ok(output.status.success())
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = self.docker("rm");
    }
}

/// The check starts in the folder of another Compose project, whose file names a volume.
#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn volume_of_another_project_survives_a_check() -> Result<()> {
    if Compose::available().await.is_err() {
        return Ok(());
    }
    let sandbox = Sandbox::new()?;
    let exercise = Exercise::find(&Exercise::all(&sandbox.tree())?, "containers")?.clone();
    let solution = filled(&exercise.starter()?, &exercise.solution()?)?;
    fs::write(exercise.file(), solution)?;
    let volume = Volume::create()?;
    let other = sandbox.path("other");
    fs::create_dir(&other)?;
    let name = &volume.0;
    let file = format!(
        "services: {{data: {{image: redis:8.0, volumes: [data:/data]}}}}\nvolumes: {{data: {{name: {name}}}}}\n"
    );
    fs::write(other.join("docker-compose.yml"), file)?;

    let output = sandbox
        .command("workshop", &["check", "containers"])?
        .current_dir(&other)
        .env("COMPOSE_FILE", other.join("docker-compose.yml"))
        .env("CARGO", sandbox.path("bin/passing-cargo"))
        .output()?;

    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && text.contains("PASSED"), "{text}");
    ensure!(volume.docker("inspect")?, "the check removed the volume");
    sandbox.left_nothing().await
}
