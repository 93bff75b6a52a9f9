//! Signing in and out.

use actix_web::{
    Error, HttpRequest, HttpResponse, Responder,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web::{Data, Payload},
};
use session_server::{Format, Scripts, Site, page_response, session_in_log};

use crate::{
    application::{Removal, see_other},
    body,
    fault::Fault,
    pages,
    user::UserId,
    visit::Visit,
};

/// What a browser keeps beside the cookie (W3C Clear Site Data). `"cookies"` would also take those of other names here.
const CLEAR_SITE_DATA: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));

pub(crate) async fn form(visit: Visit, site: Data<Site>) -> impl Responder {
    page_response(StatusCode::OK, pages::login(&site, visit.user().as_ref(), None), Scripts::None)
}

/// `{"userId":"alice"}` from a program, or the form.
pub(crate) async fn sign_in(request: HttpRequest, payload: Payload, visit: Visit, site: Data<Site>) -> Result<HttpResponse, Error> {
    let user = match body::field(&request, payload, UserId::FIELD).await.and_then(UserId::new) {
        Ok(user) => user,
        Err(fault) => return Ok(refused(&request, &visit, &site, &fault)),
    };

    // HERE a password would be checked, or whatever else proves that this is `user`: before anything changes, with the
    // same answer for a wrong password as for an unknown user, and slowly for whoever keeps trying. This demo is about
    // the session, takes everybody at their word, and must not be used for anything else.

    visit.sign_in(&user)?;
    log::info!("Login Called with user id: {user} sessionID={}", session_in_log());
    if body::is_json(&request) {
        Ok(HttpResponse::Ok().json(serde_json::json!({ UserId::FIELD: user.as_str() })))
    } else {
        Ok(see_other("/dashboard"))
    }
}

/// The form again, for who sees pages, with what was wrong.
fn refused(request: &HttpRequest, visit: &Visit, site: &Site, fault: &Fault) -> HttpResponse {
    if Format::wanted(request) == Format::Page {
        page_response(fault.status(), pages::login(site, visit.user().as_ref(), Some(fault)), Scripts::None)
    } else {
        fault.answer()
    }
}

pub(crate) async fn sign_out(visit: Visit, removal: Data<Removal>) -> impl Responder {
    signed_out(&visit, &removal)
}

/// Ends the session of `visit`; what else a browser keeps goes too.
pub(crate) fn signed_out(visit: &Visit, removal: &Removal) -> HttpResponse {
    if let Some(user) = visit.user() {
        log::info!("Logout Called by user id: {user} sessionID={}", session_in_log());
    }
    let mut answer = see_other("/login");
    answer.headers_mut().insert(CLEAR_SITE_DATA.0, CLEAR_SITE_DATA.1);
    if !visit.end() {
        // A cookie of ours always fits a header.
        let _ = answer.add_cookie(&removal.0);
    }
    answer
}
