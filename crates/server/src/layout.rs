//! The layout of every page. A page is one document that loads nothing from other hosts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use base64::prelude::*;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::{Colour, InstanceName, PALETTE, colour_index, navigation::Navigation};

/// The style that all pages share, with the navigation and without a layout. For pages that are not built by [`page`].
pub const BASE_STYLE: &str = include_str!("base.css");

const CARD_STYLE: &str = include_str!("card.css");

/// Without an icon in the page, a browser would request one. That request would advance HAProxy's round robin.
pub(crate) const ICON: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='gray'/></svg>";

/// Allows inline styles, data images and forms to this server, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The scripts that a page may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// None.
    None,
    /// Scripts from this server, which may send requests to it.
    SameOrigin,
    /// This script, which stands in the page itself. It sends no requests.
    Inline(&'static str),
}

/// Returns a page with `title` and `content`. Its header names the instance that serves `request`, in its colour.
pub fn page(request: &HttpRequest, title: &str, content: &Markup) -> String {
    Layout::of(request).render(title, content)
}

/// The parts of a page that depend on the request.
pub(crate) struct Layout {
    /// The instance, unless HAProxy itself serves the page.
    name: Option<InstanceName>,
    navigation: Navigation,
}

impl Layout {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self {
            name: Some(InstanceName::of(request)),
            navigation: Navigation::of(request),
        }
    }

    /// Returns the layout of the pages that HAProxy serves by itself.
    #[cfg(test)]
    pub(crate) fn of_haproxy() -> Self {
        Self {
            name: None,
            navigation: Navigation::default(),
        }
    }

    /// Returns the name of the instance.
    pub(crate) fn instance(&self) -> &str {
        self.name.as_ref().map_or("HAProxy", InstanceName::as_str)
    }

    pub(crate) fn render(&self, title: &str, content: &Markup) -> String {
        html! {
            (DOCTYPE)
            html lang="en" style=[self.name.as_ref().map(|name| colour_of(name.as_str()))] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) }
                    link rel="icon" href=(ICON);
                    style { (PreEscaped(BASE_STYLE)) (PreEscaped(CARD_STYLE)) }
                }
                body {
                    (self.navigation.markup())
                    .card {
                        header { small { "served by" } strong { (self.instance()) } }
                        main {
                            h1 { (title) }
                            (content)
                        }
                    }
                }
            }
        }
        .into_string()
    }
}

/// Returns a response with `page` and a content security policy that allows `scripts`.
pub fn page_response(status: StatusCode, page: String, scripts: Scripts) -> HttpResponse {
    let policy = match scripts {
        Scripts::None => POLICY.to_owned(),
        Scripts::SameOrigin => format!("{POLICY}; script-src 'self'; connect-src 'self'"),
        Scripts::Inline(script) => format!("{POLICY}; script-src '{}'", hash(script)),
    };
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(page)
}

/// Returns the style that sets the CSS variable `--instance` to the colour of the instance called `name`.
fn colour_of(name: &str) -> String {
    let Colour { dark, bright } = PALETTE[page_colour(name)];
    format!("--instance: light-dark({dark}, {bright})")
}

/// Returns the index in the palette of the colour that pages have for the instance called `name`.
pub fn page_colour(name: &str) -> usize {
    // Two ports in sequence get two colours.
    let sum = name.bytes().map(usize::from).sum();
    colour_index(name, sum)
}

/// Returns the name that a content security policy has for `script` (CSP, section 2.3.1).
fn hash(script: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(script)))
}
