//! Signing in and out.

use actix_web::{
    Error, HttpRequest, HttpResponse, Responder,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web::{Data, Payload},
};
use server::{Format, InstanceInfo, Scripts, afterwards, page_response, session_for_log};
use session_pubsub::Hub;

use crate::{
    application::{Removal, see_other},
    body,
    fault::Fault,
    messages, pages,
    user::UserId,
    visit::Visit,
};

/// What a browser keeps beside the cookie (W3C Clear InstanceInfo Data). `"cookies"` would also take those of other names here.
const CLEAR_SITE_DATA: (HeaderName, HeaderValue) = (
    HeaderName::from_static("clear-site-data"),
    HeaderValue::from_static("\"cache\", \"storage\""),
);

pub(crate) async fn form(visit: Visit, site: Data<InstanceInfo>) -> impl Responder {
    page_response(
        StatusCode::OK,
        pages::login(&site, visit.user().as_ref(), None),
        Scripts::None,
    )
}

/// `{"userId":"alice"}` from a program, or the form.
pub(crate) async fn sign_in(
    request: HttpRequest,
    payload: Payload,
    visit: Visit,
    site: Data<InstanceInfo>,
    hub: Data<Hub>,
) -> Result<HttpResponse, Error> {
    let user = match body::field(&request, payload, UserId::FIELD, UserId::LONGEST_BODY)
        .await
        .and_then(UserId::new)
    {
        Ok(user) => user,
        Err(fault) => return Ok(refused(&request, &visit, &site, &fault)),
    };

    // HERE a password would be checked, or whatever else proves that this is `user`: before anything changes, with the
    // same answer for a wrong password as for an unknown user, and slowly for whoever keeps trying. This demo is about
    // the session, takes everybody at their word, and must not be used for anything else.

    end_streams(&request, &visit, hub);
    visit.sign_in(&user)?;
    log::info!(
        "Login Called with user id: {user} sessionID={}",
        session_for_log()
    );
    if body::is_json(&request) {
        Ok(HttpResponse::Ok().json(serde_json::json!({ UserId::FIELD: user.as_str() })))
    } else {
        Ok(see_other("/dashboard"))
    }
}

/// The form again, for who sees pages, with what was wrong.
fn refused(
    request: &HttpRequest,
    visit: &Visit,
    site: &InstanceInfo,
    fault: &Fault,
) -> HttpResponse {
    if Format::wanted(request) == Format::Page {
        page_response(
            fault.status(),
            pages::login(site, visit.user().as_ref(), Some(fault)),
            Scripts::None,
        )
    } else {
        fault.answer()
    }
}

pub(crate) async fn sign_out(
    request: HttpRequest,
    visit: Visit,
    removal: Data<Removal>,
    hub: Data<Hub>,
) -> impl Responder {
    signed_out(&request, &visit, &removal, hub)
}

/// Ends the streams of messages of the session that is about to end.
fn end_streams(request: &HttpRequest, visit: &Visit, hub: Data<Hub>) {
    if let Some(key) = visit.stream_key() {
        // Not before the store has ended the session: a reader could come back with it.
        afterwards(request, async move { messages::end(&hub, &key).await });
    }
}

/// Ends the session of `visit`; what else a browser keeps goes too.
pub(crate) fn signed_out(
    request: &HttpRequest,
    visit: &Visit,
    removal: &Removal,
    hub: Data<Hub>,
) -> HttpResponse {
    end_streams(request, visit, hub);
    if let Some(user) = visit.user() {
        log::info!(
            "Logout Called by user id: {user} sessionID={}",
            session_for_log()
        );
    }
    let mut answer = see_other("/login");
    answer
        .headers_mut()
        .insert(CLEAR_SITE_DATA.0, CLEAR_SITE_DATA.1);
    if !visit.end() {
        // A cookie of ours always fits a header.
        let _ = answer.add_cookie(&removal.0);
    }
    answer
}
