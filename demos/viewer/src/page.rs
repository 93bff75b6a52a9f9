//! The page. maud escapes everything that a session holds, and the policy of `server.rs` allows no script in it.

use std::time::Duration;

use maud::{DOCTYPE, Markup, html};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    entry::{Entry, Session, What},
    redis::Page,
    server::Viewer,
    text,
};

/// Characters shown of the data of a session.
const MOST_DATA: usize = 2000;
/// Characters shown of a user's name; none needs more than 64.
const MOST_NAME: usize = 64;

const ICON: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='crimson'/></svg>";

/// Everything that a page is written from.
pub(crate) struct Shown<'a> {
    pub(crate) viewer: &'a Viewer,
    pub(crate) page: &'a Page,
    pub(crate) cursor: u64,
    pub(crate) now: OffsetDateTime,
}

/// The whole page.
pub(crate) fn page(shown: &Shown) -> Markup {
    let redis = &shown.viewer.redis;
    let here = link(shown.cursor);
    frame(
        &html! {
            meta name="cursor" content=(shown.cursor);
            script src="/viewer.js" defer {}
        },
        &html! {
            header {
                h1 { "Sessions in Redis" }
                p { "Keys " code { (redis.prefix()) "…" } " of " code { (redis.address()) } ". Looking keeps no session alive: only a visit does." }
            }
            nav aria-label="live" {
                a href=(here) { "Refresh" }
                button #pause type="button" hidden { "Pause" }
                span #state role="status" { noscript { "Without script, times stand still and nothing reloads by itself." } }
            }
            (rows(shown))
            section aria-labelledby="difference" {
                h2 #difference { "The Redis key and the cookie" }
                p {
                    "The key holds the session's id, and the cookie holds the same id together with a signature, which only a server that \
                     knows " code { "SESSION_KEY" } " can make. So whoever reads Redis reads all that a session holds, and still cannot \
                     be its visitor: an id without its signature is no cookie, and the servers refuse it."
                }
            }
        },
    )
}

/// What changes of it.
pub(crate) fn rows(shown: &Shown) -> Markup {
    let mut entries: Vec<_> = shown.page.entries.iter().collect();
    // The newest first. What is no session comes last.
    entries.sort_by_cached_key(|entry| match &entry.what {
        What::Session(session) => (0, -session.created.unix_timestamp_nanos(), &entry.name),
        What::Other(_) => (1, 0, &entry.name),
    });
    let sessions = entries
        .iter()
        .filter(|entry| matches!(entry.what, What::Session(_)))
        .count();
    html! {
        div #rows {
            // Narrow screens lay the rows out as cards, and browsers then forget what was a table but for the roles.
            table role="table" {
                caption { (caption(shown, sessions)) }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Session" }
                        th role="columnheader" scope="col" { "User" }
                        th role="columnheader" scope="col" { "Data" }
                        th role="columnheader" scope="col" { "Times (UTC)" }
                        th role="columnheader" scope="col" { "Idle time left" }
                        @if shown.viewer.lifetime.is_some() { th role="columnheader" scope="col" { "Absolute time left" } }
                        th role="columnheader" scope="col" { "End it" }
                    }
                }
                tbody role="rowgroup" { @for entry in entries { (row(shown, entry)) } }
            }
            @if shown.page.entries.is_empty() {
                p.empty { @if shown.page.next == 0 { "No session lies here. Visit a server that keeps its sessions in this Redis." } @else { "No session among these keys." } }
            }
            (pages(shown))
        }
    }
}

fn caption(shown: &Shown, sessions: usize) -> String {
    let plural = if sessions == 1 { "" } else { "s" };
    let part = if shown.cursor == 0 && shown.page.next == 0 {
        "all there are"
    } else {
        "one page of them"
    };
    format!(
        "{sessions} session{plural}, {part}; Redis holds {} keys in all",
        shown.page.keys
    )
}

fn pages(shown: &Shown) -> Markup {
    html! {
        @if shown.cursor != 0 || shown.page.next != 0 {
            nav aria-label="pages" {
                @if shown.cursor != 0 { a href="/" { "First page" } }
                @if shown.page.next == 0 { span { "This is the last page." } } @else { a rel="next" href=(link(shown.page.next)) { "Next page" } }
            }
        }
    }
}

fn row(shown: &Shown, entry: &Entry) -> Markup {
    let name = text::shown(&entry.short(), MOST_NAME);
    html! {
        tr role="row" id={ "s-" (entry.handle) } data-version=(entry.version) {
            th role="rowheader" scope="row" { code { (name) "…" } }
            @match &entry.what {
                What::Session(session) => (cells(session)),
                What::Other(why) => td role="cell" colspan="3" { "no session: " (why) },
            }
            td role="cell" data-label="Idle time left" { (left(entry.left)) }
            @if let Some(lifetime) = shown.viewer.lifetime {
                td role="cell" data-label="Absolute time left" { @if let Some(time) = entry.left_of(lifetime, shown.now) { (left(Some(time))) } }
            }
            td role="cell" {
                @if let What::Session(_) = entry.what {
                    form method="post" action="/end" {
                        input type="hidden" name="cursor" value=(shown.cursor);
                        button name="session" value=(shown.viewer.seal.seal(&entry.name)) aria-label={ "End session " (name) } { "End" }
                    }
                }
            }
        }
    }
}

fn cells(session: &Session) -> Markup {
    html! {
        td role="cell" data-label="User" { @match &session.user { Some(user) => strong { (text::shown(user, MOST_NAME)) }, None => "not signed in" } }
        td role="cell" data-label="Data" { pre { (text::shown(&session.data, MOST_DATA)) } }
        td role="cell" data-label="Times (UTC)" {
            dl {
                @for (what, when) in [("created", session.created), ("updated", session.updated), ("rotated", session.rotated)] {
                    div { dt { (what) } dd { (moment(when)) } }
                }
            }
        }
    }
}

/// A point in time, to the second.
fn moment(when: OffsetDateTime) -> Markup {
    // At the end of time there may be no such time in UTC.
    let when = when.checked_to_offset(UtcOffset::UTC).unwrap_or(when);
    let exact = when.format(&Rfc3339).unwrap_or_default();
    let text = exact.get(..19).unwrap_or_default().replacen('T', " ", 1);
    html! { time datetime=(exact) { (text) } }
}

/// Time that is running out, for the script to count down.
fn left(time: Option<Duration>) -> Markup {
    html! {
        @match time {
            Some(time) => span data-left=(time.as_millis()) { (text::left(time)) },
            None => span { "no limit" },
        }
    }
}

fn link(cursor: u64) -> String {
    if cursor == 0 {
        "/".to_owned()
    } else {
        format!("/?cursor={cursor}")
    }
}

/// Instead of the page, while Redis can't be asked.
pub(crate) fn unavailable() -> Markup {
    frame(
        &html! { meta http-equiv="refresh" content="2"; },
        &html! {
            header { h1 { "Redis does not answer" } }
            p { "The sessions can't be shown. This page tries again every other second; the viewer's log says what is wrong." }
            p { a href="" { "Try again" } }
        },
    )
}

fn frame(head: &Markup, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Sessions in Redis" }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href="/viewer.css";
                (head)
            }
            body { main { (body) } }
        }
    }
}
