//! The part of the page that changes, which the script loads again every two seconds.

use maud::{Markup, html};

use crate::{
    row::row,
    search::MAX_SEARCH,
    shown::Shown,
    state::Viewer,
    summary,
    text::{count, printable},
};

const COLUMNS: [&str; 7] = [
    "Session",
    "User",
    "Data",
    "Times (UTC)",
    "Idle time left",
    "Absolute time left",
    "End session",
];

/// Renders the summary, the table, and the links to other pages. `demos` leads to the demos that use this Redis.
pub(crate) fn rows(viewer: &Viewer, shown: &Shown, demos: &Markup) -> Markup {
    let is_empty = shown.sessions.is_empty() && shown.others.is_empty();
    html! {
        div #rows {
            (summary::counts(shown))
            (summary::changes(shown))
            // Narrow screens show each row as a card, and browsers then need the roles to present a table.
            table role="table" hidden[is_empty] {
                caption { (caption(shown)) }
                thead role="rowgroup" {
                    tr role="row" { @for column in COLUMNS { th role="columnheader" scope="col" { (column) } } }
                }
                tbody role="rowgroup" {
                    @for entry in shown.sessions.iter().chain(&shown.others) { (row(viewer, shown, entry)) }
                }
            }
            div #empty hidden[!is_empty] { @if is_empty { (empty(shown, demos)) } }
            (pages(shown))
        }
    }
}

/// Renders a text such as `Sessions 51 to 100 of 230, the newest first`.
fn caption(shown: &Shown) -> Markup {
    let (first, last) = (shown.start + 1, shown.start + shown.listed);
    let ended = shown.listed - shown.sessions.len();
    let others = shown.others.len();
    let more = shown.list.others.len().saturating_sub(others);
    html! {
        @if shown.listed > 0 { "Sessions " (first) " to " (last) " of " (shown.found) ", the newest first" }
        @else { "No sessions" }
        @if ended > 0 { "; " (ended) " of these ended after the list was read" }
        @if others > 0 { "; then " (count(others, "key")) " without a session" }
        @if others > 0 && more > 0 { ", and " (more) " more that are not shown" }
    }
}

/// Renders why the table has no rows.
fn empty(shown: &Shown, demos: &Markup) -> Markup {
    let text = printable(shown.view.search.text(), MAX_SEARCH);
    html! {
        @if shown.list.begun.is_none() {
            p { "The viewer is reading the sessions for the first time. With many keys in Redis that takes some seconds." }
        } @else if shown.listed > 0 {
            p { "The sessions of this page ended after the list was read." }
        } @else if !shown.view.search.is_empty() {
            p { "No session has an ID or a user that begins with " strong { (text) } "." }
        } @else if shown.found > 0 {
            p { "There are no more sessions." }
        } @else {
            p { "There are no sessions. " (demos) }
        }
    }
}

fn pages(shown: &Shown) -> Markup {
    let links = &shown.links;
    let is_only = links.newer.is_none() && links.older.is_none();
    html! {
        nav #pages aria-label="pages" hidden[is_only] {
            @if let Some(newer) = &links.newer {
                a #newest href=(shown.view.at(None).link()) { "Newest" }
                a #newer rel="prev" href=(newer.link()) { "Newer" }
            }
            @if let Some(older) = &links.older { a #older rel="next" href=(older.link()) { "Older" } }
            @if let Some(oldest) = &links.oldest { a #oldest href=(oldest.link()) { "Oldest" } }
        }
    }
}
