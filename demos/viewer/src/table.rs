//! The table of sessions, which the page's script loads again every two seconds.

use std::time::Duration;

use maud::{Markup, html};
use session_stores::Record;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    entry::{Entry, short},
    redis::KeyPage,
    state::Viewer,
    text::{duration, printable},
};

/// Characters shown of a session's data.
const MAX_DATA: usize = 2000;
/// Characters shown of a user's name. The demos allow 64.
const MAX_NAME: usize = 64;

/// Renders the table and the links to other pages.
pub(crate) fn rows(viewer: &Viewer, page: &KeyPage) -> Markup {
    let mut entries: Vec<_> = page.entries.iter().collect();
    // The newest session comes first; keys without a session come last.
    entries.sort_by_cached_key(|entry| match &entry.session {
        Ok(session) => (0, -session.created_at.unix_timestamp_nanos(), &entry.name),
        Err(_) => (1, 0, &entry.name),
    });
    let sessions = entries.iter().filter(|it| it.session.is_ok()).count();
    let is_last = page.next_cursor == 0;
    let is_only = page.cursor == 0 && is_last;
    let columns = [
        "Session",
        "User",
        "Data",
        "Times (UTC)",
        "Idle time left",
        "Absolute time left",
        "End session",
    ];
    html! {
        div #rows {
            // Narrow screens show each row as a card, and browsers then need the roles to present a table.
            table role="table" {
                caption {
                    (count(sessions, "session")) @if is_only { " in total; " } @else { " on this page; " }
                    (count(page.total_keys, "key")) " in this Redis"
                }
                thead role="rowgroup" {
                    tr role="row" { @for column in columns { th role="columnheader" scope="col" { (column) } } }
                }
                tbody role="rowgroup" { @for entry in entries { (row(viewer, page.cursor, entry)) } }
            }
            @if page.entries.is_empty() {
                p.empty { @if is_last { "There are no sessions. Visit a server that keeps its sessions in this Redis." } @else { "There are no sessions among these keys." } }
            }
            @if !is_only {
                nav aria-label="pages" {
                    @if page.cursor != 0 { a href="/" { "First page" } }
                    @if is_last { span { "This is the last page." } } @else { a rel="next" href=(link(page.next_cursor)) { "Next page" } }
                }
            }
        }
    }
}

fn row(viewer: &Viewer, cursor: u64, entry: &Entry) -> Markup {
    let name = printable(&short(&entry.name), MAX_NAME);
    let now = OffsetDateTime::now_utc();
    html! {
        tr role="row" id={ "s-" (entry.row_id) } data-version=(entry.version) {
            th role="rowheader" scope="row" { code { (name) "…" } }
            @match &entry.session {
                Ok(session) => (cells(session)),
                Err(reason) => td role="cell" colspan="3" { "not a session: " (reason) },
            }
            td role="cell" data-label="Idle time left" { (countdown(entry.idle_remaining)) }
            td role="cell" data-label="Absolute time left" {
                @if let Ok(session) = &entry.session { (countdown(viewer.timeouts.remaining(session, now))) }
            }
            td role="cell" {
                @if entry.session.is_ok() {
                    form method="post" action="/end" {
                        input type="hidden" name="cursor" value=(cursor);
                        button name="session" value=(viewer.token_key.encrypt(&entry.name)) aria-label={ "End session " (name) } { "End" }
                    }
                }
            }
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
        td role="cell" data-label="User" { @match &session.user { Some(user) => strong { (printable(user, MAX_NAME)) }, None => "not logged in" } }
        td role="cell" data-label="Data" { pre { (printable(&data, MAX_DATA)) } }
        td role="cell" data-label="Times (UTC)" {
            dl { @for (what, when) in times { div { dt { (what) } dd { (date_time(when)) } } } }
        }
    }
}

/// Renders a point in time, to the second.
fn date_time(when: OffsetDateTime) -> Markup {
    // In the last hours of the year 9999 there may be no such time in UTC.
    let when = when.checked_to_offset(UtcOffset::UTC).unwrap_or(when);
    let exact = when.format(&Rfc3339).unwrap_or_default();
    let text = exact.get(..19).unwrap_or_default().replacen('T', " ", 1);
    html! { time datetime=(exact) { (text) } }
}

/// Renders a duration that the script counts down.
fn countdown(remaining: Option<Duration>) -> Markup {
    html! {
        @match remaining {
            Some(time) => span data-left=(time.as_millis()) { (duration(time)) },
            None => span { "no limit" },
        }
    }
}

/// Returns `1 key` or `2 keys`.
fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Returns the link to the page that starts at `cursor`.
pub(crate) fn link(cursor: u64) -> String {
    if cursor == 0 {
        "/".to_owned()
    } else {
        format!("/?cursor={cursor}")
    }
}
