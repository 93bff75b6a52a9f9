//! A slow request for experiments (`--lab`). While it is in flight, other requests can change its session.

use std::time::Duration;

use actix_web::{Error, HttpResponse, http::StatusCode, rt::time::sleep, web::Query};
use serde::Deserialize;

use crate::{error::ApiError, session::LoginSession};

/// The query of `POST /slow?for=2s&then=rotate`.
#[derive(Deserialize)]
pub(crate) struct Slow {
    /// How long the request takes. The default is 2 seconds.
    #[serde(rename = "for")]
    duration: Option<String>,
    #[serde(default)]
    then: Then,
}

/// The change that the request makes to the session at its end.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Then {
    #[default]
    Count,
    Rotate,
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
    log::info!("slow: begun sessionID={}", session.log_id());
    sleep(duration).await;
    match query.then {
        Then::Count => drop(session.count_up().await?),
        Then::Rotate => session.rotate_id(),
    }
    Ok(HttpResponse::NoContent().finish())
}
