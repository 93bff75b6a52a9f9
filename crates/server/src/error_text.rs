//! The text of an error response, which travels with the response to the page that a browser gets.

use actix_web::HttpResponse;

/// The text of an error response, for the visitor.
pub(crate) struct ErrorText(pub(crate) String);

/// Marks the response of an instance that cannot reach its session store.
pub(crate) struct StoreFailed;

/// Adds the text of an error to its `response`. A browser gets a page with it instead of the response's own body.
pub fn set_error_text(response: &mut HttpResponse, text: &str) {
    let mut extensions = response.extensions_mut();
    extensions.insert(ErrorText(text.to_owned()));
}

/// Marks that the session store caused the error in `response`. The page for a browser then shows that.
pub fn blame_store(response: &mut HttpResponse) {
    response.extensions_mut().insert(StoreFailed);
}
