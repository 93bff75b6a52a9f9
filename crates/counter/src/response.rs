//! A response in the format that the client prefers: text for curl, JSON for programs, a page for browsers.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode};
use server::{Format, Scripts, page_response};

use crate::{page::page, view::View};

/// A view, and its text.
pub(crate) struct CounterResponse {
    view: View,
    text: String,
}

impl CounterResponse {
    /// Greets with the tutorial's line, and a second line if a value is set.
    pub(crate) fn greeting(view: View) -> Self {
        let value = match &view.value {
            Some(value) => format!("value: {}\n", in_one_line(value)),
            None => String::new(),
        };
        let text = format!("Hello World #{}\n{value}", view.visit_count);
        Self { view, text }
    }

    /// Returns the value alone.
    pub(crate) fn value(view: View) -> Self {
        let text = format!("{}\n", view.value.as_deref().unwrap_or("no value set"));
        Self { view, text }
    }

    /// Confirms that the value was `changed`: "set" or "unset".
    pub(crate) fn changed(view: View, changed: &str) -> Self {
        let text = match &view.value {
            Some(value) => format!("value {changed}: {}\n", in_one_line(value)),
            None => format!("value {changed}\n"),
        };
        Self { view, text }
    }
}

impl Responder for CounterResponse {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match Format::wanted(request) {
            Format::Text => HttpResponse::Ok()
                .content_type("text/plain; charset=utf-8")
                .body(self.text),
            Format::Json => HttpResponse::Ok().json(self.view),
            Format::Page => page_response(StatusCode::OK, page(&self.view), Scripts::None),
        }
    }
}

/// Escapes line breaks and other control characters as `\n` or `\u{7}`.
fn in_one_line(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                c.escape_default().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
}
