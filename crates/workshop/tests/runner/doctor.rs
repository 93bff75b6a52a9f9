//! What the doctor finds, and advises.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::Command,
};

use anyhow::Result;

use crate::desk::{Desk, Told};

fn told(command: &mut Command) -> Result<Told> {
    let told: Told = command.output()?.into();
    assert!(
        told.out.lines().all(|line| line.chars().count() <= 80),
        "wider than 80 columns: {}",
        told.all()
    );
    Ok(told)
}

#[test]
fn a_port_in_use_is_told_with_the_way_to_another() -> Result<()> {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = taken.local_addr()?.port().to_string();
    let told = told(&mut Desk::new()?.workshop(&["doctor", "--port", &port]))?;
    assert!(
        told.says(&format!("careful port {port} is in use")) && told.says("APP_PORT=5050"),
        "{}",
        told.all()
    );
    assert!(
        told.code == Some(0) && !told.says("port 5001"),
        "another port will do: {}",
        told.all()
    );
    Ok(())
}

#[test]
fn servers_that_are_too_old_or_broken_are_missing() -> Result<()> {
    let desk = Desk::new()?;
    desk.executable(
        "bin/haproxy",
        "echo HA-Proxy version 2.2.9-2+deb11u6 2023/12/20",
    )?;
    desk.executable("bin/redis-server", "exit 127")?;
    let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH")?);
    let told = told(desk.workshop(&["doctor"]).env("PATH", path))?;
    assert_eq!(told.code, Some(1), "{}", told.all());
    assert!(
        told.says("missing haproxy 2.6 or newer")
            && told.says("2.2.9")
            && told.says("scripts/setup.sh"),
        "{}",
        told.all()
    );
    assert!(
        told.says("missing redis-server 6.2 or newer") && told.says("doesn't run"),
        "{}",
        told.all()
    );
    assert!(told.says("2 things are missing"), "{}", told.all());
    Ok(())
}

#[test]
fn without_rust_its_source_is_told() -> Result<()> {
    let told = told(
        Desk::new()?
            .workshop(&["doctor"])
            .env("CARGO", "/nonexistent"),
    )?;
    assert!(
        told.code == Some(1) && told.says("missing Rust") && told.says("https://rustup.rs"),
        "{}",
        told.all()
    );
    Ok(())
}

#[test]
fn no_docker_is_no_obstacle() -> Result<()> {
    let told = told(
        Desk::new()?
            .workshop(&["doctor"])
            .env("DOCKER_HOST", "unix:///nonexistent"),
    )?;
    assert!(
        told.code == Some(0) && told.says("careful no Docker: only exercise 12"),
        "{}",
        told.all()
    );
    assert!(
        told.says("Nothing that the exercises need is missing"),
        "{}",
        told.all()
    );
    Ok(())
}

#[test]
fn settings_of_the_shell_are_told_without_their_values() -> Result<()> {
    let told = told(
        Desk::new()?
            .workshop(&["doctor"])
            .env("SESSION_KEY", "a secret of mine")
            .env("APP_PORT", "5050"),
    )?;
    assert!(
        told.code == Some(0) && told.says("unset APP_PORT SESSION_KEY"),
        "{}",
        told.all()
    );
    assert!(!told.says("a secret of mine"), "{}", told.all());
    Ok(())
}

#[test]
fn folders_that_cannot_be_written_are_missing() -> Result<()> {
    let desk = Desk::new()?;
    // A file in the folder's place: not even root can write there.
    std::fs::write(desk.tree().join(".workshop"), "")?;
    let told = told(&mut desk.workshop(&["doctor"]))?;
    assert!(
        told.code == Some(1) && told.says("missing your progress can't be written"),
        "{}",
        told.all()
    );
    Ok(())
}
