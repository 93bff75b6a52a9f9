//! What every request of a server may know of it.

use actix_web::http::header::HeaderValue;

use crate::drain::Drain;

/// This instance, its store's name, and whether it is about to stop.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) instance: String,
    /// The instance again, as the `X-Served-By` header.
    pub(crate) served_by: HeaderValue,
    pub(crate) store: &'static str,
    pub(crate) drain: Drain,
}
