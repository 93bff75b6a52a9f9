//! What a request brings: one field, in JSON or in a form.

use std::collections::HashMap;

use actix_web::{
    HttpMessage, HttpRequest,
    http::StatusCode,
    web::{Payload, Query},
};

use crate::fault::Fault;

/// The text in `field` of a body of at most `longest` bytes.
///
/// # Errors
/// 415: it is neither JSON nor a form. 413: it is too long. 400: it can't be read, or has no such field.
pub(crate) async fn field(
    request: &HttpRequest,
    payload: Payload,
    field: &'static str,
    longest: usize,
) -> Result<String, Fault> {
    let bad = |what: &'static str| Fault::new(StatusCode::BAD_REQUEST, what);
    if !is_json(request)
        && !request
            .content_type()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(
            Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send JSON or a form")
                .of("Content-Type"),
        );
    }
    let bytes = payload
        .to_bytes_limited(longest)
        .await
        .map_err(|_| {
            Fault::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body has more than {longest} bytes"),
            )
            .of("body")
        })?
        .map_err(|_| bad("the body came to no end").of("body"))?;
    let missing = || bad("this field is missing").of(field);
    if is_json(request) {
        let body: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|_| bad("the body is not JSON").of("body"))?;
        let value = body.get(field).ok_or_else(missing)?;
        Ok(value
            .as_str()
            .ok_or_else(|| bad("this field is not a text").of(field))?
            .to_owned())
    } else {
        let text = str::from_utf8(&bytes).map_err(|_| bad("the body is not UTF-8").of("body"))?;
        let body = Query::<HashMap<String, String>>::from_query(text)
            .map_err(|_| bad("the body is not a form").of("body"))?;
        body.into_inner().remove(field).ok_or_else(missing)
    }
}

/// Whether the body of `request` says that it is JSON.
pub(crate) fn is_json(request: &HttpRequest) -> bool {
    request
        .content_type()
        .eq_ignore_ascii_case("application/json")
}
