//! One answer, as text for curl, JSON for programs, or a page for a browser.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode};
use serde::Serialize;

use server::{Format, InstanceInfo, Scripts, ShortId, page_response, short_id};

use crate::{page::page, session::CounterSession};

/// What a visitor is shown. As JSON: `{"visitCount":0,"value":null,"instance":"127.0.0.1:5000","store":"memory"}`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    pub(crate) visit_count: u64,
    pub(crate) value: Option<String>,
    pub(crate) instance: String,
    pub(crate) store: &'static str,
    #[serde(skip)]
    pub(crate) id: Option<ShortId>,
    #[serde(skip)]
    text: String,
}

impl View {
    pub(crate) fn new(instance: &InstanceInfo, visit: &CounterSession) -> Self {
        Self {
            visit_count: visit.count(),
            value: visit.value(),
            instance: instance.instance().to_owned(),
            store: instance.store(),
            id: short_id(),
            text: String::new(),
        }
    }

    /// Shows the count before this visit.
    pub(crate) fn with_count(self, visit_count: u64) -> Self {
        Self {
            visit_count,
            ..self
        }
    }

    /// The tutorial's line, and a second one if a value is set.
    pub(crate) fn greeting(self) -> Self {
        let value = self
            .value
            .as_deref()
            .map(|value| format!("value: {}\n", in_one_line(value)))
            .unwrap_or_default();
        let text = format!("Hello World #{}\n{value}", self.visit_count);
        Self { text, ..self }
    }

    pub(crate) fn value_alone(self) -> Self {
        let text = self
            .value
            .as_deref()
            .map_or_else(|| "no value set\n".to_owned(), |value| format!("{value}\n"));
        Self { text, ..self }
    }

    /// Says what was `done` to the value.
    pub(crate) fn saying(self, done: &str) -> Self {
        let text = self.value.as_deref().map_or_else(
            || format!("value {done}\n"),
            |value| format!("value {done}: {}\n", in_one_line(value)),
        );
        Self { text, ..self }
    }

    fn as_text(&self) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(self.text.clone())
    }
}

impl Responder for View {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match Format::wanted(request) {
            Format::Text => self.as_text(),
            Format::Json => HttpResponse::Ok().json(self),
            Format::Page => page_response(StatusCode::OK, page(&self), Scripts::None),
        }
    }
}

/// `text` without line breaks and other control characters, which are written as `\n` or `\u{7}`.
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
