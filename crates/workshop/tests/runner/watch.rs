//! `watch`: saves, and what the attendee types meanwhile.

use std::fs;

use anyhow::Result;
use testkit::{binary, wait_until};
use workshop::{exercise::Exercise, marks::filled};

use crate::{
    endings::SIGNALS,
    process::Process,
    sandbox::{PATIENCE, Sandbox},
};

/// A sandbox with a second copy of exercise 1, called `again`, and a runner that watches.
struct Watch {
    sandbox: Sandbox,
    process: Process,
}

impl Watch {
    async fn start() -> Result<Self> {
        Self::start_with(&["watch"]).await
    }

    async fn start_with(arguments: &[&str]) -> Result<Self> {
        let sandbox = Sandbox::new()?;
        sandbox.script("cargo", "exec watched-cargo \"$@\"")?;
        let folder = sandbox.tree().join("exercises/99-again");
        fs::create_dir_all(folder.join("starter"))?;
        for file in ["exercise.toml", "README.md", "main.rs", "starter/main.rs"] {
            fs::copy(sandbox.exercise()?.folder.join(file), folder.join(file))?;
        }
        let process = Process::workshop(&sandbox, arguments)?;
        process.shows("q to quit").await?;
        Ok(Self { sandbox, process })
    }

    /// Saves `work` in the exercise `name` as many editors do: a new file replaces the old one.
    fn save(&self, name: &str, work: &str) -> Result<()> {
        let exercises = Exercise::all(&self.sandbox.tree())?;
        let exercise = Exercise::find(&exercises, name)?;
        let new = exercise.folder.join("main.rs.new");
        fs::write(&new, filled(&exercise.starter()?, work)?)?;
        Ok(fs::rename(new, exercise.file())?)
    }

    /// Saves `work one` in exercise 1, and makes its build wait until [`release`](Self::release).
    async fn hold(&self) -> Result<()> {
        fs::write(self.sandbox.path("hold"), "")?;
        self.save("count", "work one")?;
        self.builds("work one").await
    }

    async fn shows(&self, words: &str) -> Result<()> {
        self.process.shows(words).await
    }

    fn release(&self) -> Result<()> {
        Ok(fs::remove_file(self.sandbox.path("hold"))?)
    }

    fn built(&self) -> String {
        fs::read_to_string(self.sandbox.path("built")).unwrap_or_default()
    }

    async fn builds(&self, text: &str) -> Result<()> {
        wait_until(text, PATIENCE, async || {
            Ok(self.built().contains(text).then_some(()))
        })
        .await
    }

    /// Quits, and returns all output.
    async fn quit(mut self) -> Result<String> {
        self.process.types("Quit\n")?;
        self.process.ends_with(Some(0)).await?;
        self.sandbox.left_nothing().await?;
        let output = self.process.output()?;
        assert!(
            output.lines().all(|line| line.chars().count() <= 80) && !output.contains('\u{1b}'),
            "{output}"
        );
        Ok(output)
    }
}

#[actix_rt::test]
async fn each_save_of_another_text_is_checked() -> Result<()> {
    let watch = Watch::start().await?;
    watch.shows("Exercise 1, Count the visits").await?;
    watch.save("count", "work one")?;
    watch.shows("seen work one of count").await?;
    watch.save("count", "work one")?;
    watch.save("again", "work two")?;
    watch.shows("seen work two of again").await?;
    // Editors may leave a file missing or empty for a moment.
    let count = watch.sandbox.exercise()?.file();
    fs::remove_file(&count)?;
    watch.save("again", "work four")?;
    watch.shows("seen work four of again").await?;
    fs::write(&count, "")?;
    watch.save("again", "work five")?;
    watch.shows("seen work five of again").await?;
    // A reset is not a save.
    let reset = ["reset", "--all", "--yes"];
    watch.sandbox.command("workshop", &reset)?.output()?;
    watch.shows("exercise 99 is the starter again").await?;
    watch.save("count", "work three")?;
    watch.shows("seen work three of count").await?;
    assert_eq!(
        watch.built(),
        "count: work one\nagain: work two\nagain: work four\nagain: work five\ncount: work three\n"
    );
    watch.quit().await.map(drop)
}

