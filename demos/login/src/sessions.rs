//! The list of a user's own sessions, and the revocation of some of them (OWASP ASVS 7.5.2).
//!
//! A session appears under its handle, which is not its ID and cannot be turned into one. HERE, as
//! at the login, a real application asks for the password before it revokes a session.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::{Data, Path},
};
use serde_json::json;
use server::{
    Format, InstanceInfo, Scripts, Shared, page_response, session_for_log, store_unavailable,
};
use session_pubsub::Hub;
use session_stores::{RedisStore, RedisStoreError, SessionInfo};

use crate::{
    auth,
    error::ApiError,
    messages, pages,
    response::{RemovalCookie, see_other},
    session::{LoginSession, stream_key_of},
    session_entry::SessionEntry,
    user::UserId,
};

/// Answers with a page or with `{"sessions":[…]}`, the latest session first.
pub(crate) async fn list(
    request: HttpRequest,
    session: LoginSession,
    instance: Data<InstanceInfo>,
    store: Data<Shared<RedisStore>>,
) -> Result<HttpResponse, Error> {
    let as_page = Format::wanted(&request) == Format::Page;
    let user = match session.user() {
        None if as_page => return Ok(see_other("/login")),
        None => return Err(ApiError::not_logged_in().into()),
        Some(user) => user,
    };
    let listed = store
        .sessions_of(user.as_str())
        .await
        .map_err(|error| store_unavailable(&instance, "list", error))?;
    let current = session.handle();
    let entries: Vec<_> = listed
        .into_iter()
        .rev()
        .map(|listed| SessionEntry::new(listed, current.as_deref()))
        .collect();
    Ok(if as_page {
        let page = pages::sessions(&instance, &user, &entries);
        page_response(StatusCode::OK, page, Scripts::None)
    } else {
        HttpResponse::Ok().json(json!({ "sessions": entries }))
    })
}

/// Revokes one session. A program uses DELETE, and the page's form POST. To revoke the session of
/// the request means to log out.
pub(crate) async fn revoke(
    request: HttpRequest,
    handle: Path<String>,
    session: LoginSession,
    instance: Data<InstanceInfo>,
    store: Data<Shared<RedisStore>>,
    removal: Data<RemovalCookie>,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let user = session.require_user()?;
    if session.handle().as_ref() == Some(&*handle) {
        return Ok(auth::log_out(request, session, removal, hub).await);
    }
    let failed = |error: RedisStoreError| store_unavailable(&instance, "end", error);
    let listed = store.sessions_of(user.as_str()).await.map_err(failed)?;
    if !store.end(user.as_str(), &handle).await.map_err(failed)? {
        let error = ApiError::new(StatusCode::NOT_FOUND, "you have no such session");
        return Err(error.for_field("handle").into());
    }
    let revoked = listed.iter().filter(|listed| listed.handle == *handle);
    end_streams(&hub, revoked).await;
    log_revocation(&user, 1);
    Ok(if request.method() == Method::DELETE {
        HttpResponse::NoContent().finish()
    } else {
        see_other("/sessions")
    })
}

/// Revokes all sessions of the user but the one of the request.
pub(crate) async fn revoke_others(
    request: HttpRequest,
    session: LoginSession,
    instance: Data<InstanceInfo>,
    store: Data<Shared<RedisStore>>,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let user = session.require_user()?;
    let handle = session.handle().unwrap_or_default();
    let failed = |error: RedisStoreError| store_unavailable(&instance, "end", error);
    let listed = store.sessions_of(user.as_str()).await.map_err(failed)?;
    let revoked = store
        .end_others(user.as_str(), &handle)
        .await
        .map_err(failed)?;
    let own = session.stream_key();
    let others = listed
        .iter()
        .filter(|listed| stream_key_of(&listed.data) != own);
    end_streams(&hub, others).await;
    log_revocation(&user, revoked);
    Ok(if Format::wanted(&request) == Format::Page {
        see_other("/sessions")
    } else {
        HttpResponse::Ok().json(json!({ "ended": revoked }))
    })
}

/// Ends the message streams of revoked sessions.
async fn end_streams(hub: &Hub, revoked: impl Iterator<Item = &SessionInfo>) {
    for key in revoked.filter_map(|listed| stream_key_of(&listed.data)) {
        messages::end(hub, &key).await;
    }
}

fn log_revocation(user: &UserId, count: usize) {
    log::info!(
        "{count} sessions revoked by their user id: {user} sessionID={}",
        session_for_log()
    );
}
