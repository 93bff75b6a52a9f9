//! Messages between everybody who is signed in, whichever instances they are on.

use std::time::Duration;

use actix_web::{
    Error, HttpRequest, HttpResponse, Responder,
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
    rt::time::sleep,
    web::{Data, Payload, Query},
};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use server::{InstanceInfo, Scripts, Shared, page_response, session_for_log};
use session_pubsub::{Hub, MESSAGE_LIMIT, PublishError, TooManyStreams};
use session_stores::RedisStore;

use crate::{
    application::{Rules, see_other},
    body,
    fault::Fault,
    pages,
    user::UserId,
    visit::{self, Visit},
};

const FIELD: &str = "message";

/// How long a message may be as JSON, in which a byte may take six.
const LONGEST_BODY: usize = 6 * MESSAGE_LIMIT + 64;

/// How long a stream may outlive a session that was ended past this application: by an administrator, in Redis itself.
const RECHECK: Duration = Duration::from_secs(5);

/// `{"message":"…"}`: 202, and everybody gets it.
pub(crate) async fn send(
    request: HttpRequest,
    payload: Payload,
    visit: Visit,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let user = visit.signed_in()?;
    let text = body::field(&request, payload, FIELD, LONGEST_BODY).await?;
    if text.trim().is_empty() {
        return Err(Fault::new(StatusCode::BAD_REQUEST, "this field is empty")
            .of(FIELD)
            .into());
    }
    match hub.publish(user.as_str(), &text).await {
        Ok(instances) => Ok(HttpResponse::Accepted().json(json!({ "instances": instances }))),
        Err(PublishError::TooLong { field, limit }) => Err(Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("this field is longer than {limit} bytes"),
        )
        .of(field)
        .into()),
        Err(PublishError::Hub(error)) => {
            log::error!(
                "message not published: {error} sessionID={}",
                session_for_log()
            );
            Ok(later("messages are not available; try again in a moment"))
        }
    }
}

/// Who a page was made for.
#[derive(Deserialize)]
pub(crate) struct Reader {
    #[serde(rename = "as")]
    name: Option<String>,
}

/// All messages from now on, as server-sent events, for as long as the session lives.
///
/// The stream goes by a key that stays the same while the session's id is rotated. It ends when the session would, if
/// nothing but the stream used it: an open page keeps no session alive. With `?as=alice` it is for alice alone: her page
/// does not go on when somebody else signs in with the same browser.
pub(crate) async fn stream(
    visit: Visit,
    reader: Query<Reader>,
    hub: Data<Hub>,
    rules: Data<Rules>,
    store: Data<Shared<RedisStore>>,
) -> Result<HttpResponse, Error> {
    let user = visit.signed_in()?;
    if reader
        .name
        .as_deref()
        .is_some_and(|name| name != user.as_str())
    {
        return Err(Fault::not_signed_in().into());
    }
    let Some(key) = visit.stream_key() else {
        return Err(Fault::not_signed_in().into());
    };
    match hub.subscribe(&key, visit.time_left(&rules.timeouts)) {
        Ok(stream) => Ok(HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header(("X-Accel-Buffering", "no"))
            .streaming(stream.take_until(Box::pin(over(store, user, key))))),
        Err(TooManyStreams::InSession(_)) => Err(Fault::new(
            StatusCode::TOO_MANY_REQUESTS,
            "this session has too many streams open already",
        )
        .into()),
        Err(TooManyStreams::OnInstance(_)) => Ok(later(
            "too many streams are open already; try again in a moment",
        )),
    }
}

/// Waits until `user` has no session with the stream `key` any more. This asks for the session without using it.
async fn over(store: Data<Shared<RedisStore>>, user: UserId, key: String) {
    loop {
        sleep(RECHECK).await;
        // While Redis can't be asked, nothing can be published either, and the hub ends all streams before it can again.
        if let Ok(listed) = store.sessions_of(user.as_str()).await
            && !listed
                .iter()
                .any(|listed| visit::stream_key_of(&listed.data).as_ref() == Some(&key))
        {
            return;
        }
    }
}

/// Ends the stream `key` on every instance.
pub(crate) async fn end(hub: &Hub, key: &str) {
    if let Err(error) = hub.end(key).await {
        // Here they are ended all the same; elsewhere they end when they look for their session.
        log::error!("the end of a session's streams was not published: {error}");
    }
}

/// A page with all of it.
pub(crate) async fn page(visit: Visit, site: Data<InstanceInfo>) -> HttpResponse {
    match visit.user() {
        Some(user) => page_response(StatusCode::OK, pages::chat(&site, &user), Scripts::Ours),
        None => see_other("/login"),
    }
}

/// The page's script, which holds nothing of anybody's.
pub(crate) async fn script() -> impl Responder {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(include_str!("chat.js"))
}

fn later(text: &'static str) -> HttpResponse {
    let mut answer = Fault::new(StatusCode::SERVICE_UNAVAILABLE, text).answer();
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}
