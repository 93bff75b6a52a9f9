//! A response in the format that the client prefers: text for curl, JSON for programs, a page for browsers.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode};
use maud::{Markup, html};
use serde::Serialize;
use server::{
    Format, InstanceInfo, InstanceName, Scripts, ShortId, page_response, plain_text, short_id,
};

use crate::{
    consequence::consequence,
    last_set::LastSet,
    session::CounterSession,
    strip::{SCRIPT, strip},
};

/// The visitor's session, and the instance that answers.
///
/// As JSON: `{"visitCount":0,"value":null,"instance":"127.0.0.1:5000","store":"memory"}`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    pub(crate) visit_count: u64,
    value: Option<String>,
    instance: String,
    store: &'static str,
    /// `None` for a new session, which gets its ID after the handler has returned.
    #[serde(skip)]
    id: Option<ShortId>,
    #[serde(skip)]
    text: String,
    /// Whether the request was counted.
    #[serde(skip)]
    is_visit: bool,
    /// The sentence about the value that the visitor set last.
    #[serde(skip)]
    consequence: Option<Markup>,
}

impl View {
    pub(crate) fn new(
        request: &HttpRequest,
        instance: &InstanceInfo,
        session: &CounterSession,
    ) -> Self {
        Self {
            visit_count: session.count(),
            value: session.value(),
            instance: InstanceName::of(request).as_str().to_owned(),
            store: instance.store(),
            id: short_id(),
            text: String::new(),
            is_visit: false,
            consequence: None,
        }
    }

    /// Marks the request as counted.
    pub(crate) fn counted(mut self) -> Self {
        self.is_visit = true;
        self
    }

    /// Adds what became of the value that the visitor set last.
    pub(crate) fn with_consequence(mut self, last: Option<LastSet>) -> Self {
        self.consequence = last.map(|last| {
            let (here, value) = (&self.instance, self.value.as_deref());
            consequence(self.store, &last, here, value)
        });
        self
    }

    /// Sets the text for curl. `write` gets the value on one line.
    pub(crate) fn with_text(mut self, write: impl FnOnce(Option<String>) -> String) -> Self {
        self.text = write(self.value.as_deref().map(in_one_line));
        self
    }

    /// Returns the page. maud escapes everything that a visitor has sent.
    fn page(&self, request: &HttpRequest) -> String {
        let id = self.id.map_or_else(
            || "new with this response".to_owned(),
            |id| format!("{id}…"),
        );
        let count = self.is_visit.then_some(self.visit_count);
        let content = html! {
            @if let Some(consequence) = &self.consequence { (consequence) }
            dl {
                dt { "store" } dd { (self.store) }
                dt { "session" } dd { code { (id) } }
                dt { "value" } dd { @if let Some(value) = &self.value { strong { (value) } } @else { em { "not set" } } }
            }
            form method="post" action="/session" {
                input name="value" placeholder="a value to remember" aria-label="value" required maxlength="1024" autocomplete="off";
                button { "Set" }
            }
            @if self.value.is_some() {
                form method="post" action="/session" { button.quiet name="unset" value="1" { "Unset" } }
            }
            p { "Reload the page. Does the count go up? Is the value still there? Which instance answers?" }
            (strip(self.store, &self.instance, count, self.value.is_some()))
        };
        let title = format!("Hello World #{}", self.visit_count);
        server::page(request, &title, &content)
    }
}

impl Responder for View {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match Format::wanted(request) {
            Format::Text => plain_text(StatusCode::OK, &self.text),
            Format::Json => HttpResponse::Ok().json(self),
            Format::Page => {
                page_response(StatusCode::OK, self.page(request), Scripts::Inline(SCRIPT))
            }
        }
    }
}

/// Escapes line breaks and other control characters, which a terminal would interpret, as `\n` or `\u{7}`.
fn in_one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}
