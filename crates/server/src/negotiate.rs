//! What a client would like to get.

use actix_web::{
    HttpRequest,
    http::header::{Accept, Header, Quality},
};

/// Text for curl, JSON for programs, or a page for a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `text/plain`, also for whoever doesn't say.
    Text,
    /// `application/json`.
    Json,
    /// `text/html`.
    Page,
}

impl Format {
    /// What `request` accepts best.
    #[must_use]
    pub fn wanted(request: &HttpRequest) -> Self {
        let mut accepted = Accept::parse(request).unwrap_or_else(|_| Accept(Vec::new()));
        // A weight of 0 means "not acceptable" (RFC 9110, section 12.4.2).
        accepted.retain(|kind| kind.quality > Quality::ZERO);
        for kind in accepted.ranked() {
            match kind.essence_str() {
                "text/html" | "application/xhtml+xml" => return Self::Page,
                "application/json" => return Self::Json,
                "text/plain" | "text/*" | "*/*" => break,
                _ => {}
            }
        }
        Self::Text
    }
}
