//! Reads one field of a request's body, from JSON or from a form.

use actix_web::{
    HttpMessage, HttpRequest,
    http::StatusCode,
    web::{Payload, Query},
};
use serde_json::Value;

use crate::error::ApiError;

/// Returns the text in `field` of a body of at most `limit` bytes.
///
/// The error is 415 if the body is neither JSON nor a form, 413 if it is too long, and 400 if it is
/// malformed or has no such field.
pub(crate) async fn field(
    request: &HttpRequest,
    payload: Payload,
    field: &'static str,
    limit: usize,
) -> Result<String, ApiError> {
    let bad = |message, field| ApiError::new(StatusCode::BAD_REQUEST, message).for_field(field);
    let is_json = is_json(request);
    if !is_json && !has_type(request, "application/x-www-form-urlencoded") {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(ApiError::new(status, "send JSON or a form").for_field("Content-Type"));
    }
    let bytes = payload
        .to_bytes_limited(limit)
        .await
        .map_err(|_| {
            let message = format!("the body has more than {limit} bytes");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message).for_field("body")
        })?
        .map_err(|_| bad("the body is incomplete", "body"))?;
    let body: Value = if is_json {
        serde_json::from_slice(&bytes).map_err(|_| bad("the body is not JSON", "body"))?
    } else {
        let text = str::from_utf8(&bytes).map_err(|_| bad("the body is not UTF-8", "body"))?;
        let form =
            Query::<Value>::from_query(text).map_err(|_| bad("the body is not a form", "body"))?;
        form.into_inner()
    };
    let value = body.get(field).ok_or(bad("this field is missing", field))?;
    let text = value
        .as_str()
        .ok_or(bad("this field is not a text", field))?;
    Ok(text.to_owned())
}

/// Returns whether the request has a JSON body, according to its `Content-Type`.
pub(crate) fn is_json(request: &HttpRequest) -> bool {
    has_type(request, "application/json")
}

fn has_type(request: &HttpRequest, expected: &str) -> bool {
    request.content_type().eq_ignore_ascii_case(expected)
}
