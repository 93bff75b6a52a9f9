//! What the commands say, and what they keep.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;
use workshop::exercise::Exercise;

use crate::{
    desk::{Desk, Told},
    running::Running,
};

fn report(desk: &Desk) -> Result<Value> {
    Ok(serde_json::from_str(
        &desk.told(&["report", "--json"])?.out,
    )?)
}

/// What the report has of exercise 1.
fn first(desk: &Desk) -> Result<Value> {
    Ok(report(desk)?["exercises"][0].clone())
}

#[test]
fn a_prediction_is_noted_and_the_check_tells_whether_it_was_right() -> Result<()> {
    let desk = Desk::new()?;
    desk.passing_cargo()?;
    for (letter, told) in [
        ("b", "You predicted b. It is c) 0 1 2, then 0"),
        ("C", "Your prediction was right: c) 0 1 2, then 0"),
    ] {
        assert!(desk.told(&["predict", "count", letter])?.says("Noted"));
        let checked = desk.told(&["check", "count"])?;
        assert!(
            checked.code == Some(0) && checked.says("PASSED") && checked.says(told),
            "{}",
            checked.all()
        );
    }
    assert_eq!(
        (
            first(&desk)?["prediction"].as_str(),
            first(&desk)?["predicted_right"].as_bool()
        ),
        (Some("c"), Some(true))
    );
    Ok(())
}

#[test]
fn a_check_after_passing_keeps_when_it_passed() -> Result<()> {
    let desk = Desk::new()?;
    desk.passing_cargo()?;
    desk.told(&["check", "count"])?;
    let before = first(&desk)?;
    desk.failing_cargo("error: no")?;
    assert_eq!(desk.told(&["check", "count"])?.code, Some(1));
    let after = first(&desk)?;
    assert_eq!(
        (&after["passed"], &after["begun"]),
        (&before["passed"], &before["begun"])
    );
    assert_eq!(
        (&after["checks"], &after["finding"]),
        (&2.into(), &"it does not compile".into())
    );
    assert!(before["passed"].is_string());
    Ok(())
}

#[actix_rt::test]
async fn nobody_is_asked_for_a_prediction_without_a_terminal() -> Result<()> {
    let desk = Desk::new()?;
    desk.passing_cargo()?;
    for (command, told) in [
        ("predict", "scripts/workshop.sh predict 1 LETTER"),
        ("check", "PASSED"),
    ] {
        // Its input is a pipe that stays open and says nothing.
        let mut runner = Running::start(&desk, &[command, "count"])?;
        assert_eq!(runner.ends().await?, Some(0));
        assert!(runner.said()?.contains(told), "{}", runner.said()?);
    }
    Ok(())
}

#[test]
fn a_letter_that_is_no_choice_is_refused_with_those_that_are() -> Result<()> {
    let desk = Desk::new()?;
    let told = desk.told(&["predict", "count", "x"])?;
    assert!(
        told.code == Some(1) && told.says("\"x\" is none of the choices; they are a to d"),
        "{}",
        told.all()
    );
    assert!(first(&desk)?["prediction"].is_null());
    Ok(())
}

#[test]
fn each_hint_is_one_more_until_there_are_no_more() -> Result<()> {
    let desk = Desk::new()?;
    let hints = desk.exercise()?.card.hints.len();
    for asked in 1..=hints + 1 {
        let shown = desk.told(&["hint", "count"])?.out.matches("Hint ").count();
        assert_eq!(shown, asked.min(hints), "asked {asked} times");
    }
    assert_eq!(first(&desk)?["hints"], hints);
    Ok(())
}

#[test]
fn the_solution_is_for_who_has_passed_or_gives_up() -> Result<()> {
    let desk = Desk::new()?;
    let solution = desk.exercise()?.solution()?;
    let refused = desk.told(&["solution", "count"])?;
    assert!(
        refused.code == Some(1) && refused.says("hasn't passed yet") && refused.says("--i-give-up"),
        "{}",
        refused.all()
    );
    assert!(!refused.says(&solution));
    desk.passing_cargo()?;
    desk.told(&["check", "count"])?;
    let shown = desk.told(&["solution", "count"])?;
    assert!(
        shown.code == Some(0) && shown.says(&solution),
        "{}",
        shown.all()
    );
    assert_eq!(first(&desk)?["gave_up"], false);

    let desk = Desk::new()?;
    assert!(
        desk.told(&["solution", "count", "--i-give-up"])?
            .says(&solution)
    );
    assert_eq!(first(&desk)?["gave_up"], true);
    Ok(())
}

