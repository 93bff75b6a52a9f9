//! Chooses the format of a response by the request's `Accept` header.

use actix_web::{
    HttpRequest,
    http::header::{Accept, Header, Quality},
};

/// The format of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `text/plain`, for curl. The default.
    Text,
    /// `application/json`, for programs.
    Json,
    /// `text/html`, for browsers.
    Page,
}

impl Format {
    /// Returns the format that `request` prefers.
    pub fn wanted(request: &HttpRequest) -> Self {
        let mut accepted = Accept::parse(request).unwrap_or_else(|_| Accept(Vec::new()));
        // A weight of 0 means "not acceptable" (RFC 9110, section 12.4.2).
        accepted.retain(|media_type| media_type.quality > Quality::ZERO);
        for media_type in accepted.ranked() {
            match media_type.essence_str() {
                "text/html" | "application/xhtml+xml" => return Self::Page,
                "application/json" => return Self::Json,
                "text/plain" | "text/*" | "*/*" => break,
                _ => {}
            }
        }
        Self::Text
    }
}
