//! The page. maud escapes all text from Redis, and the content security policy allows no script in the page.

use maud::{DOCTYPE, Markup, html};

use crate::{
    redis::KeyPage,
    state::Viewer,
    table::{link, rows},
};

const ICON: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='crimson'/></svg>";

/// Renders the whole page.
pub(crate) fn page(viewer: &Viewer, page: &KeyPage) -> Markup {
    let redis = &viewer.redis;
    layout(
        &html! {
            meta name="cursor" content=(page.cursor);
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
            nav aria-label="live" {
                a href=(link(page.cursor)) { "Refresh" }
                button #pause type="button" hidden { "Pause" }
                span #state role="status" { noscript { "Without JavaScript, this page does not update by itself." } }
            }
            (rows(viewer, page))
            section aria-labelledby="difference" {
                h2 #difference { "The Redis key and the cookie" }
                p {
                    "The Redis key contains the session ID. The cookie contains the same ID and a signature, which only a server \
                     that knows " code { "SESSION_KEY" } " can make. Anyone who can read Redis can read the data of every session. \
                     They still cannot use a session in its visitor's place, because the servers reject an ID without a signature."
                }
            }
        },
    )
}

/// Renders the page that is shown while Redis does not answer.
pub(crate) fn unavailable() -> Markup {
    layout(
        &html! { meta http-equiv="refresh" content="2"; },
        &html! {
            header { h1 { "Redis does not answer" } }
            p { "The viewer cannot read the sessions. Its log has the cause. This page tries again every two seconds." }
            p { a href="" { "Try again" } }
        },
    )
}

fn layout(head: &Markup, body: &Markup) -> Markup {
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
