//! The page. maud escapes all text from Redis, and the content security policy allows no script in the page.

use actix_web::HttpRequest;
use maud::{DOCTYPE, Markup, html};
use server::{demo_url, navigation};

use crate::{
    list::List,
    search::MAX_SEARCH,
    shown::Shown,
    state::Viewer,
    table::rows,
    text::{count, duration},
    view::View,
};

const ICON: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='gray'/></svg>";

/// Renders the whole page.
pub(crate) fn page(request: &HttpRequest, viewer: &Viewer, shown: &Shown) -> Markup {
    let redis = &viewer.redis;
    // At a first look, the script marks what changes from now on.
    let polled = View {
        since: shown.view.since.or(shown.list.begun.map(|it| it.millis)),
        ..shown.view.clone()
    };
    layout(
        request,
        &html! {
            meta name="rows" content={ "/rows" (polled.link().trim_start_matches('/')) };
            script src="/viewer.js" defer {}
        },
        &html! {
            header {
                h1 { "Sessions in Redis" }
                p {
                    "Keys that start with " code { (redis.prefix) } " in the Redis at " code { (redis.address) } ". \
                     Viewing a session does not extend its idle timeout. Only a visit does."
                }
            }
            .tools {
                (search(&shown.view))
                .live {
                    a href=(View { since: None, ..shown.view.clone() }.link()) { "Refresh" }
                    button #pause.quiet type="button" hidden { "Pause" }
                    span #state role="status" { noscript { "Without JavaScript, this page does not update by itself." } }
                }
            }
            (rows(viewer, shown, &demos(request)))
            section aria-labelledby="difference" {
                h2 #difference { "The Redis key and the cookie" }
                p {
                    "The Redis key contains the session ID. The cookie contains the same ID and a signature, which only a server \
                     that knows " code { "SESSION_KEY" } " can make. Anyone who can read Redis can read the data of every session. \
                     They still cannot use a session in its visitor's place, because the servers reject an ID without a signature."
                }
            }
            section aria-labelledby="list" {
                h2 #list { "The list and the bars" }
                p {
                    "The viewer keeps a list of all sessions. It reads a new list only while someone looks at this page. The data and \
                     times in the table come from Redis at each update. If a session gets a new ID, its old ID counts as ended."
                }
                p {
                    "A bar shows how much of a timeout is left. "
                    @if let Some(idle) = viewer.timeouts.idle {
                        "For the idle timeout, the whole bar is " (duration(idle)) ": the viewer's own " code { "IDLE_TIMEOUT" } ". "
                    }
                    "A session itself contains its absolute timeout."
                }
            }
        },
    )
}

fn search(view: &View) -> Markup {
    html! {
        form role="search" action="/" {
            label for="search" { "Session ID or user" }
            input #search type="search" name="search" value=(view.search.text()) maxlength=(MAX_SEARCH) spellcheck="false" autocapitalize="none" autocomplete="off" aria-describedby="searched";
            @if let Some(since) = view.since { input type="hidden" name="since" value=(since); }
            button { "Search" }
            @if !view.search.is_empty() { a href=(View { since: view.since, ..View::default() }.link()) { "Show all" } }
            small #searched { "Finds IDs and users that begin with this text. It compares only the first 8 characters of an ID." }
        }
    }
}

/// Renders how to get a session into this Redis.
pub(crate) fn demos(request: &HttpRequest) -> Markup {
    let urls = demo_url(request, "redis").zip(demo_url(request, "webserver"));
    html! {
        @match urls {
            Some((redis, login)) => { "Visit the " a href=(redis) { "Redis demo" } ", or " a href=(login) { "log in" } "." },
            None => "Visit a server that keeps its sessions in this Redis.",
        }
    }
}

/// Renders the page that is shown while Redis does not answer. `list` is the last one.
pub(crate) fn unavailable(request: &HttpRequest, list: &List) -> Markup {
    layout(
        request,
        &html! {},
        &html! {
            header { h1 { "Redis does not answer" } }
            p { "The viewer cannot read the sessions. Its log has the cause. This page tries again every two seconds." }
            @if let Some(begun) = list.begun {
                p { "The last list is " (duration(begun.age())) " old. It had " (count(list.sessions.len(), "session")) "." }
            }
            p { a href="" { "Try again" } }
        },
    )
}

fn layout(request: &HttpRequest, head: &Markup, body: &Markup) -> Markup {
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
            body { (navigation(request)) main { (body) } }
        }
    }
}
