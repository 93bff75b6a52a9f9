//! The list of a user's own sessions, and the revocation of some of them (OWASP ASVS 7.5.2).
//!
//! A session appears under its handle, which is not its ID and cannot be turned into one. HERE, as at the login, a real
//! application asks for the password before it revokes a session.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::{Data, Path},
};
use serde_json::json;
use server::{Format, Scripts, page_response};
use session_layer::SessionError;
use session_pubsub::Hub;
use session_stores::{RedisStore, Store, StoreError};
use time::OffsetDateTime;

use crate::{
    auth,
    error::ApiError,
    messages, pages,
    response::see_other,
    session::{LoginSession, SessionEntry},
    user::UserId,
};

/// Answers with a page or with `{"sessions":[…]}`: the session of the request first, and then the latest ones.
pub(crate) async fn list(
    request: HttpRequest,
    session: LoginSession,
    store: Data<RedisStore>,
) -> Result<HttpResponse, Error> {
    let as_page = Format::wanted(&request) == Format::Page;
    let (user, record) = match session.require_record() {
        Err(_) if as_page => return Ok(see_other("/login")),
        login => login?,
    };
    let listed = session.wait(store.sessions_of(&record)).await?;
    let (current, now) = (session.handle(), OffsetDateTime::now_utc());
    let idle_timeout = store.timeouts().idle;
    let mut entries: Vec<_> = listed
        .into_iter()
        .rev()
        .map(|listed| SessionEntry::new(listed, current.as_deref(), idle_timeout, now))
        .collect();
    entries.sort_by_key(|entry| !entry.current);
    Ok(if as_page {
        let page = pages::sessions(&request, &user, &entries);
        page_response(StatusCode::OK, page, Scripts::None)
    } else {
        HttpResponse::Ok().json(json!({ "sessions": entries }))
    })
}

/// Revokes one session. A program uses DELETE, and the page's form POST. To revoke the session of the request means to
/// log out.
pub(crate) async fn revoke(
    request: HttpRequest,
    handle: Path<String>,
    session: LoginSession,
    store: Data<RedisStore>,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let (user, record) = session.require_record()?;
    if record.handle() == *handle {
        return Ok(auth::log_out(session, hub).await);
    }
    let has_ended = match session.wait(store.revoke(&record, &handle)).await {
        // Redis may have ended the session although its reply was lost.
        Err(SessionError::Store(StoreError::Failed(_))) => {
            let left = session.wait(store.sessions_of(&record)).await?;
            left.iter().all(|left| left.handle != *handle)
        }
        revoked => revoked?.is_some(),
    };
    if !has_ended {
        let error = ApiError::new(StatusCode::NOT_FOUND, "you have no such session");
        return Err(error.for_field("handle").into());
    }
    messages::end(&hub, &[handle.into_inner()]).await;
    log_revocation(&session, &user, 1);
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
    store: Data<RedisStore>,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let (user, record) = session.require_record()?;
    let revoked = session.wait(store.revoke_others(&record)).await?;
    let handles: Vec<_> = revoked.into_iter().map(|revoked| revoked.handle).collect();
    messages::end(&hub, &handles).await;
    log_revocation(&session, &user, handles.len());
    Ok(if Format::wanted(&request) == Format::Page {
        see_other("/sessions")
    } else {
        HttpResponse::Ok().json(json!({ "ended": handles.len() }))
    })
}

fn log_revocation(session: &LoginSession, user: &UserId, count: usize) {
    let id = session.log_id();
    log::info!("{count} sessions revoked by their user id: {user} sessionID={id}");
}
