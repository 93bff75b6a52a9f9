//! A row of the table: one session, or one key that is not a session.

use maud::{Markup, html};
use session_stores::Record;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    entry::{Entry, short},
    shown::Shown,
    state::Viewer,
    text::printable,
    time_left::{absolute_limit, time_left},
};

/// Characters shown of a session's data.
const MAX_DATA: usize = 2000;
/// Characters shown of a user's name. The demos allow 64.
const MAX_NAME: usize = 64;

/// Renders the row of `entry`.
pub(crate) fn row(viewer: &Viewer, shown: &Shown, entry: &Entry) -> Markup {
    let name = printable(&short(&entry.name), MAX_NAME);
    let mark = shown.mark(entry);
    let idle = time_left("idle time left", entry.idle_remaining, viewer.timeouts.idle);
    html! {
        tr role="row" id={ "s-" (entry.row_id) } data-version=(entry.version) {
            th role="rowheader" scope="row" {
                code { (name) "…" }
                @if let Some(mark) = mark { " " span.mark { (mark) } }
            }
            @match &entry.session {
                Ok(session) => (cells(session)),
                Err(reason) => td role="cell" colspan="3" { "not a session: " (reason) },
            }
            td role="cell" data-label="Idle time left" { (idle) }
            td role="cell" data-label="Absolute time left" {
                @if let Ok(session) = &entry.session { (absolute(viewer, session)) }
            }
            td role="cell" {
                @if let Ok(session) = &entry.session { (end_button(viewer, shown, session, &name)) }
            }
        }
    }
}

fn absolute(viewer: &Viewer, session: &Record) -> Markup {
    let left = viewer
        .timeouts
        .remaining(session, OffsetDateTime::now_utc());
    let limit = absolute_limit(&viewer.timeouts, session);
    time_left("absolute time left", left, limit)
}

fn end_button(viewer: &Viewer, shown: &Shown, session: &Record, name: &str) -> Markup {
    let token = viewer.token_key.encrypt(&session.id.to_string());
    html! {
        form method="post" action="/end" {
            @for (name, value) in shown.view.fields() { input type="hidden" name=(name) value=(value); }
            button.quiet name="session" value=(token) aria-label={ "End session " (name) } { "End" }
        }
    }
}

fn cells(session: &Record) -> Markup {
    let data = serde_json::to_string_pretty(&session.data).unwrap_or_default();
    let times = [
        ("created", session.created_at),
        ("updated", session.updated_at),
        ("rotated", session.rotated_at),
    ];
    html! {
        td role="cell" data-label="User" { @match &session.user { Some(user) => strong { (user_name(user)) }, None => "not logged in" } }
        td role="cell" data-label="Data" { pre { (printable(&data, MAX_DATA)) } }
        td role="cell" data-label="Times (UTC)" {
            dl { @for (what, when) in times { div { dt { (what) } dd { (date_time(when)) } } } }
        }
    }
}

/// Returns a user's name, made safe to show.
pub(crate) fn user_name(user: &str) -> String {
    printable(user, MAX_NAME)
}

/// Renders a point in time, to the second.
pub(crate) fn date_time(when: OffsetDateTime) -> Markup {
    // In the last hours of the year 9999 there may be no such time in UTC.
    let when = when.checked_to_offset(UtcOffset::UTC).unwrap_or(when);
    let exact = when.format(&Rfc3339).unwrap_or_default();
    let text = exact.get(..19).unwrap_or_default().replacen('T', " ", 1);
    html! { time datetime=(exact) { (text) } }
}
