//! What only a lab wants (`--lab`): a request that takes its time, so that things can happen to its session meanwhile.

use std::time::Duration;

use actix_web::{Error, HttpResponse, http::StatusCode, rt::time::sleep, web::Query};
use serde::Deserialize;
use serde_json::json;
use server::session_for_log;

use crate::{fault::Fault, user::UserId, visit::Visit};

/// `POST /slow?for=2s&then=renew`.
#[derive(Deserialize)]
pub(crate) struct Slow {
    /// How long it takes; 2 seconds, if it isn't said.
    #[serde(rename = "for")]
    time: Option<String>,
    #[serde(default)]
    then: Then,
}

/// What it does to the session in the end.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Then {
    #[default]
    Count,
    Renew,
    Rotate,
    /// As whom the session is, or `somebody`.
    SignIn,
}

/// Well within the balancer's patience.
const LONGEST: Duration = Duration::from_secs(20);

pub(crate) async fn slow(asked: Query<Slow>, visit: Visit) -> Result<HttpResponse, Error> {
    let asked_for = humantime::parse_duration(asked.time.as_deref().unwrap_or("2s"))
        .ok()
        .filter(|time| *time <= LONGEST);
    let time = asked_for.ok_or_else(|| {
        Fault::new(
            StatusCode::BAD_REQUEST,
            "how long, as in for=2s, and no longer than 20s",
        )
        .of("for")
    })?;
    log::info!("slow: begun sessionID={}", session_for_log());
    sleep(time).await;
    match asked.then {
        Then::Count => {}
        Then::Renew => visit.renew(),
        Then::Rotate => visit.rotate(),
        Then::SignIn => visit.sign_in(
            &visit
                .user()
                .map_or_else(|| UserId::new("somebody".to_owned()), Ok)?,
        )?,
    }
    Ok(HttpResponse::Ok().json(json!({ "count": visit.count_up()? })))
}
