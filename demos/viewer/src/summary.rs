//! The sentences above the table: how many sessions there are, how old the list is, and what has changed.

use maud::{Markup, html};
use time::OffsetDateTime;

use crate::{
    entry::short,
    list::{Ended, MAX_ENDED},
    row::{date_time, user_name},
    shown::Shown,
    text::{count, duration},
};

/// The most ended sessions that the page names.
const NAMED: usize = 5;

/// Renders the number of sessions, and the age of the list.
pub(crate) fn counts(shown: &Shown) -> Markup {
    let sessions = count(shown.list.sessions.len(), "session");
    html! {
        p #counts {
            @if let Some(begun) = shown.list.begun {
                @if !shown.view.search.is_empty() { (shown.found) " of " }
                (sessions) "; " (count(shown.total_keys, "key")) " in this Redis. The list is "
                span data-age=(begun.age().as_millis()) { (duration(begun.age())) } " old."
            }
        }
    }
}

/// Renders what has changed since the visitor's last look.
pub(crate) fn changes(shown: &Shown) -> Markup {
    let since = shown.view.since.and_then(|since| {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(since) * 1_000_000).ok()
    });
    let ended = shown.ended();
    html! {
        p #changes {
            @if let (Some(time), Some(since)) = (since, shown.view.since) {
                "Since your last look at " (date_time(time)) " UTC: "
                (shown.list.count_new(since)) " new, "
                (shown.count_changed()) " changed on this page, "
                @if ended.len() == MAX_ENDED { "at least " }
                (ended.len()) " ended"
                @for (index, ended) in ended.iter().take(NAMED).enumerate() {
                    @if index == 0 { ": " } @else { ", " }
                    (name(ended))
                }
                @if ended.len() > NAMED { " and others" }
                "."
            }
        }
    }
}

fn name(ended: &Ended) -> Markup {
    let session = &ended.session;
    html! {
        code { (short(session.id.to_string().as_bytes())) "…" }
        @if let Some(user) = &session.user { " of " (user_name(user)) }
    }
}
