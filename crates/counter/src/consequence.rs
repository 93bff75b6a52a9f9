//! The sentence about what became of the last value that a visitor set.

use maud::{Markup, html};

use crate::last_set::{LastSet, shorten};

/// The value that this instance has found, compared with the one that was set.
#[derive(PartialEq, Eq)]
enum Found {
    Same,
    Another,
    Nothing,
}

/// Compares the value that was set `last` with the session's `value` at the instance `here`.
///
/// It claims no more than this instance can know. A value that is missing where it was set may have several causes.
pub(crate) fn consequence(store: &str, last: &LastSet, here: &str, value: Option<&str>) -> Markup {
    let found = match value.map(shorten) {
        Some(value) if value == last.value => Found::Same,
        Some(_) => Found::Another,
        None => Found::Nothing,
    };
    let back = last.instance == here;
    html! {
        p.note {
            "You set " em { (last.value) } " at " (name(&last.instance)) ". "
            "This is " (name(here)) @if back { " again" } ", and " (finding(store, &found, back)) "."
            @if let Some(cause) = cause(store, &found, back) { " " (cause) }
        }
    }
}

/// Writes the name of an instance, which stays on one line if it fits.
fn name(instance: &str) -> Markup {
    html! { span style="display: inline-block" { (instance) } }
}

/// Returns the end of the sentence. `back` means that the visitor is back at the instance where they set the value.
fn finding(store: &str, found: &Found, back: bool) -> String {
    let place = match (store, found) {
        ("redis", Found::Same) if !back => return "both ask the same Redis".to_owned(),
        // Instances can share a folder, and a visitor can set the same value twice.
        ("file", Found::Same) => return "it found the value".to_owned(),
        ("cookie", Found::Same) => return "your cookie brought the value".to_owned(),
        ("memory", _) => "its memory",
        ("file", _) => "its folder",
        _ => "your session",
    };
    let value = match found {
        Found::Same => "the value",
        Found::Another => "another value",
        Found::Nothing => "no such value",
    };
    format!("{place} has {value}")
}

/// Returns what may have happened to a value that this instance should have found.
fn cause(store: &str, found: &Found, back: bool) -> Option<&'static str> {
    let has_its_own = matches!(store, "memory" | "file");
    if *found != Found::Nothing || (has_its_own && !back) {
        return None;
    }
    Some(if store == "memory" {
        "Perhaps it restarted, or the earlier session has ended."
    } else {
        "Perhaps the earlier session has ended."
    })
}
