//! Messages between all users who are logged in, on all instances.

use std::time::Duration;

use actix_web::{
    Error, HttpRequest, HttpResponse, Responder,
    http::StatusCode,
    web::{Data, Payload, Query},
};
use serde::Deserialize;
use serde_json::json;
use server::{Scripts, page_response};
use session_pubsub::{Hub, MESSAGE_LIMIT, PublishError, TooManyStreams};

use crate::{
    body, error::ApiError, limits::Rates, pages, response::see_other, session::LoginSession,
};

const FIELD: &str = "message";

/// The longest body. In JSON one byte of a message may take six.
const MAX_BODY: usize = 6 * MESSAGE_LIMIT + 64;

/// How long a client should wait when there are too many streams.
const STREAM_WAIT: Duration = Duration::from_secs(5);

/// Sends `{"message":"…"}` to all subscribers. Answers with 202.
pub(crate) async fn send(
    request: HttpRequest,
    payload: Payload,
    session: LoginSession,
    hub: Data<Hub>,
    rates: Data<Rates>,
) -> Result<HttpResponse, Error> {
    let user = session.require_user()?;
    let Some(handle) = session.handle() else {
        return Err(ApiError::not_logged_in().into());
    };
    rates.check_message(&handle)?;
    let text = body::field(&request, payload, FIELD, MAX_BODY).await?;
    if text.trim().is_empty() {
        let error = ApiError::new(StatusCode::BAD_REQUEST, "this field is empty");
        return Err(error.for_field(FIELD).into());
    }
    match hub.publish(user.as_str(), &text).await {
        Ok(instances) => Ok(HttpResponse::Accepted().json(json!({ "instances": instances }))),
        Err(PublishError::TooLong { field, limit }) => {
            let message = format!("this field is longer than {limit} bytes");
            let error = ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message);
            Err(error.for_field(field).into())
        }
        Err(PublishError::Hub(error)) => {
            let id = session.log_id();
            log::error!("message not published: {error} sessionID={id}");
            let message = "messages are not available; try again in a moment";
            let error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message);
            Err(error.retry_after(Duration::from_secs(1)).into())
        }
    }
}

/// The query of `GET /messages?as=alice`.
#[derive(Deserialize)]
pub(crate) struct Subscriber {
    #[serde(rename = "as")]
    user: Option<String>,
}

/// Streams all messages from now on as server-sent events, until the session ends.
///
/// The stream belongs to the session's handle, which does not change when the session ID is rotated. It ends when the
/// session would expire without further requests, because an open page must not keep it alive. With `?as=alice` only
/// alice's session gets the stream. Her page then stays silent after another user has logged in with the same browser.
pub(crate) async fn stream(
    session: LoginSession,
    subscriber: Query<Subscriber>,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let user = session.require_user()?;
    let is_other = |name: &String| name != user.as_str();
    let Some(handle) = session
        .handle()
        .filter(|_| !subscriber.user.as_ref().is_some_and(is_other))
    else {
        return Err(ApiError::not_logged_in().into());
    };
    match hub.subscribe(user.as_str(), &handle, session.time_left()) {
        Ok(stream) => Ok(HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header(("X-Accel-Buffering", "no"))
            .streaming(stream)),
        Err(error) => {
            let (status, message) = match error {
                TooManyStreams::OfUser(_) => (
                    StatusCode::TOO_MANY_REQUESTS,
                    "you have too many streams open already; close one",
                ),
                TooManyStreams::OnInstance(_) => (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "too many streams are open already; try again in a moment",
                ),
            };
            Err(ApiError::new(status, message)
                .retry_after(STREAM_WAIT)
                .into())
        }
    }
}

/// Ends the streams of the sessions with `handles` on every instance.
pub(crate) async fn end(hub: &Hub, handles: &[String]) {
    if let Err(error) = hub.end(handles).await {
        // The streams on this instance have ended. Others end when their instance finds that the session is gone.
        log::error!("the end of streams was not published: {error}");
    }
}

/// Serves the chat page.
pub(crate) async fn page(request: HttpRequest, session: LoginSession) -> HttpResponse {
    match session.user() {
        Some(user) => {
            let page = pages::chat(&request, &user);
            page_response(StatusCode::OK, page, Scripts::SameOrigin)
        }
        None => see_other("/login"),
    }
}

/// Serves the script of the chat page. It contains no data of any user.
pub(crate) async fn script() -> impl Responder {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(include_str!("chat.js"))
}
