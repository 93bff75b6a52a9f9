//! The name of the instance that serves a request.

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};

use crate::InstanceInfo;

/// The header in which HAProxy reports the name that it has for the instance (`http-send-name-header`).
const X_INSTANCE: HeaderName = HeaderName::from_static("x-instance");

/// The name of an instance: 1 to 64 letters, digits and `. _ : - [ ]`. A clone is cheap.
///
/// Behind a proxy it is the proxy's name for the instance, so the log, the pages and the proxy's statistics agree.
/// Otherwise it is the setting `INSTANCE`.
#[derive(Debug, Clone)]
pub struct InstanceName(HeaderValue);

impl InstanceName {
    /// Returns the name of the instance that serves `request`.
    ///
    /// # Panics
    /// Panics outside of a [`Server`](crate::Server).
    pub fn of(request: &HttpRequest) -> Self {
        Self::in_request(request.headers(), InstanceInfo::of(request))
    }

    /// Returns the name in `headers` if they come from a proxy and it is valid, and the name of `instance` otherwise.
    pub(crate) fn in_request(headers: &HeaderMap, instance: &InstanceInfo) -> Self {
        let sent = headers.get(X_INSTANCE).filter(|sent| {
            instance.clients.behind_proxy && sent.to_str().is_ok_and(is_instance_name)
        });
        Self(sent.unwrap_or(&instance.served_by).clone())
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        // Its characters are text in every case.
        self.0.to_str().unwrap_or_default()
    }

    /// Returns the name as the value of a header.
    pub(crate) fn into_header(self) -> HeaderValue {
        self.0
    }
}

/// Returns whether `text` may be the name of an instance. It becomes the value of a header.
pub fn is_instance_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:-[]".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}
