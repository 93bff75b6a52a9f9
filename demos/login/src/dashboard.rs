//! The dashboard, which only a logged-in visitor sees.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use server::{Format, Scripts, page_response};

use crate::{pages, response::see_other, session::LoginSession};

/// Answers `Welcome alice!` and the flash message, or redirects to the login form.
pub(crate) async fn show(request: HttpRequest, session: LoginSession) -> HttpResponse {
    let Some(user) = session.user() else {
        return see_other("/login");
    };
    let flash = session.take_flash();
    if Format::wanted(&request) == Format::Page {
        page_response(
            StatusCode::OK,
            pages::dashboard(&request, &user, flash.as_deref()),
            Scripts::None,
        )
    } else {
        let flash = flash.map(|flash| format!("{flash}\n")).unwrap_or_default();
        HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(format!("Welcome {}!\n{flash}", user.as_str()))
    }
}
