//! What an application asks of its store, and learns from it, through the session of a request.
//!
//! actix-session renews by `delete` and then an unconditional `save`, so its [`Session::renew`] brings a session back
//! that was logged out meanwhile. These functions leave a word in the [`RESERVED`] entry instead, and the store does
//! all of it in `update`, whose answer the middleware puts into the cookie.
//!
//! A session that isn't there begins: [`renew`], [`rotate`] and [`sign_in`] make one for a visitor who had none. After
//! [`Session::purge`] they do nothing; a later [`Session::clear`] takes them back.

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

/// At the end of this request the session has a new id, and the old one is dead at once, on every instance.
///
/// For a change of what the session may do (OWASP ASVS 5.0, 7.2.4). The absolute timeout goes on counting from the
/// session's beginning. A session that was ended while this request was in flight stays ended. Of two renewals at once
/// the first wins; the other finds the old id dead and its changes are lost, as are those of any request in flight.
pub fn renew(session: &Session) {
    ask(session, Ask::Renew);
}

/// As [`renew`], but the old id leads to the session for a short grace, so that requests in flight lose nothing.
///
/// For an id that has merely grown old. Only [`RedisStore`](crate::RedisStore) knows the grace
/// ([`rotation_grace`](crate::redis::Options::rotation_grace)); with the other stores it is [`renew`]. Of two rotations at
/// once the loser follows the winner: its changes are kept, and both visitors have the winner's id. A request that changes
/// nothing but the id carries over what others change at that moment. Use [`follow`] with it.
pub fn rotate(session: &Session) {
    let unchanged =
        (session.status() == SessionStatus::Unchanged).then(|| fingerprint(&session.entries()));
    ask(session, Ask::Rotate { unchanged });
}

/// Renews the session (OWASP ASVS 5.0, 7.2.4), which is `user`'s from now on and begins anew: the absolute timeout counts
/// from here, since the user has just said who they are (7.3.2).
///
/// Entries stay, unless the session is another user's: then they are cleared first. Call it before writing entries of the
/// new session. A fresh login always ends in a session of its own: also of two at once each has one, and also if the
/// session it was made in was ended meanwhile. Never under the old id.
pub fn sign_in(session: &Session, user: &str) {
    let reserved = Reserved::of(&session.entries());
    if user_of(session).is_some_and(|present| present != user) {
        session.clear();
    }
    ask_also(session, reserved, Ask::SignIn(user.to_owned()));
}

/// Who has signed in to the session; after [`sign_in`] from the next request on.
#[must_use]
pub fn user_of(session: &Session) -> Option<String> {
    loaded(session)?.origin.user
}

/// When the session began and when it got its present id; `None` if there is none yet, or after [`Session::clear`].
#[must_use]
pub fn times_of(session: &Session) -> Option<Times> {
    Some(loaded(session)?.origin.times)
}

/// A name for the session that can be shown: the first 16 hex digits of the SHA-256 of its id. It changes with the id.
#[must_use]
pub fn handle_of(session: &Session) -> Option<String> {
    Some(id::handle(loaded(session)?.id))
}

/// Whether the visitor should be given the cookie anew: it has an older id than the session, after a [`rotate`] whose
/// answer this visitor hasn't got yet, or is itself an old session. [`follow`] mends it.
#[must_use]
pub fn moved(session: &Session) -> bool {
    loaded(session).is_some_and(|loaded| loaded.moved)
}

/// A middleware, to stand inside of actix-session's: a visitor whose id was rotated is told the present one.
///
/// The middleware of actix-session only asks a store for the present id when the session has changed. Without a change it
/// sends the id that came with the request, or nothing, and the visitor loses the session when the grace is over.
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
/// Those of what it is wrapped around.
pub async fn follow<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let session = request.get_session();
    let response = next.call(request).await?;
    // Any other status has the present id sent, or no id at all.
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
        .expect("an id, two times and two words are always JSON");
}
