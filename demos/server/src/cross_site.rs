//! Requests that other sites' pages make.
//!
//! SameSite=Lax keeps the cookie back from a foreign page's POST, but a POST without a cookie would start a session and
//! replace the visitor's own. So what changes a session must come from our own page, or from no page at all.

use actix_web::{
    HttpRequest,
    http::header::{HOST, HeaderName, ORIGIN},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether `request` comes from a page of another site or origin, as the browser says (Fetch Metadata, section 2.4);
/// browsers that don't say send `Origin` with a POST (Fetch, section 3.2). Programs that are no browsers send neither.
pub(crate) fn is_foreign(request: &HttpRequest) -> bool {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    match (header(SEC_FETCH_SITE), header(ORIGIN)) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) != header(HOST),
        (None, None) => false,
    }
}
