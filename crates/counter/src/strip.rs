//! A strip with this browser's last requests, which the browser keeps. Each instance has a lane, and each request a
//! dot.
//!
//! The store may forget, and the strip shows it. Without JavaScript the strip is absent.

use maud::{Markup, PreEscaped, html};
use server::{PALETTE, page_colour};

/// The script of the page. It stands in the page, because a request for it would advance HAProxy's round robin.
pub(crate) const SCRIPT: &str = include_str!("strip.js");

const STYLE: &str = include_str!("strip.css");

/// Returns the empty strip and its script. The script adds this request: `count` if it was counted, and whether the
/// session has a value.
pub(crate) fn strip(store: &str, instance: &str, count: Option<u64>, has_value: bool) -> Markup {
    html! {
        div #strip hidden data-store=(store) data-instance=(instance) data-colour=(page_colour(instance))
            data-count=[count] data-value[has_value] {
            h2 { "Your last requests" }
            svg aria-hidden="true" { style { (PreEscaped(STYLE)) (colours()) } g {} }
            ol.unseen {}
            p {
                "A dot is a page that this browser got, with its count. It is filled if the value was there. "
                "A thick ring and a cross mean that the count did not go on."
            }
            button.quiet type="button" { "Clear" }
            span role="status" {}
        }
        script { (PreEscaped(SCRIPT)) }
    }
}

/// Returns a class for each colour of the palette.
fn colours() -> String {
    let classes = PALETTE.iter().enumerate().map(|(index, colour)| {
        let (dark, bright) = (colour.dark, colour.bright);
        format!("\n.colour-{index} {{ --colour: light-dark({dark}, {bright}) }}")
    });
    classes.collect()
}