#[test]
fn the_list_has_every_exercise_with_its_state() -> Result<()> {
    let desk = Desk::new()?;
    let state = |desk: &Desk| -> Result<String> {
        let told = desk.told(&["list"])?.out;
        assert_eq!(
            told.lines().count(),
            Exercise::all(&desk.tree())?.len(),
            "{told}"
        );
        Ok(told.lines().next().context("no line")?.to_owned())
    };
    assert!(state(&desk)?.starts_with(" 1          count"));
    desk.failing_cargo("error: no")?;
    desk.told(&["check", "count"])?;
    assert!(state(&desk)?.starts_with(" 1  begun   count"));
    desk.passing_cargo()?;
    desk.told(&["check", "count"])?;
    assert!(state(&desk)?.starts_with(" 1  passed  count"));
    Ok(())
}

#[test]
fn the_report_has_what_an_instructor_collects() -> Result<()> {
    let desk = Desk::new()?;
    let report = report(&desk)?;
    assert_eq!(
        (&report["passed"], report["of"].as_u64()),
        (
            &0.into(),
            report["exercises"].as_array().map(|all| all.len() as u64)
        )
    );
    let fields = [
        "number",
        "name",
        "checks",
        "begun",
        "passed",
        "finding",
        "prediction",
        "predicted_right",
        "hints",
        "gave_up",
    ];
    for line in report["exercises"].as_array().context("no exercises")? {
        assert!(
            fields.iter().all(|field| line.get(field).is_some()),
            "{line}"
        );
    }
    assert!(report.get("user").is_some());
    assert!(desk.told(&["report"])?.says("0 of"));
    Ok(())
}

#[test]
fn progress_that_cannot_be_read_is_put_aside() -> Result<()> {
    let desk = Desk::new()?;
    let folder = desk.tree().join(".workshop");
    fs::create_dir(&folder)?;
    fs::write(folder.join("progress.json"), "garbage")?;
    let told = desk.told(&["hint", "count"])?;
    assert!(
        told.code == Some(0) && told.says("is not readable"),
        "{}",
        told.all()
    );
    assert_eq!(
        fs::read_to_string(folder.join("progress.json.unreadable"))?,
        "garbage"
    );
    assert_eq!(first(&desk)?["hints"], 1);
    Ok(())
}

#[test]
fn progress_put_aside_before_is_not_lost_to_the_next() -> Result<()> {
    let desk = Desk::new()?;
    let folder = desk.tree().join(".workshop");
    fs::create_dir(&folder)?;
    for garbage in ["garbage", "more garbage"] {
        fs::write(folder.join("progress.json"), garbage)?;
        desk.told(&["list"])?;
    }
    let kept: Vec<_> = fs::read_dir(&folder)?
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .collect();
    assert!(
        kept.contains(&"garbage".to_owned()) && kept.contains(&"more garbage".to_owned()),
        "{kept:?}"
    );
    Ok(())
}

#[test]
fn an_exercise_that_does_not_exist_is_refused_with_those_that_do() -> Result<()> {
    let desk = Desk::new()?;
    let last = Exercise::all(&desk.tree())?.len();
    for command in ["check", "hint", "predict", "solution", "reset"] {
        let told = desk.told(&[command, "77"])?;
        assert!(
            told.code == Some(1)
                && told.says(&format!(
                    "there is no exercise \"77\"; they are 1 to {last}"
                )),
            "{}",
            told.all()
        );
    }
    Ok(())
}

#[test]
fn an_installation_that_is_not_whole_is_told_apart_from_the_work() -> Result<()> {
    let desk = Desk::new()?;
    let told: Told = desk
        .workshop(&["check", "count"])
        .env("CARGO", "/nonexistent")
        .output()?
        .into();
    assert!(
        told.code == Some(1) && told.says("this says nothing about your work"),
        "{}",
        told.all()
    );
    assert!(
        told.says("is Rust installed?") && told.says("scripts/workshop.sh doctor"),
        "{}",
        told.all()
    );
    desk.fake_cargo(
        r#"echo '{"message":{"level":"error","code":null,"message":"linker `cc` not found","rendered":"error: linker `cc` not found"}}'; exit 1"#,
    )?;
    let told = desk.told(&["check", "count"])?;
    assert!(
        told.says("this says nothing about your work") && told.says("linker `cc` not found"),
        "{}",
        told.all()
    );
    Ok(())
}

#[test]
fn the_work_is_not_tried_by_what_is_exported_in_the_shell() -> Result<()> {
    let desk = Desk::new()?;
    desk.passing_cargo()?;
    let strange = [
        ("APP_PORT", "1"),
        ("IDLE_TIMEOUT", "1ms"),
        ("REDIS_URL", "redis://nowhere"),
        ("APP_HOST", "192.0.2.1"),
    ];
    let told: Told = desk
        .workshop(&["check", "count"])
        .envs(strange)
        .output()?
        .into();
    assert_eq!(told.code, Some(0), "{}", told.all());
    Ok(())
}
