//! Functions by which an application uses its store through the [`Session`] of a request.
//!
//! The middleware of actix-session renews a session by `delete` and then an unconditional `save`. So its
//! [`Session::renew`] revives a session that was logged out meanwhile. These functions write into the [`RESERVED`]
//! entry instead. The store does the work in `update`, and the middleware puts the ID that `update` returns into the
//! cookie.
//!
//! [`renew`], [`rotate`] and [`sign_in`] begin a session for a visitor who has none. After [`Session::purge`] they do
//! nothing. A later [`Session::clear`] cancels them.

use actix_session::{Session, SessionExt, SessionStatus};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

use crate::{
    Times, id,
    reserved::{Ask, Loaded, RESERVED, Reserved, fingerprint},
};

/// Gives the session a new ID at the end of this request. The old ID stops working at once, on every instance.
///
/// Use it when the session's permissions change (OWASP ASVS 5.0, 7.2.4). The absolute timeout still counts from the
/// start of the session. If the session ends while this request is in flight, it stays ended. If two requests renew at
/// once, the first one wins. Other requests in flight lose their changes, including those of the second renewal.
pub fn renew(session: &Session) {
    ask(session, Ask::Renew);
}

/// Gives the session a new ID at the end of this request, and redirects the old ID for a short grace.
///
/// Use it, together with [`follow`], when an ID has grown old: requests in flight lose nothing. Only
/// [`RedisStore`](crate::RedisStore) has a grace ([`rotation_grace`](crate::redis::Options::rotation_grace)). With
/// other stores this is [`renew`]. If two requests rotate at once, both visitors get the first one's ID, and the second
/// request's changes are kept. A request that changes nothing but the ID keeps what other requests change meanwhile.
pub fn rotate(session: &Session) {
    let unchanged =
        (session.status() == SessionStatus::Unchanged).then(|| fingerprint(&session.entries()));
    ask(session, Ask::Rotate { unchanged });
}

/// Logs `user` in: renews the session (OWASP ASVS 5.0, 7.2.4), gives it to `user`, and restarts its absolute timeout
/// (7.3.2).
///
/// Call it before you write entries of the new session. It keeps the entries, unless the session belongs to another
/// user: then it clears them. Each login gets a session of its own, under a new ID. That holds for two logins at once,
/// and for a login in a session that has ended meanwhile.
pub fn sign_in(session: &Session, user: &str) {
    let reserved = Reserved::of(&session.entries());
    if user_of(session).is_some_and(|present| present != user) {
        session.clear();
    }
    ask_also(session, reserved, Ask::SignIn(user.to_owned()));
}

/// Returns the user who is logged in. A [`sign_in`] shows from the next request on.
#[must_use]
pub fn user_of(session: &Session) -> Option<String> {
    loaded(session)?.metadata.user
}

/// Returns when the session began and when it got its ID. Returns `None` for a new session, and after
/// [`Session::clear`].
#[must_use]
pub fn times_of(session: &Session) -> Option<Times> {
    Some(loaded(session)?.metadata.times)
}

/// Returns a name for the session that can be shown: the first 16 hex digits of its ID's SHA-256. It changes with the
/// ID.
#[must_use]
pub fn handle_of(session: &Session) -> Option<String> {
    Some(id::handle(loaded(session)?.id))
}

/// Returns whether the visitor needs a new cookie; [`follow`] sends one. Either the cookie holds an older ID than the
/// session, because the visitor missed the response to a [`rotate`], or the session is in the cookie and has aged.
#[must_use]
pub fn moved(session: &Session) -> bool {
    loaded(session).is_some_and(|loaded| loaded.moved)
}

/// Sends the current session ID to a visitor whose ID was rotated. Wrap it with the middleware of actix-session.
///
/// The middleware of actix-session asks the store for the current ID only if the session has changed. Otherwise it
/// sends the old ID or nothing, and the visitor loses the session at the end of the grace.
///
/// ```
/// use actix_web::{App, middleware::from_fn};
/// # use actix_session::SessionMiddleware;
/// # let store = session_stores::MemoryStore::new(session_stores::Timeouts::default());
/// # let sessions = SessionMiddleware::builder(store, actix_web::cookie::Key::from(&[0; 64])).build();
/// let app = App::new().wrap(from_fn(session_stores::follow)).wrap(sessions);
/// ```
///
/// # Errors
/// Returns an error if the wrapped service returns one.
pub async fn follow<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let session = request.get_session();
    let response = next.call(request).await?;
    // With any other status the middleware sends the current ID, or removes the cookie.
    if session.status() == SessionStatus::Unchanged && moved(&session) {
        ask(&session, Ask::Follow);
    }
    Ok(response)
}

fn loaded(session: &Session) -> Option<Loaded> {
    Reserved::of(&session.entries()).loaded
}

fn ask(session: &Session, ask: Ask) {
    let reserved = Reserved::of(&session.entries());
    ask_also(session, reserved, ask);
}

fn ask_also(session: &Session, mut reserved: Reserved, ask: Ask) {
    reserved.ask(ask);
    session
        .insert(RESERVED, reserved)
        .expect("the reserved entry can always be written as JSON");
}
