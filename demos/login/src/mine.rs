//! My sessions: which there are, and the end of those that a user doesn't want any more (OWASP ASVS 7.5.2).
//!
//! A session goes by its handle here, which is not its id and leads to none. HERE, as at the sign-in, a password would be
//! asked for again before anything ends.

use std::time::Duration;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::{Data, Path},
};
use serde::Serialize;
use serde_json::json;
use server::{
    Format, InstanceInfo, Scripts, Shared, page_response, session_for_log, store_unavailable,
};
use session_pubsub::Hub;
use session_stores::{RedisStore, RedisStoreError, SessionInfo};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{
    application::{Removal, see_other},
    fault::Fault,
    messages, pages,
    sign::signed_out,
    user::UserId,
    visit::{self, Visit},
};

/// A living session, as its user sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mine {
    pub(crate) handle: String,
    /// Whether it is the one that asks.
    pub(crate) current: bool,
    #[serde(with = "rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// When it was last changed, and by which instance.
    #[serde(with = "rfc3339")]
    pub(crate) updated_at: OffsetDateTime,
    pub(crate) instance: Option<String>,
    /// What is left of both timeouts, in seconds.
    pub(crate) idle_seconds_left: Option<u64>,
    pub(crate) absolute_seconds_left: Option<u64>,
}

impl Mine {
    fn new(listed: SessionInfo, current: Option<&str>) -> Self {
        Self {
            current: current == Some(&listed.handle),
            created_at: listed.created_at,
            updated_at: listed.updated_at,
            instance: visit::instance_of(&listed.data),
            idle_seconds_left: listed.idle_left.as_ref().map(Duration::as_secs),
            absolute_seconds_left: listed.absolute_left.as_ref().map(Duration::as_secs),
            handle: listed.handle,
        }
    }
}

/// A page, or `{"sessions":[…]}`, the latest first.
pub(crate) async fn list(
    request: HttpRequest,
    visit: Visit,
    site: Data<InstanceInfo>,
    store: Data<Shared<RedisStore>>,
) -> Result<HttpResponse, Error> {
    let as_page = Format::wanted(&request) == Format::Page;
    let user = match visit.user() {
        None if as_page => return Ok(see_other("/login")),
        None => return Err(Fault::not_signed_in().into()),
        Some(user) => user,
    };
    let listed = store
        .sessions_of(user.as_str())
        .await
        .map_err(|error| store_unavailable(&site, "list", error))?;
    let current = visit.handle();
    let mine: Vec<_> = listed
        .into_iter()
        .rev()
        .map(|listed| Mine::new(listed, current.as_deref()))
        .collect();
    Ok(if as_page {
        page_response(
            StatusCode::OK,
            pages::sessions(&site, &user, &mine),
            Scripts::None,
        )
    } else {
        HttpResponse::Ok().json(json!({ "sessions": mine }))
    })
}

/// Ends one, wherever it is in use. DELETE from a program; a page's form can only POST.
pub(crate) async fn end(
    request: HttpRequest,
    handle: Path<String>,
    visit: Visit,
    site: Data<InstanceInfo>,
    store: Data<Shared<RedisStore>>,
    removal: Data<Removal>,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let user = visit.signed_in()?;
    if visit.handle().as_ref() == Some(&*handle) {
        return Ok(signed_out(&request, &visit, &removal, hub));
    }
    let failed = |error: RedisStoreError| store_unavailable(&site, "end", error);
    let listed = store.sessions_of(user.as_str()).await.map_err(failed)?;
    if !store.end(user.as_str(), &handle).await.map_err(failed)? {
        return Err(
            Fault::new(StatusCode::NOT_FOUND, "you have no such session")
                .of("handle")
                .into(),
        );
    }
    end_streams(
        &hub,
        listed.iter().filter(|listed| listed.handle == *handle),
    )
    .await;
    tell_log(&user, 1);
    Ok(if request.method() == Method::DELETE {
        HttpResponse::NoContent().finish()
    } else {
        see_other("/sessions")
    })
}

/// Ends all but the one that asks.
pub(crate) async fn end_others(
    request: HttpRequest,
    visit: Visit,
    site: Data<InstanceInfo>,
    store: Data<Shared<RedisStore>>,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let user = visit.signed_in()?;
    let handle = visit.handle().unwrap_or_default();
    let failed = |error: RedisStoreError| store_unavailable(&site, "end", error);
    let listed = store.sessions_of(user.as_str()).await.map_err(failed)?;
    let ended = store
        .end_others(user.as_str(), &handle)
        .await
        .map_err(failed)?;
    let own = visit.stream_key();
    end_streams(
        &hub,
        listed
            .iter()
            .filter(|listed| visit::stream_key_of(&listed.data) != own),
    )
    .await;
    tell_log(&user, ended);
    Ok(if Format::wanted(&request) == Format::Page {
        see_other("/sessions")
    } else {
        HttpResponse::Ok().json(json!({ "ended": ended }))
    })
}

/// The streams of messages of sessions that have ended.
async fn end_streams(hub: &Hub, ended: impl Iterator<Item = &SessionInfo>) {
    for key in ended.filter_map(|listed| visit::stream_key_of(&listed.data)) {
        messages::end(hub, &key).await;
    }
}

fn tell_log(user: &UserId, ended: usize) {
    log::info!(
        "{ended} sessions ended by their user id: {user} sessionID={}",
        session_for_log()
    );
}
