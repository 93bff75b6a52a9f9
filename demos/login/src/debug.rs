//! A slow request for experiments (`--lab`). While it is in flight, other requests can change its
//! session.

use std::time::Duration;

use actix_web::{Error, HttpResponse, http::StatusCode, rt::time::sleep, web::Query};
use serde::Deserialize;
use serde_json::json;
use server::session_for_log;

use crate::{error::ApiError, session::LoginSession, user::UserId};

/// The query of `POST /slow?for=2s&then=renew`.
#[derive(Deserialize)]
pub(crate) struct Slow {
    /// How long the request takes. The default is 2 seconds.
    #[serde(rename = "for")]
    duration: Option<String>,
    #[serde(default)]
    then: Then,
}

/// The change that the request makes to the session at its end, before it counts.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Then {
    #[default]
    Count,
    Renew,
    Rotate,
    /// Logs in as the session's user, or as `somebody` if it has none.
    LogIn,
}

/// The longest duration, well below the load balancer's timeout.
const MAX_DURATION: Duration = Duration::from_secs(20);

pub(crate) async fn slow(query: Query<Slow>, session: LoginSession) -> Result<HttpResponse, Error> {
    let duration = humantime::parse_duration(query.duration.as_deref().unwrap_or("2s"))
        .ok()
        .filter(|duration| *duration <= MAX_DURATION)
        .ok_or_else(|| {
            let message = "give a duration of at most 20s, for example for=2s";
            ApiError::new(StatusCode::BAD_REQUEST, message).for_field("for")
        })?;
    log::info!("slow: begun sessionID={}", session_for_log());
    sleep(duration).await;
    match query.then {
        Then::Count => {}
        Then::Renew => session.renew(),
        Then::Rotate => session.rotate(),
        Then::LogIn => {
            let somebody = || UserId::new("somebody".to_owned());
            session.log_in(&session.user().map_or_else(somebody, Ok)?)?;
        }
    }
    Ok(HttpResponse::Ok().json(json!({ "count": session.count_up()? })))
}
