//! Login and logout.

use actix_web::{
    Error, HttpRequest, HttpResponse, Responder, ResponseError,
    http::{StatusCode, header::LOCATION},
    web::{Data, Payload},
};
use server::{Format, InstanceName, Scripts, page_response};
use session_pubsub::Hub;

use crate::{
    body, browser, limits::Rates, messages, pages, response::see_other, session::LoginSession,
    user::UserId,
};

/// Makes the browser forget its cache and storage (W3C Clear Site Data). `"cookies"` would also remove the cookies of
/// other applications on this host.
const CLEAR_SITE_DATA: (&str, &str) = ("Clear-Site-Data", "\"cache\", \"storage\"");

pub(crate) async fn form(request: HttpRequest, session: LoginSession) -> impl Responder {
    let page = pages::login(&request, &session, None);
    page_response(StatusCode::OK, page, Scripts::None)
}

/// Logs in with `{"userId":"alice"}` from a program, or with the form.
pub(crate) async fn log_in(
    request: HttpRequest,
    payload: Payload,
    session: LoginSession,
    hub: Data<Hub>,
    rates: Data<Rates>,
) -> Result<HttpResponse, Error> {
    let user = match body::field(&request, payload, UserId::FIELD, UserId::MAX_BODY)
        .await
        .and_then(|text| UserId::new(&text))
        .and_then(|user| rates.check_login(&request, &user).map(|()| user))
    {
        Ok(user) => user,
        Err(error) if Format::wanted(&request) == Format::Page => {
            let page = pages::login(&request, &session, Some(&error));
            let response = page_response(error.status_code(), page, Scripts::None);
            return Ok(error.with_headers(response));
        }
        Err(error) => return Err(error.into()),
    };

    // HERE a real application checks the password, or whatever else proves that this is `user`. It does so before
    // anything changes, answers a wrong password and an unknown user alike, and slows down repeated attempts. This demo
    // is about the session. It believes every user ID and must not be used for anything else.

    let id = session.log_id();
    log::info!("Login Called with user id: {user} sessionID={id}");
    end_streams(&session, hub);
    session.log_in(
        &user,
        InstanceName::of(&request).as_str(),
        browser::name(&request),
    )?;
    Ok(if body::is_json(&request) {
        HttpResponse::Ok().json(serde_json::json!({ UserId::FIELD: user.as_str() }))
    } else {
        see_other("/dashboard")
    })
}

/// Ends the session, and removes what else the browser keeps of it.
pub(crate) async fn log_out(session: LoginSession, hub: Data<Hub>) -> HttpResponse {
    if let Some(user) = session.user() {
        let id = session.log_id();
        log::info!("Logout Called by user id: {user} sessionID={id}");
    }
    end_streams(&session, hub);
    session.log_out();
    HttpResponse::SeeOther()
        .insert_header((LOCATION, "/login"))
        .insert_header(CLEAR_SITE_DATA)
        .finish()
}

/// Ends the message streams of the session that this request ends.
fn end_streams(session: &LoginSession, hub: Data<Hub>) {
    if let (Some(_), Some(handle)) = (session.user(), session.handle()) {
        // After the store has ended the session: a browser that reconnects before still has it.
        session.after_save(async move { messages::end(&hub, &[handle]).await });
    }
}
