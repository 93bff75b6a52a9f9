//! Shows errors to browsers as pages. Other clients get the text or JSON that the handler has built.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, RETRY_AFTER},
    },
    middleware::Next,
    web::Data,
};

use crate::{
    Format, Scripts,
    error_page::ErrorPage,
    error_text::{ErrorText, StoreFailed},
    health::is_health_check,
    instance::InstanceInfo,
    layout::{Layout, page_response},
    request_body::Holding,
};

/// Loads the page again after some seconds. All browsers know this header, and HTML describes it.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// The shortest time until a page is loaded again, in seconds. A visitor can read it in that time.
const SHORTEST_RETRY: u64 = 5;

/// Wraps all routes. Replaces the body of an error by a page if the client prefers pages.
pub(crate) async fn show_errors(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let wants_page = Format::wanted(request.request()) == Format::Page;
    if !wants_page || is_health_check(request.path()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let visit = Visit {
        layout: Layout::of(request.request()),
        is_safe: request.method().is_safe(),
        instance: InstanceInfo::of(request.request()).clone(),
    };
    match next.call(request).await {
        Ok(response) => {
            let (request, response) = response.map_into_boxed_body().into_parts();
            Ok(ServiceResponse::new(request, visit.show(response)))
        }
        Err(error) => {
            let response = visit.show(error.error_response());
            Err(InternalError::from_response(error.to_string(), response).into())
        }
    }
}

/// The facts about a request that the page of its error shows.
struct Visit {
    layout: Layout,
    /// Whether the request may be sent again.
    is_safe: bool,
    instance: Data<InstanceInfo>,
}

impl Visit {
    /// Returns the page for `response`, or `response` itself if it is no error or already a page.
    fn show(&self, response: HttpResponse) -> HttpResponse {
        let status = response.status();
        let media_type = response.headers().get("content-type");
        let is_page = media_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        if !(status.is_client_error() || status.is_server_error()) || is_page {
            return response;
        }
        let retry = self.retry(&response);
        let page = self.page(&response, retry);
        replace(response, page, retry)
    }

    /// Returns after how many seconds the page is to be loaded again.
    fn retry(&self, response: &HttpResponse) -> Option<u64> {
        let wait = response.headers().get(RETRY_AFTER)?;
        let wait: u64 = wait.to_str().ok()?.parse().ok()?;
        let is_outage = response.status() == StatusCode::SERVICE_UNAVAILABLE;
        (is_outage && self.is_safe).then(|| wait.max(SHORTEST_RETRY))
    }

    fn page(&self, response: &HttpResponse, retry: Option<u64>) -> String {
        let extensions = response.extensions();
        let name = self.layout.instance();
        let store = match self.instance.store {
            "none" => "Redis".to_owned(),
            store => format!("{store} store"),
        };
        let mut stations = vec!["you", "HAProxy", name, &store];
        if !self.instance.clients.behind_proxy {
            stations.remove(1);
        }
        let at_store = extensions.contains::<StoreFailed>();
        let caption = if at_store {
            format!("{name} cannot use the {store}.")
        } else if response.status().is_client_error() {
            format!("{name} refused the request.")
        } else {
            format!("{name} could not do what the request asks for.")
        };
        ErrorPage {
            status: response.status(),
            text: extensions.get::<ErrorText>().map(|text| text.0.as_str()),
            broken: stations.len() - if at_store { 1 } else { 2 },
            stations: &stations,
            caption: &caption,
            may_repeat: self.is_safe && is_temporary(response.status()),
            retry,
        }
        .render(&self.layout)
    }
}

/// Returns whether the same request may get another response later.
fn is_temporary(status: StatusCode) -> bool {
    let slow_down = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_server_error() || slow_down.contains(&status)
}

/// Returns `response` with `page` as its body, and keeps its status and its headers.
fn replace(response: HttpResponse, page: String, retry: Option<u64>) -> HttpResponse {
    let page = page_response(response.status(), page, Scripts::None);
    let (page, body) = page.into_parts();
    // The former body may hold the rest of the request's body.
    let mut response = response.map_body(|_, former| BoxBody::new(Holding::new(body, former)));
    for (name, value) in page.headers() {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    if let Some(seconds) = retry {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(REFRESH, seconds);
    }
    response
}
