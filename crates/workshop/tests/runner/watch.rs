//! Saves, and what is typed while they are watched.

use std::fs;

use anyhow::Result;
use nix::sys::signal::Signal;
use testkit::wait_until;
use workshop::exercise::{Exercise, filled};

use crate::{
    desk::{Desk, PATIENCE},
    running::Running,
};

/// A cargo that notes what it is to build in `built`, waits while there is a file `hold`, and finds that text wrong.
const CARGO: &str = r#"
while [ $# -gt 0 ]; do [ "$1" != --bin ] || name=$2; shift; done
text=$(grep -oh 'work [a-z]*' "$DESK"/tree/exercises/*-"$name"/main.rs)
echo "$name: $text" >>"$DESK/built"
while [ -e "$DESK/hold" ]; do sleep 0.02; done
echo '{"message":{"level":"error","code":null,"rendered":"error: seen '"$text"' of '"$name"'"}}'
exit 1
"#;

/// A desk with two exercises, `count` and `again`, and a cargo that tells what it sees.
fn desk() -> Result<Desk> {
    let desk = Desk::new()?;
    desk.fake_cargo(&CARGO.replace("$DESK", &desk.path("").display().to_string()))?;
    let folder = desk.tree().join("exercises/99-again");
    fs::create_dir_all(folder.join("starter"))?;
    for file in ["exercise.toml", "main.rs", "starter/main.rs"] {
        fs::copy(desk.exercise()?.folder.join(file), folder.join(file))?;
    }
    Ok(desk)
}

/// Saves `work` in the exercise called `name`, as many editors do: another file takes the place of the one before.
fn save(desk: &Desk, name: &str, work: &str) -> Result<()> {
    let exercise = Exercise::find(&Exercise::all(&desk.tree())?, name)?.clone();
    let new = exercise.folder.join("main.rs.new");
    fs::write(&new, filled(&exercise.starter()?, work)?)?;
    Ok(fs::rename(new, exercise.file())?)
}

/// What was built so far.
fn built(desk: &Desk) -> String {
    fs::read_to_string(desk.path("built")).unwrap_or_default()
}

async fn builds(desk: &Desk, what: &str) -> Result<()> {
    wait_until(what, PATIENCE, async || {
        Ok(built(desk).contains(what).then_some(()))
    })
    .await
}

async fn watching(desk: &Desk, arguments: &[&str]) -> Result<Running> {
    let watch = Running::start(desk, &[&["watch"], arguments].concat())?;
    watch.says("q to quit").await?;
    Ok(watch)
}

async fn quit(desk: &Desk, mut watch: Running) -> Result<String> {
    watch.types("q")?;
    assert_eq!(watch.ends().await?, Some(0), "{}", watch.said()?);
    desk.left_nothing().await?;
    let said = watch.said()?;
    assert!(
        said.lines().all(|line| line.chars().count() <= 80) && !said.contains('\u{1b}'),
        "{said}"
    );
    Ok(said)
}

#[actix_rt::test]
async fn each_save_is_checked_and_the_task_is_shown_first() -> Result<()> {
    let desk = desk()?;
    let watch = watching(&desk, &[]).await?;
    watch.says("Exercise 1, Count the visits").await?;
    for work in ["work one", "work two"] {
        save(&desk, "count", work)?;
        watch.says(&format!("seen {work} of count")).await?;
    }
    save(&desk, "again", "work three")?;
    watch.says("seen work three of again").await?;
    let said = quit(&desk, watch).await?;
    assert!(!said.contains("polling"), "{said}");
    assert_eq!(
        built(&desk),
        "count: work one\ncount: work two\nagain: work three\n"
    );
    Ok(())
}

#[actix_rt::test]
async fn a_save_during_its_check_starts_it_over() -> Result<()> {
    let desk = desk()?;
    let watch = watching(&desk, &[]).await?;
    fs::write(desk.path("hold"), "")?;
    save(&desk, "count", "work one")?;
    builds(&desk, "work one").await?;
    save(&desk, "count", "work two")?;
    builds(&desk, "work two").await?;
    fs::remove_file(desk.path("hold"))?;
    watch.says("seen work two of count").await?;
    let said = quit(&desk, watch).await?;
    assert!(
        said.contains("its check starts over") && !said.contains("seen work one"),
        "{said}"
    );
    Ok(())
}

#[actix_rt::test]
async fn another_save_during_a_check_is_checked_after_it() -> Result<()> {
    let desk = desk()?;
    let mut watch = watching(&desk, &[]).await?;
    fs::write(desk.path("hold"), "")?;
    save(&desk, "count", "work one")?;
    builds(&desk, "work one").await?;
    save(&desk, "again", "work two")?;
    watch
        .says("exercise 99 is saved: it is checked next")
        .await?;
    // What is typed is answered meanwhile.
    watch.types("h")?;
    watch.says("Hint 1").await?;
    fs::remove_file(desk.path("hold"))?;
    watch.says("seen work one of count").await?;
    watch.says("seen work two of again").await?;
    quit(&desk, watch).await?;
    assert_eq!(built(&desk), "count: work one\nagain: work two\n");
    Ok(())
}

#[actix_rt::test]
async fn a_save_of_the_same_text_or_of_the_starter_is_not_checked() -> Result<()> {
    let desk = desk()?;
    save(&desk, "count", "work one")?;
    let watch = watching(&desk, &[]).await?;
    save(&desk, "count", "work one")?;
    save(&desk, "again", "work two")?;
    watch.says("seen work two of again").await?;
    desk.told(&["reset", "--all", "--yes"])?;
    watch.says("exercise 99 is the starter again").await?;
    save(&desk, "count", "work three")?;
    watch.says("seen work three of count").await?;
    quit(&desk, watch).await?;
    assert_eq!(built(&desk), "again: work two\ncount: work three\n");
    Ok(())
}

#[actix_rt::test]
async fn with_poll_saves_are_seen_without_the_system() -> Result<()> {
    let desk = desk()?;
    let watch = watching(&desk, &["--poll"]).await?;
    save(&desk, "count", "work one")?;
    watch.says("seen work one of count").await?;
    assert!(quit(&desk, watch).await?.contains("polling"));
    Ok(())
}

#[actix_rt::test]
async fn the_end_of_the_input_does_not_end_it_and_sigterm_does() -> Result<()> {
    let desk = desk()?;
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let _ = fs::remove_file(desk.path("built"));
        let mut watch = watching(&desk, &[]).await?;
        watch.hangs_up();
        fs::write(desk.path("hold"), "")?;
        save(
            &desk,
            "count",
            &format!("work {}", signal.as_str().to_lowercase()),
        )?;
        builds(&desk, "count: work sig").await?;
        watch.signal(signal)?;
        assert_eq!(
            watch.ends().await?,
            Some(130),
            "{signal}: {}",
            watch.said()?
        );
        desk.left_nothing().await?;
    }
    Ok(())
}

#[actix_rt::test]
async fn sigkill_leaves_nothing_either() -> Result<()> {
    let desk = desk()?;
    let mut watch = watching(&desk, &[]).await?;
    fs::write(desk.path("hold"), "")?;
    save(&desk, "count", "work one")?;
    builds(&desk, "work one").await?;
    watch.signal(Signal::SIGKILL)?;
    assert_eq!(watch.ends().await?, None);
    desk.left_nothing().await
}

#[actix_rt::test]
async fn what_is_typed_is_answered() -> Result<()> {
    let desk = desk()?;
    let mut watch = watching(&desk, &[]).await?;
    for (typed, told) in [
        (
            "help",
            "\"help\" is nothing to type here. Type h for a hint",
        ),
        ("l", " 1          count"),
        ("p", "c) 0 1 2, then 0"),
        ("p x", "is none of the choices"),
        ("p c", "Noted: c"),
        ("h", "Hint 1 of"),
        ("", "seen  of count"),
    ] {
        watch.types(typed)?;
        watch.says(told).await?;
    }
    // The exercise at hand is the one that was saved.
    save(&desk, "again", "work one")?;
    watch.says("seen work one of again").await?;
    save(&desk, "again", "work two")?;
    watch.says("seen work two of again").await?;
    fs::remove_file(desk.path("built"))?;
    watch.types("")?;
    builds(&desk, "again: work two").await?;
    quit(&desk, watch).await?;
    Ok(())
}

#[actix_rt::test]
async fn after_passing_the_next_exercise_is_at_hand() -> Result<()> {
    let desk = desk()?;
    desk.passing_cargo()?;
    let mut watch = watching(&desk, &[]).await?;
    watch.types("")?;
    watch.says("PASSED").await?;
    let next = Exercise::all(&desk.tree())?[1].number;
    watch.types("")?;
    watch.says(&format!("checking exercise {next} ")).await?;
    quit(&desk, watch).await?;
    Ok(())
}
