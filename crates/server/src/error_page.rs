//! The page of an error: which connection broke, and what the visitor can do.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use crate::layout::Layout;

/// An error, as a page shows it.
pub(crate) struct ErrorPage<'a> {
    pub(crate) status: StatusCode,
    /// The text that other clients get.
    pub(crate) text: Option<&'a str>,
    /// The stations of a request, such as visitor, instance and store.
    pub(crate) stations: &'a [&'a str],
    /// The index of the station that the request did not get to.
    pub(crate) broken: usize,
    /// The problem there, in a sentence. It is also the text alternative of the picture.
    pub(crate) caption: &'a str,
    /// Whether the visitor may try the same request again.
    pub(crate) may_repeat: bool,
    /// After how many seconds the page is loaded again.
    pub(crate) retry: Option<u64>,
}

impl ErrorPage<'_> {
    pub(crate) fn render(&self, layout: &Layout) -> String {
        let (title, advice) = title_and_advice(self.status);
        let content = html! {
            @if let Some(text) = self.text { p.note { (sentence(text)) } }
            (self.picture(layout))
            p.note { (advice) }
            @if let Some(seconds) = self.retry {
                p.note { "This page tries again by itself after " (seconds) " seconds." }
            }
            p.links {
                @if self.may_repeat { a href="" { "Try again" } }
                a href="/" { "Start page" }
            }
            p { "HTTP status " (self.status.as_u16()) }
        };
        layout.render(title, &content)
    }

    /// Draws the way of the request with the broken connection.
    fn picture(&self, layout: &Layout) -> Markup {
        html! {
            figure {
                .way aria-hidden="true" {
                    @for (index, station) in self.stations.iter().enumerate() {
                        span.here[*station == layout.instance()] .broken[index == self.broken] .after[index > self.broken] {
                            @if index == self.broken { i { "✕" } }
                            (station)
                        }
                    }
                }
                figcaption { (self.caption) }
            }
        }
    }
}

/// Returns what happened, and what the visitor can do about it.
fn title_and_advice(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::FORBIDDEN => (
            "This is not allowed",
            "Open the page on this site, and use its own form.",
        ),
        StatusCode::NOT_FOUND => (
            "There is nothing here",
            "Check the address, or begin at the start page.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "This address takes another method",
            "Begin at the start page, and use the buttons there.",
        ),
        StatusCode::REQUEST_TIMEOUT => (
            "The request took too long",
            "Send it again. If the connection is slow, send less.",
        ),
        StatusCode::CONFLICT => (
            "Something changed in the meantime",
            "Load the page again to see what is there now.",
        ),
        StatusCode::LENGTH_REQUIRED | StatusCode::BAD_REQUEST => (
            "The request is not complete",
            "Go back, and check what you sent.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("This is too much", "Go back, and send less."),
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many requests",
            "Wait a few seconds, and then try again.",
        ),
        StatusCode::BAD_GATEWAY => (
            "The instance ended too early",
            "Your change may have been made. Look before you repeat it.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "This does not work now",
            "Nothing is wrong with your request. It will work again later.",
        ),
        StatusCode::GATEWAY_TIMEOUT => (
            "The instance does not answer",
            "Your change may have been made. Look before you repeat it.",
        ),
        status if status.is_server_error() => (
            "The server made a mistake",
            "Its log has the cause. Try again, or begin at the start page.",
        ),
        _ => (
            "The server refused the request",
            "Go back, and check what you sent.",
        ),
    }
}

/// Returns `Try again.` for `try again`.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", letters.as_str())
}
