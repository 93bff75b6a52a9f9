//! What only somebody signed in gets to see.

use actix_web::{Error, HttpRequest, HttpResponse, http::StatusCode, web::Data};
use server::{Format, InstanceInfo, Scripts, page_response};

use crate::{application::see_other, pages, visit::Visit};

/// `Welcome alice!`, and what there is to be told once; or the way to the form.
pub(crate) async fn show(
    request: HttpRequest,
    visit: Visit,
    site: Data<InstanceInfo>,
) -> Result<HttpResponse, Error> {
    let Some(user) = visit.user() else {
        return Ok(see_other("/login"));
    };
    let flash = visit.take_flash()?;
    Ok(if Format::wanted(&request) == Format::Page {
        page_response(
            StatusCode::OK,
            pages::dashboard(&site, &user, flash.as_deref()),
            Scripts::None,
        )
    } else {
        let flash = flash.map(|flash| format!("{flash}\n")).unwrap_or_default();
        HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(format!("Welcome {}!\n{flash}", user.as_str()))
    })
}