#[actix_rt::test]
async fn save_during_its_check_starts_the_check_again() -> Result<()> {
    let watch = Watch::start().await?;
    watch.hold().await?;
    watch.save("count", "work two")?;
    watch.builds("work two").await?;
    watch.release()?;
    watch.shows("seen work two of count").await?;
    let output = watch.quit().await?;
    assert!(
        output.contains("its check starts again") && !output.contains("seen work one"),
        "{output}"
    );
    Ok(())
}

#[actix_rt::test]
async fn save_of_another_exercise_is_checked_next() -> Result<()> {
    let mut watch = Watch::start().await?;
    watch.hold().await?;
    watch.save("again", "work two")?;
    watch
        .shows("exercise 99 was saved: it is checked next")
        .await?;
    // The runner reads its input during a check.
    watch.process.types("h\n")?;
    watch.shows("Hint 1").await?;
    watch.release()?;
    watch.shows("seen work one of count").await?;
    watch.shows("seen work two of again").await?;
    assert_eq!(watch.built(), "count: work one\nagain: work two\n");
    watch.quit().await.map(drop)
}

#[actix_rt::test]
async fn end_of_input_does_not_end_watch_and_a_signal_does() -> Result<()> {
    for (signal, code) in SIGNALS {
        let mut watch = Watch::start().await?;
        watch.process.end_input();
        watch.hold().await?;
        watch.process.signal(signal)?;
        watch.process.ends_with(code).await?;
        watch.sandbox.left_nothing().await?;
    }
    Ok(())
}

#[actix_rt::test]
async fn typed_lines_are_answered() -> Result<()> {
    let mut watch = Watch::start().await?;
    for (line, answer) in [
        ("help me", "There is no command \"help me\" here. Type h"),
        ("l", " 1          count"),
        ("p", "c) 0 1 2, then 0"),
        ("p x", "is not one of the choices"),
        ("p c", "Noted: c"),
        (" H ", "Hint 1 of"),
        ("", "seen  of count"),
    ] {
        watch.process.types(&format!("{line}\n"))?;
        watch.shows(answer).await?;
    }
    // The exercise that was saved is the current one now.
    watch.save("again", "work one")?;
    watch.shows("seen work one of again").await?;
    watch.save("again", "work two")?;
    watch.shows("seen work two of again").await?;
    fs::remove_file(watch.sandbox.path("built"))?;
    watch.process.types("\n")?;
    watch.builds("again: work two").await?;
    watch.quit().await.map(drop)
}

#[actix_rt::test]
async fn next_exercise_is_the_current_one_after_passing() -> Result<()> {
    let mut watch = Watch::start().await?;
    watch.sandbox.build(binary("demo-memory")?)?;
    watch.process.types("\n")?;
    watch.shows("PASSED").await?;
    watch.process.types("\n")?;
    watch.shows("checking exercise 3 ").await?;
    watch.quit().await.map(drop)
}

#[actix_rt::test]
async fn watch_begins_with_the_exercise_that_is_named() -> Result<()> {
    let mut watch = Watch::start_with(&["watch", "99"]).await?;
    watch.shows("Exercise 99, Count the visits").await?;
    watch.process.types("\n")?;
    watch.shows("checking exercise 99 ").await?;
    watch.process.types("t 2\n")?;
    watch.shows("Exercise 2, Write the memory store").await?;
    watch.process.types("\n")?;
    watch.shows("checking exercise 2 ").await?;
    watch.process.types("t 77\n")?;
    watch.shows("there is no exercise \"77\"").await?;
    watch.quit().await.map(drop)
}
